/* SPDX-License-Identifier: MIT */
#include <config.h>

#include "report/leakreport.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/units.h"
#include "report/memoryreport.h"
#include "report/reporttext.h"

enum {
	MADE_AT = 12,		/* column of the lines below a group's first */
	HOLDER_WIDTH = 61,	/* columns left for who holds a type */
};

static bool
stopped(const struct pmt_leakreport *report)
{
	return report->stopped != NULL && report->stopped();
}

static void
print_part(FILE *out, const struct pmt_leakreport *report, uint32_t name,
	   int width)
{
	pmt_print_name(out, pmt_sites_name(report->sites, name), width);
}

static void
print_file(FILE *out, const struct pmt_leakreport *report, uint32_t file)
{
	pmt_print_name(out, pmt_file_name(pmt_sites_name(report->sites, file),
					  report->full_path), 0);
}

/* "leak.py#12", as the lists show it */
static void
print_place(FILE *out, const struct pmt_leakreport *report, uint32_t number)
{
	const struct pmt_site *site = pmt_sites_get(report->sites, number);

	print_file(out, report, site->file);
	fprintf(out, "#%" PRIu32, site->line);
}

static void
print_totals(FILE *out, const struct pmt_leakreport *report)
{
	const struct pmt_leaks_totals *totals = pmt_leaks_totals(report->leaks);
	char text[4][PMT_NUMBER_TEXT], size[PMT_SIZE_TEXT];

	fprintf(out, "Rows: %s, from %s s to %s s of CPU time\n",
		pmt_format_count(report->rows, text[0]),
		pmt_format_clock(report->first_clock, text[1]),
		pmt_format_clock(report->last_clock, text[2]));
	fprintf(out, "Objects: %s made, %s of them still alive\n",
		pmt_format_count(totals->made, text[0]),
		pmt_format_count(totals->live, text[1]));
	if (totals->untracked + totals->twice > 0)
		fprintf(out, "Not paired: %s destroyed that were made before, "
			"%s replaced unseen\n",
			pmt_format_count(totals->untracked, text[2]),
			pmt_format_count(totals->twice, text[3]));
	if (report->books > 0)
		fprintf(out, "For this report: up to %s of the memory\n",
			pmt_format_size((int64_t)report->books, size));
}

