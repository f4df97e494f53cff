/* SPDX-License-Identifier: MIT */
#include <config.h>

#include "run/screen.h"

#include <errno.h>
#include <limits.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cli/tool.h"

static void
find_analyse(char path[PATH_MAX])
{
	static const char name[] = "pmt-analyse";
	char self[PATH_MAX];
	const char *here = cli_here(self);

	if (snprintf(path, PATH_MAX, "%s/%s", here, name) >= PATH_MAX ||
	    access(path, X_OK) != 0)
		strcpy(path, name);
}

int
run_screen_print(const char *log, bool first)
{
	char path[PATH_MAX], *copy = strdup(log);
	char *brief[] = {
		path, (char []){ "--brief" }, (char []){ "--" }, copy, NULL,
	};
	char *screen[] = {
		path, (char []){ "--brief" }, (char []){ "--top=3" },
		(char []){ "--group-by=own" }, (char []){ "--" }, copy, NULL,
	};
	posix_spawn_file_actions_t actions;
	posix_spawnattr_t attributes;
	sigset_t none;
	pid_t pid;
	int err;

	find_analyse(path);
	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_adddup2(&actions, STDERR_FILENO,
					 STDOUT_FILENO);
	posix_spawnattr_init(&attributes);
	sigemptyset(&none);
	posix_spawnattr_setsigmask(&attributes, &none);
	posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK);
	err = copy == NULL ? ENOMEM
		: posix_spawnp(&pid, path, &actions, &attributes,
			       first ? screen : brief, environ);
	if (err == 0)
		waitpid(pid, NULL, 0);
	posix_spawnattr_destroy(&attributes);
	posix_spawn_file_actions_destroy(&actions);
	free(copy);
	return -err;
}
