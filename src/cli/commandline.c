/* SPDX-License-Identifier: MIT */
#include <config.h>

#include "cli/commandline.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/escape.h"

/* For the eye, not for a shell: an argument with a blank gets quotes. */
char *
cli_command_line(struct pmt_procfs *fs, const struct pmt_proc *proc)
{
	char arguments[4096], escaped[PMT_ESCAPED_SIZE(sizeof(arguments))];
	ssize_t length = pmt_proc_cmdline(fs, proc->pid, arguments,
					  sizeof(arguments));
	char *text = NULL;
	const char *quote;
	FILE *out;
	size_t size;

	out = open_memstream(&text, &size);
	if (out == NULL)
		return NULL;
	if (length <= 0) {
		pmt_escape_text(proc->name, strlen(proc->name), escaped);
		fprintf(out, "[%s]", length == -EACCES ? "denied" : escaped);
	}
	for (char *p = arguments; length > 0 && p < arguments + length;
	     p += strlen(p) + 1) {
		quote = *p == '\0' || strpbrk(p, " \t\"'") != NULL ? "\"" : "";
		pmt_escape_text(p, strlen(p), escaped);
		fprintf(out, "%s%s%s%s", p > arguments ? " " : "", quote,
			escaped, quote);
	}
	if (fclose(out) == 0)
		return text;
	free(text);
	return NULL;
}