/* "leak.py:12 build", as far as the key goes */
static void
print_key_site(FILE *out, const struct pmt_leakreport *report,
	       const struct pmt_site *key)
{
	if (key->file != PMT_NO_PART)
		print_file(out, report, key->file);
	if (key->line != PMT_NO_PART)
		fprintf(out, ":%" PRIu32, key->line);
	if (key->file != PMT_NO_PART && key->function != PMT_NO_PART)
		putc(' ', out);
	if (key->function != PMT_NO_PART)
		print_part(out, report, key->function, 0);
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
print_group(FILE *out, const struct pmt_leakreport *report,
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
		print_part(out, report, group->key.type, 0);
	else
		print_key_site(out, report, &group->key);
	fprintf(out, "%s%s\n", report->colour ? "\033[m" : "",
		group->growing ? "  (growing)" : "");
	if (typed && pmt_groups_by_site(&report->choice)) {
		fprintf(out, "%*s", MADE_AT, "");
		print_key_site(out, report, &group->key);
		putc('\n', out);
	}
	print_own(out, report, &group->key);
}

/* Holders are known of a type: they stand with its first group. */
static bool
is_first_of_type(const struct pmt_groups *groups, uint64_t number)
{
	for (uint64_t i = 0; i < number; i++)
		if (groups->list[i].key.type == groups->list[number].key.type)
			return false;
	return groups->list[number].key.type != PMT_NO_PART;
}

/* The middle of a long path says least. */
static void
print_holder(FILE *out, const struct pmt_leakreport *report,
	     const struct pmt_group *group)
{
	const char *by = pmt_held_find(
		pmt_leaks_held(report->leaks),
		pmt_sites_name(report->sites, group->key.type), 0);
	const size_t end = (HOLDER_WIDTH - 3) / 2;
	struct pmt_text text;

	if (by == NULL)
		return;
	text = (struct pmt_text){ by, strlen(by) };
	fprintf(out, "%*sheld: ", MADE_AT, "");
	if (text.length > HOLDER_WIDTH) {
		pmt_print_name(out, (struct pmt_text){ by, end }, 0);
		fputs("...", out);
		text.bytes += text.length - end;
		text.length = end;
	}
	pmt_print_name(out, text, 0);
	putc('\n', out);
}

static void
print_columns(FILE *out, const struct pmt_leakreport *report)
{
	bool typed = pmt_groups_by_type(&report->choice);

	fprintf(out, "%10s %9s  %-16s  %s\n", "Alive",
		report->sizes ? "Size" : "Share", "over time",
		typed ? "Type" : "Made at");
	if (typed && pmt_groups_by_site(&report->choice))
		fprintf(out, "%*s%s\n", MADE_AT, "", "made at");
}

/* "at the peak, 1.234 s", "so far", "at the end" */
static void
print_when(FILE *out, const struct pmt_leakreport *report)
{
	const struct pmt_footprints *footprints =
		pmt_leaks_footprints(report->leaks);
	char clock[PMT_NUMBER_TEXT];

	if (report->choice.when == PMT_AT_PEAK)
		fprintf(out, "at the peak, %s s",
			pmt_format_clock(footprints->peak_clock, clock));
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
	if (report->sizes && groups->live > 0)
		fprintf(out, " of %s", pmt_format_size(groups->bytes, bytes));
	if (groups->growing > 0)
		fprintf(out, "; %zu group%s", groups->growing,
			groups->growing == 1 ? " grows" : "s grow");
	else if (report->choice.when == PMT_AT_END)
		fprintf(out, "; no group grows");
	putc('\n', out);
	if (groups->count > 0)
		print_columns(out, report);
}

static void
print_imports(FILE *out, const struct pmt_leakreport *report,
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
	fprintf(out, "%*s  made by imports\n",
		PMT_GROUP_SAMPLES, "");
}

static void
print_groups(FILE *out, const struct pmt_leakreport *report,
	     const struct pmt_groups *groups)
{
	uint64_t shown = groups->count < report->choice.top
				 ? groups->count : report->choice.top;

	print_groups_heading(out, report, groups);
	for (uint64_t i = 0; i < shown && !stopped(report); i++) {
		print_group(out, report, &groups->list[i], groups);
		if (groups->list[i].growing && is_first_of_type(groups, i))
			print_holder(out, report, &groups->list[i]);
	}
	if (shown < groups->count)
		fprintf(out, "%10s %" PRIu64 " more; --top 0 shows all\n",
			"...", groups->count - shown);
	print_imports(out, report, groups);
}

/*
 * Does the end hide what mattered?  RSS fell by a fifth of what it had grown
 * by, or half of the objects of the peak are gone, as after a teardown.
 */
static bool
peak_matters(const struct pmt_verdict *verdict, const struct pmt_groups *peak,
	     const struct pmt_groups *end)
{
	uint64_t fallen = verdict->peak_growth - verdict->growth;

	return (verdict->peak_growth > verdict->growth && fallen >= 2 << 20 &&
		fallen >= verdict->peak_growth / 5) ||
	       (peak->live >= 1000 && end->live < peak->live / 2);
}

/* What was alive at the peak comes first where the end does not show it. */
static int
print_peak(FILE *out, const struct pmt_leakreport *report,
	   const struct pmt_verdict *verdict, const struct pmt_groups *end)
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
	if (peak_matters(verdict, &groups, end))
		print_groups(out, &peak, &groups);
	free(groups.list);
	return 0;
}

int
pmt_leakreport_leaks(FILE *out, const struct pmt_leakreport *report)
{
	const struct pmt_footprints *footprints =
		pmt_leaks_footprints(report->leaks);
	struct pmt_verdict verdict;
	struct pmt_groups groups;
	int err = pmt_groups_make(report->leaks, report->sites,
				  &report->choice, &groups);

	if (err != 0)
		return err;
	verdict = pmt_verdict_of(footprints, report->sizes
						     ? groups.bytes
						     : PMT_VERDICT_NO_SIZES);
	verdict.narrow = report->narrow;
	print_totals(out, report);
	pmt_print_footprints(out, footprints);
	pmt_print_verdict(out, &verdict, groups.growing);
	if (report->choice.when == PMT_AT_END)
		err = print_peak(out, report, &verdict, &groups);
	print_groups(out, report, &groups);
	pmt_print_next(out, &verdict, groups.growing);
	free(groups.list);
	return err;
}

static int
compare_addresses(const void *left, const void *right)
{
	const struct pmt_object *a = *(const struct pmt_object *const *)left;
	const struct pmt_object *b = *(const struct pmt_object *const *)right;

	return (a->address > b->address) - (a->address < b->address);
}

static void
print_object(FILE *out, const struct pmt_leakreport *report,
	     const struct pmt_object *object)
{
	const struct pmt_site *site =
		pmt_sites_get(report->sites, object->site);

	fprintf(out, "    0x%012" PRIx64 " %.6f ", object->address,
		(double)object->clock / 1e9);
	if (report->live_counts)
		fprintf(out, "%4" PRId32 " ", object->live);
	else
		fprintf(out, "   - ");
	print_part(out, report, site->type, 40);
	putc(' ', out);
	print_part(out, report, site->function, 32);
	putc(' ', out);
	print_place(out, report, object->site);
	putc('\n', out);
}

static bool
is_chosen(const struct pmt_leakreport *report, uint32_t site)
{
	return pmt_type_chosen(&report->choice, report->sites,
			       pmt_sites_get(report->sites, site)->type);
}

