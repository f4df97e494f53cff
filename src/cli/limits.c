/* SPDX-License-Identifier: MIT */
#include <config.h>

#include "cli/limits.h"

#include <fnmatch.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/units.h"
#include "books/leakgroups.h"
#include "books/verdict.h"
#include "cli/cli.h"
#include "cli/name.h"

void
cli_limits_set_budget(struct cli_limits *limits, struct argp_state *state,
		      const char *arg)
{
	uint64_t size = cli_size(state, "--budget", arg);

	if (size == 0 || size > INT64_MAX)
		argp_error(state, "--budget: '%s' is no size of memory", arg);
	limits->budget = size;
}

/* "N" or "TYPE=N" */
void
cli_limits_add_leak(struct cli_limits *limits, struct argp_state *state,
		    char *arg)
{
	char *equals = strrchr(arg, '=');

	limits->leaks = cli_need(reallocarray(limits->leaks,
					      limits->leak_count + 1,
					      sizeof(*limits->leaks)));
	if (equals != NULL)
		*equals = '\0';
	limits->leaks[limits->leak_count++] = (struct cli_leak_limit){
		.type = equals != NULL ? arg : NULL,
		.count = cli_count(state, "--fail-on-leak",
				   equals != NULL ? equals + 1 : arg, 0,
				   INT64_MAX),
	};
}

bool
cli_limits_exceeded(const char *log, const char *what)
{
	char *name = cli_printable(log == NULL ? "" : cli_base_name(log));
	char *text = cli_printable(what);

	cli_warn(0, "failed: %s%s%s", name, log != NULL ? ": " : "", text);
	free(name);
	free(text);
	return true;
}

bool
cli_limits_of_peak(const struct cli_limits *limits, const char *log,
		   uint64_t peak)
{
	char had[PMT_SIZE_TEXT], budget[PMT_SIZE_TEXT];
	char text[2 * PMT_SIZE_TEXT + 40];

	if (limits->budget == 0 || peak <= limits->budget)
		return false;
	snprintf(text, sizeof(text), "%s of memory at the peak, more than %s",
		 pmt_format_size((int64_t)peak, had),
		 pmt_format_size((int64_t)limits->budget, budget));
	return cli_limits_exceeded(log, text);
}

bool
cli_limits_of_memory(const struct cli_limits *limits, const char *log,
		     const struct pmt_footprints *footprints)
{
	struct pmt_verdict verdict = pmt_verdict_of(footprints,
						    PMT_VERDICT_CODE, 0);
	char size[PMT_SIZE_TEXT], text[PMT_SIZE_TEXT + 48];

	if (!limits->growth || !verdict.still_growing ||
	    verdict.finding == PMT_FINDING_STEADY)
		return false;
	snprintf(text, sizeof(text), "memory grew by %s, and to the end",
		 pmt_format_size((int64_t)verdict.growth, size));
	return cli_limits_exceeded(log, text);
}

/* Who writes "Session" means any, and would otherwise never fail. */
static bool
matches(const char *pattern, const char *type)
{
	const char *dot = strrchr(type, '.');

	return fnmatch(pattern, type, 0) == 0 ||
	       (strchr(pattern, '.') == NULL && dot != NULL &&
		fnmatch(pattern, dot + 1, 0) == 0);
}

static bool
counts(const struct cli_leak_limit *limit, const struct pmt_group *group,
       const char *type)
{
	return limit->type == NULL ? group->growing
				   : matches(limit->type, type);
}

static bool
leak_exceeds(const struct cli_leak_limit *limit, const char *log,
	     const struct pmt_groups *groups, const struct pmt_sites *sites)
{
	uint64_t alive = 0;
	char *text;

	for (size_t i = 0; i < groups->count; i++) {
		const struct pmt_group *group = &groups->list[i];

		if (counts(limit, group,
			   pmt_sites_name(sites, group->key.type).bytes))
			alive += group->live;
	}
	if (alive <= limit->count)
		return false;
	if (asprintf(&text, "%s%" PRIu64 " objects %s %s alive, more than %"
		     PRIu64, groups->sample > 1 ? "about " : "", alive,
		     limit->type == NULL ? "that grow" : "of",
		     limit->type == NULL ? "are" : limit->type,
		     limit->count) == -1)
		cli_need(NULL);
	cli_limits_exceeded(log, text);
	free(text);
	return true;
}

bool
cli_limits_of_objects(const struct cli_limits *limits, const char *log,
		      const struct pmt_leaks *leaks,
		      const struct pmt_sites *sites)
{
	const struct pmt_choice choice = { .top = UINT64_MAX };
	struct pmt_groups groups;
	bool exceeded = false;
	char text[64];

	if (limits->leak_count == 0 && !limits->growth)
		return false;
	if (pmt_groups_make(leaks, sites, &choice, &groups) != 0)
		cli_need(NULL);
	for (size_t i = 0; i < limits->leak_count; i++)
		exceeded |= leak_exceeds(&limits->leaks[i], log, &groups,
					 sites);
	if (limits->growth && groups.growing > 0) {
		snprintf(text, sizeof(text), "%zu group%s of objects grow%s "
			 "to the end", groups.growing,
			 groups.growing == 1 ? "" : "s",
			 groups.growing == 1 ? "s" : "");
		exceeded |= cli_limits_exceeded(log, text);
	}
	free(groups.list);
	return exceeded;
}

void
cli_limits_fini(struct cli_limits *limits)
{
	free(limits->leaks);
}
