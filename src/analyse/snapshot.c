/* SPDX-License-Identifier: MIT */
#include <config.h>

#include "analyse/snapshot.h"

#include <stdbool.h>
#include <string.h>

#include "analyse/traced.h"
#include "cli/begin.h"
#include "cli/python.h"

/* pmt-snapshot(5), or a pickle by tracemalloc, whose protocol is 2 or more. */
static bool
is_snapshot(const char *path)
{
	char room[3];
	struct pmt_text begin = cli_begin(path, room, sizeof(room));

	return traced_is(path) ||
	       (begin.length == 2 && (unsigned char)begin.bytes[0] == 0x80 &&
		begin.bytes[1] >= 2 && begin.bytes[1] <= 5);
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
