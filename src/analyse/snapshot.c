/* SPDX-License-Identifier: MIT */
/* analyse_snapshot.c - snapshots of tracemalloc are read by pmt.top. */
#include <config.h>

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "analyse/analyse.h"
#include "cli/python.h"

/* pmt-snapshot(5), or a pickle by tracemalloc, whose protocol is 2 or more. */
static bool
is_snapshot(const char *path)
{
	static const char ours[] = "{\"pmt-snapshot\":";
	char begin[sizeof(ours) - 1];
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	ssize_t n = -1;

	if (fd == -1)
		return false;
	n = pread(fd, begin, sizeof(begin), 0);
	close(fd);
	if (n != (ssize_t)sizeof(begin))
		return false;
	return memcmp(begin, ours, sizeof(begin)) == 0 ||
	       ((unsigned char)begin[0] == 0x80 && begin[1] >= 2 &&
		begin[1] <= 5);
}

static void
become_top(char **argv)
{
	char *python = need(cli_python_choose(NULL, NULL));
	char *package = need(cli_python_package());
	const char *path = getenv("PYTHONPATH");
	char **command, *slash, *pythonpath;
	size_t count = 0;

	slash = strrchr(package, '/');
	if (slash != NULL)
		*slash = '\0';
	if (asprintf(&pythonpath, "%s%s%s", package, path ? ":" : "",
		     path ? path : "") == -1 ||
	    setenv("PYTHONPATH", pythonpath, 1) == -1)
		cli_die(CLI_FAILED, errno, "cannot set the environment");
	while (argv[count] != NULL)
		count++;
	command = need(calloc(count + 3, sizeof(*command)));
	command[0] = python;
	command[1] = need(strdup("-m"));
	command[2] = need(strdup("pmt.top"));
	memcpy(command + 3, argv + 1, (count - 1) * sizeof(*command));
	execvp(python, command);
	cli_die(CLI_FAILED, errno, "cannot run '%s' for the snapshots", python);
}

void
analyse_snapshots(char **argv)
{
	for (char **arg = argv + 1; *arg != NULL; arg++) {
		if (**arg != '-' && is_snapshot(*arg))
			become_top(argv);
	}
}
