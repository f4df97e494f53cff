/* SPDX-License-Identifier: MIT */
#include <config.h>

#include "run/growing.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "books/leakgroups.h"
#include "report/reporttext.h"
#include "run/objects.h"

/* The program has ended, and its user waits: for a second, not for more. */
#define LONGEST_LOG (64 << 20)

static bool
is_short(const char *log)
{
	struct stat status;

	return stat(log, &status) == 0 && S_ISREG(status.st_mode) &&
	       status.st_size <= LONGEST_LOG;
}

static char *
describe(const struct pmt_sites *sites, const struct pmt_group *group,
	 char **held)
{
	const struct pmt_site *key = &group->key;
	struct pmt_text file = pmt_file_name(pmt_sites_name(sites, key->file),
					     false);
	char count[PMT_NUMBER_TEXT], *text;

	if (asprintf(&text, "%s %s, %.*s:%" PRIu32 " %s",
		     pmt_format_count(group->live, count),
		     pmt_sites_name(sites, key->type).bytes,
		     (int)file.length, file.bytes, key->line,
		     pmt_sites_name(sites, key->function).bytes) == -1)
		return NULL;
	if (group->held_by == NULL ||
	    asprintf(held, "%" PRIu64 " by %s", group->held_count,
		     group->held_by) == -1)
		*held = NULL;
	return text;
}

static char *
find_growing(const struct pmt_leaks *leaks, const struct pmt_sites *sites,
	     char **held)
{
	const struct pmt_choice choice = { .top = 1, .fold_imports = true };
	struct pmt_groups groups;
	char *text = NULL;

	if (pmt_groups_make(leaks, sites, &choice, &groups) != 0)
		return NULL;
	if (groups.growing > 0)
		text = describe(sites, &groups.list[0], held);
	free(groups.list);
	return text;
}

char *
run_growing(const char *log, char **held)
{
	struct run_objects objects;
	char *text;

	if (!is_short(log))
		return NULL;
	/* What could be read of a torn log grows as well. */
	pmt_ignore(run_objects_read(&objects, log));
	text = find_growing(objects.leaks, objects.sites, held);
	run_objects_fini(&objects);
	return text;
}
