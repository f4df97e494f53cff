/* SPDX-License-Identifier: MIT */
#include <config.h>

#include "run/checks.h"

#include <string.h>

#include "run/children.h"
#include "run/objects.h"

/* What is checked, and what came of it. */
struct checking {
	const struct cli_limits *limits;
	bool failed;
};

static void
check_log(const char *path, void *context)
{
	struct checking *checking = context;
	struct run_objects objects;
	int err = run_objects_read(&objects, path);

	if (err < 0)
		checking->failed = cli_limits_exceeded(path, strerror(-err));
	else if (objects.told)
		checking->failed |= cli_limits_of_objects(checking->limits,
							  path, objects.leaks,
							  objects.sites);
	else
		checking->failed |= cli_limits_of_memory(checking->limits,
							 path,
							 &objects.footprints);
	run_objects_fini(&objects);
}

bool
run_checks_fail(const struct cli_limits *limits,
		const struct run_board *board, uint64_t peak)
{
	struct checking checking = {
		.limits = limits,
		.failed = cli_limits_of_peak(limits, NULL, peak),
	};
	const char *log = run_board_get(board, "log");

	if (limits->leak_count == 0 && !limits->growth)
		return checking.failed;
	if (log == NULL)
		return cli_limits_exceeded(NULL, "there is no log to check");
	check_log(log, &checking);
	(void)run_children_each(board, log, check_log, &checking);
	return checking.failed;
}