static int
print_live(FILE *out, const struct pmt_leakreport *report)
{
	uint64_t live = pmt_leaks_totals(report->leaks)->live, count = 0;
	const struct pmt_object *object = NULL;
	const struct pmt_object **list = calloc(live + 1, sizeof(*list));

	if (list == NULL)
		return -ENOMEM;
	while ((object = pmt_leaks_next(report->leaks, object)) != NULL)
		if (is_chosen(report, object->site))
			list[count++] = object;
	qsort(list, count, sizeof(*list), compare_addresses);
	fprintf(out, "Live Objects [%" PRIu64 "]:\n", count);
	for (uint64_t i = 0; i < count && !stopped(report); i++)
		print_object(out, report, list[i]);
	free(list);
	return 0;
}

static int
compare_past(const void *left, const void *right)
{
	const struct pmt_past *a = *(const struct pmt_past *const *)left;
	const struct pmt_past *b = *(const struct pmt_past *const *)right;

	if (a->made.clock != b->made.clock)
		return a->made.clock < b->made.clock ? -1 : 1;
	return (a->made.line > b->made.line) - (a->made.line < b->made.line);
}

static void
print_one_past(FILE *out, const struct pmt_leakreport *report,
	       const struct pmt_past *past)
{
	const struct pmt_site *site =
		pmt_sites_get(report->sites, past->made.site);

	fprintf(out, "    0x%012" PRIx64 " ", past->made.address);
	print_part(out, report, site->type, 40);
	fprintf(out, " NEW: t: %.6f ", (double)past->made.clock / 1e9);
	print_place(out, report, past->made.site);
	fprintf(out, " DEL: dt: %.6f ",
		(double)(past->destroyed_clock - past->made.clock) / 1e9);
	print_place(out, report, past->destroyed_site);
	putc('\n', out);
}

static uint64_t
count_pairs(const struct pmt_leakreport *report)
{
	uint64_t pairs = 0;

	for (uint32_t i = 0; i < pmt_sites_count(report->sites); i++) {
		const struct pmt_site_life *life =
			pmt_leaks_site(report->leaks, i);

		if (life != NULL && life->past > 0 && is_chosen(report, i))
			pairs += life->past;
	}
	return pairs;
}

/* All pairs are counted, and listed if they were kept. */
static int
print_past(FILE *out, const struct pmt_leakreport *report)
{
	uint64_t total, count = 0;
	const struct pmt_past *past = pmt_leaks_past(report->leaks, &total);
	const struct pmt_past **list = calloc(total + 1, sizeof(*list));

	if (list == NULL)
		return -ENOMEM;
	for (uint64_t i = 0; i < total; i++)
		if (is_chosen(report, past[i].made.site))
			list[count++] = &past[i];
	qsort(list, count, sizeof(*list), compare_past);
	fprintf(out, "Previous Objects, sorted by clock [%" PRIu64 "]:\n",
		count_pairs(report));
	for (uint64_t i = 0; i < count && !stopped(report); i++)
		print_one_past(out, report, list[i]);
	free(list);
	return 0;
}

int
pmt_leakreport_objects(FILE *out, const struct pmt_leakreport *report)
{
	int err = print_live(out, report);

	return err != 0 ? err : print_past(out, report);
}

int
pmt_leakreport_types(FILE *out, const struct pmt_leakreport *report)
{
	struct pmt_type_counts types;
	int err = pmt_types_count(report->leaks, report->sites,
				  &report->choice, &types);

	if (err != 0)
		return err;
	fprintf(out, "Type count [%zu]:\n%-40s %8s %8s %10s\n", types.count,
		"Type", "New", "Del", "New - Del");
	for (size_t i = 0; i < types.count && !stopped(report); i++) {
		const struct pmt_type_count *type = &types.list[i];

		print_part(out, report, type->type, 40);
		fprintf(out, " %8" PRIu64 " %8" PRIu64 " %10" PRId64 "\n",
			type->made, type->destroyed,
			(int64_t)(type->made - type->destroyed));
	}
	free(types.list);
	return 0;
}

int
pmt_leakreport_untracked(FILE *out, const struct pmt_leakreport *report)
{
	struct pmt_type_counts types;
	size_t untracked = 0;
	int err = pmt_types_count(report->leaks, report->sites,
				  &report->choice, &types);

	if (err != 0)
		return err;
	for (size_t i = 0; i < types.count; i++)
		untracked += types.list[i].untracked > 0;
	fprintf(out, "Untracked Objects [%zu]:\n%-40s %8s\n", untracked,
		"Type", "Count");
	for (size_t i = 0; i < types.count; i++) {
		if (types.list[i].untracked == 0)
			continue;
		print_part(out, report, types.list[i].type, 40);
		fprintf(out, " %8" PRIu64 "\n", types.list[i].untracked);
	}
	free(types.list);
	return 0;
}
