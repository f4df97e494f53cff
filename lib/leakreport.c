/* SPDX-License-Identifier: MIT */
#include <config.h>

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "analyse.h"
#include "analyse_text.h"
#include "units.h"

static struct pmt_text
name_of(const struct reading *reading, uint32_t name)
{
	return pmt_sites_name(reading->sites, name);
}

/* "leak.py#12", as the lists show it */
static void
print_place(const struct reading *reading, uint32_t number)
{
	const struct pmt_site *site = pmt_sites_get(reading->sites, number);

	print_name(stdout, file_name(name_of(reading, site->file),
				     reading->options->full_path), 0);
	printf("#%" PRIu32, site->line);
}

static void
print_totals(const struct reading *reading,
	     const struct pmt_leaks_totals *totals)
{
	char text[4][NUMBER_TEXT], sizes[3][PMT_SIZE_TEXT];

	printf("Rows: %s, from %s s to %s s of CPU time\n",
	       format_count(reading->rows, text[0]),
	       format_clock(reading->first_clock, text[1]),
	       format_clock(reading->last_clock, text[2]));
	printf("Objects: %s made, %s of them still alive\n",
	       format_count(totals->made, text[0]),
	       format_count(totals->live, text[1]));
	if (totals->untracked + totals->twice > 0)
		printf("Not paired: %s destroyed that were made before, %s "
		       "replaced unseen\n",
		       format_count(totals->untracked, text[2]),
		       format_count(totals->twice, text[3]));
	if (totals->peak_rss > 0)
		printf("Memory (RSS): %s at first, %s at most, %s at last\n",
		       pmt_format_size(totals->first_rss, sizes[0]),
		       pmt_format_size(totals->peak_rss, sizes[1]),
		       pmt_format_size(totals->last_rss, sizes[2]));
}

/* "leak.py:12 build", as far as the key goes */
static void
print_key_site(const struct reading *reading, const struct pmt_site *key)
{
	if (key->file != NO_PART)
		print_name(stdout, file_name(name_of(reading, key->file),
					     reading->options->full_path), 0);
	if (key->line != NO_PART)
		printf(":%" PRIu32, key->line);
	if (key->file != NO_PART && key->function != NO_PART)
		putchar(' ');
	if (key->function != NO_PART)
		print_name(stdout, name_of(reading, key->function), 0);
}

static void
print_group(const struct reading *reading, const struct group *group,
	    const struct groups *all, bool sizes)
{
	const struct options *options = reading->options;
	const char *bold = options->colour ?
		group->growing ? "\033[1;31m" : "\033[1m" : "";
	const char *plain = options->colour ? "\033[m" : "";
	char count[NUMBER_TEXT], first[NUMBER_TEXT], last[NUMBER_TEXT];
	char bytes[PMT_SIZE_TEXT], range[2 * NUMBER_TEXT];
	bool typed = group->key.type != NO_PART;
	double share = options->sort == SORT_BYTES && all->bytes > 0 ?
		(double)group->bytes / (double)all->bytes :
		(double)group->live / (double)all->live;

	printf("%10s %5.1f%%  ", format_count(group->live, count),
	       100 * share);
	print_curve(stdout, group->samples, GROUP_SAMPLES, options->utf8);
	printf("  %s", bold);
	if (typed)
		print_name(stdout, name_of(reading, group->key.type), 0);
	else
		print_key_site(reading, &group->key);
	printf("%s%s\n", plain, group->growing ? "  (growing)" : "");
	snprintf(range, sizeof(range), "%s - %s",
		 format_clock(group->first, first),
		 format_clock(group->last, last));
	printf("%10s         ", sizes ? pmt_format_size(group->bytes, bytes) :
	       "");
	if (typed && groups_by_site(options)) {
		printf("%-16s  ", range);
		print_key_site(reading, &group->key);
		putchar('\n');
	} else {
		printf("%s\n", range);
	}
}

static void
print_groups(const struct reading *reading, const struct pmt_leaks *leaks)
{
	const struct options *options = reading->options;
	struct groups groups = make_groups(leaks, reading->sites, options);
	size_t shown = groups.count < options->top ? groups.count :
		options->top;
	bool sizes = pmt_log_has(reading->log, PMT_COLUMN_SIZE);
	bool typed = groups_by_type(options);
	bool sited = groups_by_site(options);
	char count[NUMBER_TEXT], bytes[PMT_SIZE_TEXT];

	printf("\nWhere it leaks: %s object%s",
	       format_count(groups.live, count), groups.live == 1 ? "" : "s");
	if (sizes && groups.live > 0)
		printf(" of %s", pmt_format_size(groups.bytes, bytes));
	printf("%s alive at the end", groups.live == 1 ? " is" : " are");
	if (groups.count > 0) {
		printf("\n\n%10s  Share  %-16s  %s\n", "Alive", "over time",
		       typed ? "Type" : "Made at");
		printf("%10s         %s\n", sizes ? "Bytes" : "",
		       typed && sited ? "first - last      Made at" :
		       "first - last");
	} else {
		putchar('\n');
	}
	for (size_t i = 0; i < shown && !cli_stopped(); i++)
		print_group(reading, &groups.list[i], &groups, sizes);
	if (shown < groups.count)
		printf("%10s %zu more; --top 0 shows all\n", "...",
		       groups.count - shown);
	free(groups.list);
}

