/* SPDX-License-Identifier: MIT */
#include <config.h>

#include "report/grouptext.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/units.h"
#include "log/sampled.h"
#include "report/groupparts.h"
#include "report/holdertext.h"
#include "report/reporttext.h"

enum {
	MADE_AT = PMT_GROUP_INDENT,
	CALLERS_MAX = 8,	/* of a path */
};

void
pmt_print_part(FILE *out, const struct pmt_leakreport *report, uint32_t name,
	       int width)
{
	pmt_print_name(out, pmt_sites_name(report->sites, name), width);
}

void
pmt_print_file(FILE *out, const struct pmt_leakreport *report, uint32_t file)
{
	pmt_print_name(out, pmt_file_name(pmt_sites_name(report->sites, file),
					  report->full_path), 0);
}

/* "leak.py:12 build", as far as the key goes */
static void
print_key_site(FILE *out, const struct pmt_leakreport *report,
	       const struct pmt_site *key)
{
	if (key->file != PMT_NO_PART)
		pmt_print_file(out, report, key->file);
	if (key->line != PMT_NO_PART)
		fprintf(out, ":%" PRIu32, key->line);
	if (key->file != PMT_NO_PART && key->function != PMT_NO_PART)
		putc(' ', out);
	if (key->function != PMT_NO_PART)
		pmt_print_part(out, report, key->function, 0);
}

/* " for prog.py:9 serve", where that is another place */
static void
print_own(FILE *out, const struct pmt_leakreport *report,
	  const struct pmt_site *key)
{
	const struct pmt_site own = {
		.file = key->own_file, .line = key->own_line,
		.function = key->own_function,
	};

	if (own.file == PMT_NO_PART ||
	    (own.file == key->file && own.line == key->line))
		return;
	fprintf(out, "%*sfor ", MADE_AT, "");
	print_key_site(out, report, &own);
	putc('\n', out);
}

/* "by prog.py:9 serve", whoever called, the nearest first. */
static void
print_callers(FILE *out, const struct pmt_leakreport *report, uint32_t path)
{
	const struct pmt_callpaths *paths = pmt_sites_callpaths(report->sites);
	const struct pmt_call *call = pmt_callpaths_get(paths, path);

	for (int i = 0; i < CALLERS_MAX && call != NULL; i++) {
		fprintf(out, "%*sby ", MADE_AT, "");
		print_key_site(out, report, pmt_sites_get(report->sites,
							  call->site));
		putc('\n', out);
		path = call->caller;
		call = pmt_callpaths_get(paths, path);
	}
	if (call != NULL || path == PMT_PATH_CUT)
		fprintf(out, "%*sby ...\n", MADE_AT, "");
}

/* "519 KiB", or where no sizes are known "12.5%" of all that are alive. */
static void
print_part_of(FILE *out, const struct pmt_leakreport *report,
	      const struct pmt_group *group, const struct pmt_groups *all)
{
	char size[PMT_SIZE_TEXT];

	if (report->sizes)
		fprintf(out, " %9s  ", pmt_format_size(group->bytes, size));
	else
		fprintf(out, " %8.1f%%  ", 100 * (double)group->live /
					   (double)all->live);
}

static void
print_rows(FILE *out, const struct pmt_leakreport *report,
	   const struct pmt_group *group, const struct pmt_groups *all)
{
	const char *bold = !report->colour ? "" :
			   group->growing ? "\033[1;31m" : "\033[1m";
	bool typed = group->key.type != PMT_NO_PART;
	int64_t samples[PMT_GROUP_SAMPLES];
	char count[PMT_NUMBER_TEXT];

	pmt_group_samples(group, samples);
	fprintf(out, "%10s", pmt_format_count(group->live, count));
	print_part_of(out, report, group, all);
	pmt_print_curve(out, samples, PMT_GROUP_SAMPLES, report->utf8);
	fprintf(out, "  %s", bold);
	if (typed)
		pmt_print_part(out, report, group->key.type, 0);
	else
		print_key_site(out, report, &group->key);
	fputs(report->colour ? "\033[m" : "", out);
	fputs(group->growing ? "  (growing)" : "", out);
	if (all->sample > 1)
		fprintf(out, "  +- %s", pmt_format_count(
			pmt_sampled_error(group->live, all->sample), count));
	putc('\n', out);
	if (typed && pmt_groups_by_site(&report->choice)) {
		fprintf(out, "%*s", MADE_AT, "");
		print_key_site(out, report, &group->key);
		putc('\n', out);
	}
	print_own(out, report, &group->key);
	print_callers(out, report, group->key.path);
}

void
pmt_print_columns(FILE *out, const struct pmt_leakreport *report)
{
	bool typed = pmt_groups_by_type(&report->choice);

	fprintf(out, "%10s %9s  %-16s  %s\n", "Alive",
		report->sizes ? "Size" : "Share", "over time",
		typed ? "Type" : "Made at");
	if (typed && pmt_groups_by_site(&report->choice))
		fprintf(out, "%*s%s\n", MADE_AT, "", "made at");
}

void
pmt_print_group(FILE *out, const struct pmt_leakreport *report,
		const struct pmt_groups *groups, size_t i)
{
	const struct pmt_group *group = &groups->list[i];

	print_rows(out, report, group, groups);
	/* What stays is asked about only if it is much. */
	if (pmt_group_is_part(group) ||
	    (!group->growing && report->choice.when == PMT_AT_END &&
	     group->all_bytes * 10 < (double)groups->bytes))
		return;
	if (group->held_by != NULL)
		pmt_print_holder(out, report, groups, i);
	pmt_print_with(out, report, groups, group);
}

void
pmt_print_imports(FILE *out, const struct pmt_leakreport *report,
		  const struct pmt_groups *groups)
{
	const struct pmt_group imports = {
		.live = groups->imports.count, .bytes = groups->imports.bytes,
	};
	char count[PMT_NUMBER_TEXT];

	if (imports.live == 0)
		return;
	fprintf(out, "%10s", pmt_format_count(imports.live, count));
	print_part_of(out, report, &imports, groups);
	fprintf(out, "%*s  made by imports; --imports lists them\n",
		PMT_GROUP_SAMPLES, "");
	pmt_print_importers(out, report, groups);
}
