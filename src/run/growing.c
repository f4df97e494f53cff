/* SPDX-License-Identifier: MIT */
#include <config.h>

#include "run/growing.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/units.h"
#include "books/leakgroups.h"
#include "books/verdict.h"
#include "cli/cli.h"
#include "report/reporttext.h"
#include "run/objects.h"

/* The program has ended, and its user waits: for a second, not for more. */
#define LONGEST_LOG (64 << 20)

/* One that is left unread is not told from one in which nothing grows. */
static bool
is_short(const char *log)
{
	struct stat status;
	char size[PMT_SIZE_TEXT];

	if (stat(log, &status) != 0 || !S_ISREG(status.st_mode))
		return false;
	if (status.st_size <= LONGEST_LOG)
		return true;
	cli_warn(0, "what grows is told by pmt-analyse: the log, of %s, takes "
		 "it a while", pmt_format_size(status.st_size, size));
	return false;
}

/* False where memory is short. */
static bool
describe(const struct pmt_sites *sites, const struct pmt_group *group,
	 struct run_growing *growing)
{
	const struct pmt_site *key = &group->key;
	struct pmt_text file = pmt_file_name(pmt_sites_name(sites, key->file),
					     false);
	char count[PMT_NUMBER_TEXT];

	if (asprintf(&growing->what, "%s %s, %.*s:%" PRIu32 " %s",
		     pmt_format_count(group->live, count),
		     pmt_sites_name(sites, key->type).bytes,
		     (int)file.length, file.bytes, key->line,
		     pmt_sites_name(sites, key->function).bytes) == -1)
		return false;
	if (group->held_by == NULL ||
	    asprintf(&growing->held, "%" PRIu64 " by %s", group->held_count,
		     group->held_by) == -1)
		growing->held = NULL;
	return true;
}

static bool
find_at_peak(const struct pmt_leaks *leaks, const struct pmt_sites *sites,
	     struct run_growing *growing)
{
	const struct pmt_choice choice = {
		.top = 1, .fold_imports = true, .when = PMT_AT_PEAK,
	};
	struct pmt_groups groups;

	if (pmt_groups_make(leaks, sites, &choice, &groups) != 0)
		return false;
	growing->at_peak = groups.count > 0 &&
			   describe(sites, &groups.list[0], growing);
	free(groups.list);
	return growing->at_peak;
}

static bool
find_growing(const struct pmt_leaks *leaks, const struct pmt_sites *sites,
	     struct run_growing *growing)
{
	const struct pmt_choice choice = { .top = 1, .fold_imports = true };
	struct pmt_verdict verdict;
	struct pmt_groups groups;
	bool found;

	if (pmt_groups_make(leaks, sites, &choice, &groups) != 0)
		return false;
	verdict = pmt_verdict_of_objects(leaks, &groups, true, 0, NULL);
	found = groups.growing > 0
		? describe(sites, &groups.list[0], growing)
		: pmt_verdict_peak_matters(&verdict, groups.live, leaks, sites,
					   &choice) &&
		  find_at_peak(leaks, sites, growing);
	free(groups.list);
	return found;
}

bool
run_growing(const char *log, struct run_growing *growing)
{
	struct run_objects objects;
	bool found = false;

	*growing = (struct run_growing){ .what = NULL };
	if (!is_short(log))
		return false;
	/* What could be read of a torn log grows as well. */
	if (run_objects_read(&objects, log) == -ENOMEM)
		cli_warn(ENOMEM, "cannot tell what grows");
	else
		found = find_growing(objects.leaks, objects.sites, growing);
	run_objects_fini(&objects);
	return found;
}
