/* SPDX-License-Identifier: MIT */
#include <config.h>

#include "cli/tool.h"

#include <errno.h>
#include <libgen.h>
#include <signal.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cli/cli.h"

const char *
cli_here(char self[PATH_MAX])
{
	ssize_t n = readlink("/proc/self/exe", self, PATH_MAX - 1);

	if (n <= 0)
		return "/";
	self[n] = '\0';
	return dirname(self);
}

void
cli_become(char *name, char **argv)
{
	char self[PATH_MAX], path[PATH_MAX + NAME_MAX];

	snprintf(path, sizeof(path), "%s/%s", cli_here(self), name);
	argv[0] = name;
	if (cli_limit_kills())
		signal(SIGXFSZ, SIG_DFL);
	execv(path, argv);
	if (errno == ENOENT)
		execvp(name, argv);
	cli_die(errno == ENOENT ? 127 : 126, errno, "cannot run '%s'", name);
}

int
cli_run_tool(char *name, char **argv)
{
	pid_t pid = fork();
	int status;

	if (pid == 0)
		cli_become(name, argv);
	if (pid == -1)
		cli_die(126, errno, "cannot run '%s'", name);
	while (waitpid(pid, &status, 0) == -1)
		if (errno != EINTR)
			cli_die(CLI_FAILED, errno, "waiting for '%s'", name);
	return WIFSIGNALED(status) ? 128 + WTERMSIG(status)
				   : WEXITSTATUS(status);
}
