/* SPDX-License-Identifier: MIT */
#include <config.h>

#include "analyse/snapshot.h"

#include <fcntl.h>
#include <stdbool.h>
#include <string.h>
#include <unistd.h>

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

void
snapshot_become_top(char **argv)
{
	for (char **arg = argv + 1; *arg != NULL; arg++)
		if (strcmp(*arg, "--compare") == 0)
			return;
	for (char **arg = argv + 1; *arg != NULL; arg++) {
		if (**arg != '-' && is_snapshot(*arg))
			cli_python_become("pmt.top.__main__", argv + 1);
	}
}