static int
compare_addresses(const void *left, const void *right)
{
	const struct pmt_object *a = *(const struct pmt_object *const *)left;
	const struct pmt_object *b = *(const struct pmt_object *const *)right;

	return (a->address > b->address) - (a->address < b->address);
}

static void
print_object(const struct reading *reading, const struct pmt_object *object)
{
	const struct pmt_site *site =
		pmt_sites_get(reading->sites, object->site);

	printf("    0x%012" PRIx64 " %.6f ", object->address,
	       (double)object->clock / 1e9);
	if (pmt_log_has(reading->log, PMT_COLUMN_LIVE))
		printf("%4" PRId32 " ", object->live);
	else
		printf("   - ");
	print_name(stdout, name_of(reading, site->type), 40);
	putchar(' ');
	print_name(stdout, name_of(reading, site->function), 32);
	putchar(' ');
	print_place(reading, object->site);
	putchar('\n');
}

static void
print_live(const struct reading *reading, const struct pmt_leaks *leaks)
{
	uint64_t live = pmt_leaks_totals(leaks)->live, count = 0;
	const struct pmt_object *object = NULL;
	const struct pmt_object **list = need(calloc(live + 1, sizeof(*list)));

	while ((object = pmt_leaks_next(leaks, object)) != NULL) {
		uint32_t type = pmt_sites_get(reading->sites,
					      object->site)->type;

		if (type_matches(reading->options, reading->sites, type))
			list[count++] = object;
	}
	qsort(list, count, sizeof(*list), compare_addresses);
	printf("Live Objects [%" PRIu64 "]:\n", count);
	for (uint64_t i = 0; i < count && !cli_stopped(); i++)
		print_object(reading, list[i]);
	free(list);
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
print_one_past(const struct reading *reading, const struct pmt_past *past)
{
	const struct pmt_site *site =
		pmt_sites_get(reading->sites, past->made.site);

	printf("    0x%012" PRIx64 " ", past->made.address);
	print_name(stdout, name_of(reading, site->type), 40);
	printf(" NEW: t: %.6f ", (double)past->made.clock / 1e9);
	print_place(reading, past->made.site);
	printf(" DEL: dt: %.6f ",
	       (double)(past->destroyed_clock - past->made.clock) / 1e9);
	print_place(reading, past->destroyed_site);
	putchar('\n');
}

/* All pairs are counted, and listed if they were kept. */
static void
print_past(const struct reading *reading, const struct pmt_leaks *leaks,
	   const struct type_count *types, size_t type_count)
{
	uint64_t total, count = 0, pairs = 0;
	const struct pmt_past *past = pmt_leaks_past(leaks, &total);
	const struct pmt_past **list = need(calloc(total + 1, sizeof(*list)));

	for (uint64_t i = 0; i < total; i++) {
		uint32_t type = pmt_sites_get(reading->sites,
					      past[i].made.site)->type;

		if (type_matches(reading->options, reading->sites, type))
			list[count++] = &past[i];
	}
	qsort(list, count, sizeof(*list), compare_past);
	for (size_t i = 0; i < type_count; i++)
		pairs += types[i].past;
	printf("Previous Objects, sorted by clock [%" PRIu64 "]:\n", pairs);
	for (uint64_t i = 0; i < count && !cli_stopped(); i++)
		print_one_past(reading, list[i]);
	free(list);
}

static void
print_types(const struct reading *reading, const struct type_count *types,
	    size_t count)
{
	printf("Type count [%zu]:\n%-40s %8s %8s %10s\n", count, "Type", "New",
	       "Del", "New - Del");
	for (size_t i = 0; i < count && !cli_stopped(); i++) {
		print_name(stdout, name_of(reading, types[i].type), 40);
		printf(" %8" PRIu64 " %8" PRIu64 " %10" PRId64 "\n",
		       types[i].made, types[i].destroyed,
		       (int64_t)(types[i].made - types[i].destroyed));
	}
}

static void
print_untracked(const struct reading *reading, const struct type_count *types,
		size_t count)
{
	size_t untracked = 0;

	for (size_t i = 0; i < count; i++)
		untracked += types[i].untracked > 0;
	printf("Untracked Objects [%zu]:\n%-40s %8s\n", untracked, "Type",
	       "Count");
	for (size_t i = 0; i < count; i++) {
		if (types[i].untracked == 0)
			continue;
		print_name(stdout, name_of(reading, types[i].type), 40);
		printf(" %8" PRIu64 "\n", types[i].untracked);
	}
}

void
print_reference(const struct reading *reading, const struct pmt_leaks *leaks)
{
	const struct options *options = reading->options;
	struct type_count *types;
	size_t count;

	print_heading(reading);
	print_totals(reading, pmt_leaks_totals(leaks));
	print_groups(reading, leaks);
	if (options->brief)
		return;
	putchar('\n');
	types = count_types(leaks, reading->sites, options, &count);
	if (options->include_untracked)
		print_untracked(reading, types, count);
	print_live(reading, leaks);
	print_past(reading, leaks, types, count);
	print_types(reading, types, count);
	free(types);
}
