/* SPDX-License-Identifier: MIT */
#include <config.h>

#include "report/leakreport.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/units.h"
#include "books/leaktypes.h"
#include "log/sampled.h"
#include "report/grouptext.h"
#include "report/memoryreport.h"
#include "report/reporttext.h"
#include "report/verdicttext.h"

static bool
stopped(const struct pmt_leakreport *report)
{
	return report->stopped != NULL && report->stopped();
}

static void
print_totals(FILE *out, const struct pmt_leakreport *report)
{
	struct pmt_leaks_totals totals = pmt_leaks_estimate(report->leaks);
	uint64_t sample = pmt_leaks_sample(report->leaks);
	char text[4][PMT_NUMBER_TEXT], size[PMT_SIZE_TEXT];

	fprintf(out, "Rows: %s, from %s s to %s s of CPU time\n",
		pmt_format_count(report->rows, text[0]),
		pmt_format_clock(report->first_clock, text[1]),
		pmt_format_clock(report->last_clock, text[2]));
	fprintf(out, "Objects: %s made, %s of them still alive\n",
		pmt_format_count(totals.made, text[0]),
		pmt_format_count(totals.live, text[1]));
	if (totals.freed_at_exit > 0)
		fprintf(out, "At exit: %s of these were destroyed, but count "
			"as alive\n",
			pmt_format_count(totals.freed_at_exit, text[0]));
	if (sample > 1)
		fprintf(out, "1 in %s objects was seen: numbers are estimates, "
			"what is alive is right to\n%s, 19 times out of 20\n",
			pmt_format_count(sample, text[0]),
			pmt_format_count(pmt_sampled_error(totals.live, sample),
					 text[1]));
	if (totals.untracked + totals.twice > 0)
		fprintf(out, "Not paired: %s destroyed that were made before, "
			"%s replaced unseen\n",
			pmt_format_count(totals.untracked, text[2]),
			pmt_format_count(totals.twice, text[3]));
	if (report->books > 0)
		fprintf(out, "For this report: up to %s of the memory\n",
			pmt_format_size((int64_t)report->books, size));
}

/* "at the peak, 1.234 s", "so far", "at the end" */
static void
print_when(FILE *out, const struct pmt_leakreport *report)
{
	char clock[PMT_NUMBER_TEXT];

	if (report->choice.when == PMT_AT_PEAK)
		fprintf(out, "at the peak, %s s",
			pmt_format_clock(report->peak_clock, clock));
	else
		fputs(report->running ? "so far" : "at the end", out);
}

static void
print_groups_heading(FILE *out, const struct pmt_leakreport *report,
		     const struct pmt_groups *groups)
{
	char count[PMT_NUMBER_TEXT], bytes[PMT_SIZE_TEXT];

	fprintf(out, "\nAlive ");
	print_when(out, report);
	fprintf(out, ": %s object%s", pmt_format_count(groups->live, count),
		groups->live == 1 ? "" : "s");
	/* Only what is alive at the end is measured again. */
	if (report->sizes && groups->live > 0)
		fprintf(out, " of %s%s", pmt_format_size(groups->bytes, bytes),
			report->choice.when == PMT_AT_PEAK ? " when made" : "");
	if (groups->growing > 0)
		fprintf(out, "; %zu group%s", groups->growing,
			groups->growing == 1 ? " grows" : "s grow");
	else if (report->choice.when == PMT_AT_END)
		fputs(report->narrow ? "; none of these types grows"
				     : "; no group grows", out);
	putc('\n', out);
	if (groups->count > 0)
		pmt_print_columns(out, report);
}

void
pmt_leakreport_groups(FILE *out, const struct pmt_leakreport *report,
		      const struct pmt_groups *groups)
{
	uint64_t shown = groups->count < report->choice.top
				 ? groups->count : report->choice.top;

	print_groups_heading(out, report, groups);
	for (uint64_t i = 0; i < shown && !stopped(report); i++)
		pmt_print_group(out, report, groups, i);
	if (shown < groups->count)
		fprintf(out, "%10s %" PRIu64 " more; --top 0 shows all\n",
			"...", groups->count - shown);
	pmt_print_imports(out, report, groups);
}

/* What was alive at the peak comes first where the end does not show it. */
static int
print_peak(FILE *out, const struct pmt_leakreport *report)
{
	struct pmt_leakreport peak = *report;
	struct pmt_groups groups;
	int err;

	peak.choice.when = PMT_AT_PEAK;
	if (peak.choice.top == PMT_TOP_DEFAULT)
		peak.choice.top = PMT_TOP_DEFAULT / 2;
	err = pmt_groups_make(report->leaks, report->sites, &peak.choice,
			      &groups);
	if (err != 0)
		return err;
	pmt_leakreport_groups(out, &peak, &groups);
	free(groups.list);
	return 0;
}

/*
 * No place made more and more, but memory grows: *types becomes those of which
 * many places made more.  Without, it is as it was.
 */
static int
find_growing_types(const struct pmt_leakreport *report,
		   const struct pmt_verdict *verdict,
		   const struct pmt_groups *groups, struct pmt_groups *types)
{
	struct pmt_choice by_type = report->choice;
	int err;

	if (groups->growing > 0 || !verdict->still_growing ||
	    report->choice.when != PMT_AT_END || report->choice.group_by != 0)
		return 0;
	by_type.group_by = PMT_GROUP_TYPE;
	err = pmt_groups_make(report->leaks, report->sites, &by_type, types);
	if (err != 0)
		*types = (struct pmt_groups){ .list = NULL };
	return err;
}

static void
print_growing_types(FILE *out, const struct pmt_leakreport *report,
		    const struct pmt_groups *types)
{
	struct pmt_leakreport by_type = *report;

	by_type.choice.group_by = PMT_GROUP_TYPE;
	if (types->growing > 0)
		fputs("Types that grow, made at more and more places:\n",
		      out);
	for (size_t i = 0; i < types->growing && i < 3; i++)
		pmt_print_group(out, &by_type, types, i);
}

int
pmt_leakreport_leaks(FILE *out, const struct pmt_leakreport *asked)
{
	const struct pmt_footprints *footprints =
		pmt_leaks_footprints(asked->leaks);
	struct pmt_leakreport copy = *asked, *report = &copy;
	struct pmt_verdict verdict;
	struct pmt_groups groups, types = { .list = NULL };
	int err = pmt_groups_make(report->leaks, report->sites,
				  &report->choice, &groups);
	size_t growing;

	if (err != 0)
		return err;
	report->peak_clock = footprints->mark_clock;
	verdict = pmt_verdict_of_objects(report->leaks, &groups,
					 report->sizes, report->books,
					 report->tracer);
	err = find_growing_types(report, &verdict, &groups, &types);
	growing = groups.growing + types.growing;
	verdict.peak = report->choice.when == PMT_AT_END &&
		       pmt_verdict_peak_matters(&verdict, groups.live,
						report->leaks, report->sites,
						&report->choice);
	print_totals(out, report);
	pmt_print_footprints(out, footprints);
	pmt_print_verdict(out, &verdict, growing);
	if (err == 0 && verdict.peak)
		err = print_peak(out, report);
	pmt_leakreport_groups(out, report, &groups);
	print_growing_types(out, report, &types);
	pmt_print_next(out, &verdict, growing);
	free(groups.list);
	free(types.list);
	return err;
}
