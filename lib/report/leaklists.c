/* SPDX-License-Identifier: MIT */
/* The lists of a report of objects: all that lives, the past, the types. */
#include <config.h>

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>

#include "books/leaktypes.h"
#include "report/grouptext.h"
#include "report/leakreport.h"
#include "report/reporttext.h"

static bool
stopped(const struct pmt_leakreport *report)
{
	return report->stopped != NULL && report->stopped();
}

/* "leak.py#12", as the lists show it */
static void
print_place(FILE *out, const struct pmt_leakreport *report, uint32_t number)
{
	const struct pmt_site *site = pmt_sites_get(report->sites, number);

	pmt_print_file(out, report, site->file);
	fprintf(out, "#%" PRIu32, site->line);
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
	pmt_print_part(out, report, site->type, 40);
	putc(' ', out);
	pmt_print_part(out, report, site->function, 32);
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
	pmt_print_part(out, report, site->type, 40);
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

		pmt_print_part(out, report, type->type, 40);
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
		pmt_print_part(out, report, types.list[i].type, 40);
		fprintf(out, " %8" PRIu64 "\n", types.list[i].untracked);
	}
	free(types.list);
	return 0;
}
