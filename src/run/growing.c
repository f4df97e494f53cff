/* SPDX-License-Identifier: MIT */
#include <config.h>

#include "run/growing.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "books/leakgroups.h"
#include "books/leaks.h"
#include "log/sampled.h"
#include "read/logread.h"
#include "report/reporttext.h"

/* The program has ended, and its user waits: for a second, not for more. */
#define LONGEST_LOG (64 << 20)

static bool
is_short(const char *log)
{
	struct stat status;

	return stat(log, &status) == 0 && S_ISREG(status.st_mode) &&
	       status.st_size <= LONGEST_LOG;
}

static struct pmt_leaks *
read_log(struct pmt_log *log)
{
	struct pmt_leaks *leaks = pmt_leaks_new(INT64_MIN, false);
	struct pmt_object former;
	struct pmt_event event;
	uint64_t rows = 0;

	while (leaks != NULL && pmt_log_next(log, &event) == 1) {
		if (rows++ == 0 && event.row == PMT_ROW_MSG)
			pmt_leaks_set_sample(leaks, pmt_sampled(event.text));
		else if (event.row == PMT_ROW_MSG)
			(void)pmt_leaks_note(leaks, event.clock, event.text);
		else if (event.row <= PMT_ROW_DEL &&
			 pmt_leaks_add(leaks, &event, &former) != 0)
			break;
	}
	return leaks;
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

	if (leaks == NULL ||
	    pmt_groups_make(leaks, sites, &choice, &groups) != 0)
		return NULL;
	if (groups.growing > 0)
		text = describe(sites, &groups.list[0], held);
	free(groups.list);
	return text;
}

char *
run_growing(const char *log, char **held)
{
	struct pmt_sites *sites = is_short(log) ? pmt_sites_new() : NULL;
	struct pmt_leaks *leaks;
	struct pmt_log *opened;
	char *text = NULL;

	if (sites != NULL && pmt_log_open(log, sites, NULL, &opened) == 0) {
		leaks = read_log(opened);
		text = find_growing(leaks, sites, held);
		pmt_leaks_free(leaks);
		pmt_log_close(opened);
	}
	pmt_sites_free(sites);
	return text;
}
