/* SPDX-License-Identifier: MIT */
#include <config.h>

#include "cli/openmetrics.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

void
openmetrics_head(FILE *out, const char *name, const char *type,
		 const char *unit, const char *help)
{
	fprintf(out, "# TYPE %s %s\n", name, type);
	if (unit != NULL)
		fprintf(out, "# UNIT %s %s\n", name, unit);
	fprintf(out, "# HELP %s %s\n", name, help);
}

/* Backslash, quote and newline have escapes; the rest must be UTF-8. */
void
openmetrics_value(FILE *out, const char *text, size_t length)
{
	putc('"', out);
	for (size_t i = 0; i < length; i++) {
		if (text[i] == '\n')
			fputs("\\n", out);
		else if (text[i] == '\\' || text[i] == '"')
			fprintf(out, "\\%c", text[i]);
		else if ((unsigned char)text[i] >= 0x7f ||
			 (unsigned char)text[i] < ' ')
			putc('?', out);
		else
			putc(text[i], out);
	}
	putc('"', out);
}

int
openmetrics_replace(const char *file, unsigned mode,
		    void (*print)(FILE *out, const void *what),
		    const void *what)
{
	mode_t mask = umask(0);
	char *other;
	FILE *out;
	int fd, err = 0;

	umask(mask);
	/* A name that the collector does not take for a finished file. */
	if (asprintf(&other, "%s.XXXXXX", file) == -1)
		return -ENOMEM;
	fd = mkstemp(other);
	out = fd == -1 ? NULL : fdopen(fd, "w");
	if (out == NULL) {
		err = -errno;
		free(other);
		return err;
	}
	print(out, what);
	if (ferror(out) || fchmod(fd, mode != 0 ? mode : 0666 & ~mask) != 0)
		err = -EIO;
	if (fclose(out) != 0)
		err = -errno;
	if (err == 0 && rename(other, file) != 0)
		err = -errno;
	if (err != 0)
		unlink(other);
	free(other);
	return err;
}
