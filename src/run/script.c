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

static void
explain(const char *script, const char *command)
{
	if (!cli_python_runs(command))
		cli_warn(0, "'%s' is no Python script; if it starts Python, "
			 "have it start pmt-run instead", script);
	else if (is_machine_code(command) || cli_python_runs(script))
		cli_warn(0, "'%s' is an interpreter: leave it out, or write "
			 "--python=%s", script, script);
	else
		cli_warn(0, "'%s' is a command: name its file, %s", script,
			 command);
}

void
run_script_explain(const char *script)
{
	char *command = NULL;

	if (script == NULL)
		return;
	if (access(script, F_OK) == -1 && strchr(script, '/') == NULL)
		command = cli_python_find(script);
	else if (is_machine_code(script))
		command = strdup(script);
	if (command != NULL)
		explain(script, command);
	free(command);
}
