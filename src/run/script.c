/* SPDX-License-Identifier: MIT */
#include <config.h>

#include "run/script.h"

#include <elf.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/cli.h"
#include "cli/python.h"

static bool
is_machine_code(const char *file)
{
	char magic[SELFMAG];
	int fd = open(file, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	bool is = fd != -1 && read(fd, magic, SELFMAG) == SELFMAG &&
		  memcmp(magic, ELFMAG, SELFMAG) == 0;

	if (fd != -1)
		close(fd);
	return is;
}

/* "python3.13t", but not "python-config". */
static bool
is_interpreter(const char *word)
{
	const char *slash = strrchr(word, '/');
	const char *name = slash != NULL ? slash + 1 : word;

	if (!cli_python_names(word))
		return false;
	name += strlen("python");
	name += strspn(name, "0123456789.");
	return name[strspn(name, "dt")] == '\0';
}

/* What the shell would run, or NULL: Python would take the file. */
static char *
command_of(const char *script)
{
	if (access(script, F_OK) == -1 && strchr(script, '/') == NULL)
		return cli_python_find(script);
	return is_machine_code(script) ? strdup(script) : NULL;
}

/* "python3 -X dev x.py": all that stands behind its name is for it. */
static void
take_interpreter(struct run_options *options)
{
	const char **word = options->argv;

	while (*++word != options->script)
		;
	options->python = options->script;
	options->script = NULL;
	do {
		word[0] = word[1];
	} while (*word++ != NULL);
}

static void
take_command(struct run_options *options, const char *command)
{
	const char **word = options->argv;

	while (*++word != options->script)
		;
	options->script = *word = command;
}

char *
run_script_resolve(struct run_options *options)
{
	char *command = options->script == NULL
				? NULL : command_of(options->script);

	if (command == NULL)
		return NULL;
	if (!is_interpreter(options->script)) {
		if (!is_machine_code(command) && cli_python_runs(command)) {
			take_command(options, command);
			return command;
		}
	} else if (options->python == NULL) {
		take_interpreter(options);
	}
	free(command);
	return NULL;
}

void
run_script_explain(const char *script)
{
	char *command = script == NULL ? NULL : command_of(script);

	if (command == NULL)
		return;
	if (is_interpreter(script))
		cli_warn(0, "'%s' is an interpreter, and --python names one: "
			 "leave out either", script);
	else
		cli_warn(0, "'%s' is no Python script; if it starts Python, "
			 "have it start pmt-run instead", script);
	free(command);
}
