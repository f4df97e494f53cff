/* SPDX-License-Identifier: MIT */
#include <config.h>

#include "analyse/compare.h"

#include <stdlib.h>
#include <string.h>

#include "analyse/measure.h"
#include "base/array.h"
#include "cli/cli.h"
#include "report/reporttext.h"

/* All logs of both sides must be of one kind; NULL after a message. */
static const struct measure *
common_measure(json_t *sides[COMPARE_SIDES])
{
	const struct measure *common = NULL;

	for (int side = 0; side < COMPARE_SIDES; side++) {
		json_t *log;
		size_t i;

		if (json_array_size(sides[side]) == 0) {
			cli_warn(0, "no %s log to compare", side == COMPARE_OLD
				 ? "old" : "new");
			return NULL;
		}
		json_array_foreach(sides[side], i, log) {
			const struct measure *measure = measure_of(log);

			if (measure == NULL || (common != NULL &&
						measure != common)) {
				cli_warn(0, "%s: logs of several kinds are not "
					 "compared", json_string_value(
					 json_object_get(log, "file")));
				return NULL;
			}
			common = measure;
		}
	}
	return common;
}

double
compare_units(const json_t *log, const struct options *options)
{
	const json_t *clock = json_object_get(log, "clock");

	if (options->per == NULL)
		return 1;
	if (strcmp(options->per, "second") != 0)
		return (double)json_integer_value(
			json_object_get(log, "units"));
	return json_number_value(json_array_get(clock, 1)) -
	       json_number_value(json_array_get(clock, 0));
}

static double *
new_values(const struct comparison *comparison, int side)
{
	return cli_need(calloc(comparison->runs[side], sizeof(double)));
}

/* The row for ENTRY; BY_KEY knows the numbers of those there are. */
static struct compare_row *
row_of(struct comparison *comparison, json_t *by_key, size_t *room,
       const json_t *entry)
{
	struct compare_row row = {
		.type = measure_text(entry, "type"),
		.file = measure_text(entry, "file"),
		.function = measure_text(entry, "function"),
	};
	bool has_own = comparison->has_own &&
		       !json_is_true(json_object_get(entry, "import"));
	const json_t *own = has_own ? json_object_get(entry, "own") : NULL;
	json_t *number;
	char *key;

	row.own_file = measure_text(own, "file");
	row.own_function = measure_text(own, "function");
	if (strcmp(row.own_file, row.file) == 0 &&
	    strcmp(row.own_function, row.function) == 0)
		row.own_file = row.own_function = "";
	if (asprintf(&key, "%s\n%s\n%s\n%s\n%s", row.type,
		     measure_file(row.file), row.function,
		     measure_file(row.own_file), row.own_function) == -1)
		cli_need(NULL);
	number = json_object_get(by_key, key);
	if (number == NULL) {
		if (pmt_array_reserve((void **)&comparison->rows,
				      sizeof(*comparison->rows),
				      comparison->row_count, room) != 0)
			cli_need(NULL);
		for (int side = 0; side < COMPARE_SIDES; side++) {
			row.bytes[side] = new_values(comparison, side);
			row.count[side] = new_values(comparison, side);
		}
		comparison->rows[comparison->row_count] = row;
		number = json_integer((json_int_t)comparison->row_count++);
		json_object_set_new(by_key, key, number);
	}
	free(key);
	return &comparison->rows[json_integer_value(number)];
}

static bool
add_log(struct comparison *comparison, json_t *by_key, size_t *room,
	const struct measure *measure, const json_t *log, int side,
	size_t run, const struct options *options)
{
	double units = compare_units(log, options);
	const json_t *entry;
	size_t i;

	if (!(units > 0)) {
		cli_warn(0, "%s: nothing to divide by: --per '%s'",
			 measure_text(log, "file"), options->per);
		return false;
	}
	json_array_foreach(json_object_get(log, measure->table), i, entry) {
		struct compare_row *row = row_of(comparison, by_key, room,
						 entry);

		row->bytes[side][run] += json_number_value(
			json_object_get(entry, measure->bytes)) / units;
		if (measure->count != NULL)
			row->count[side][run] += json_number_value(
				json_object_get(entry, measure->count)) /
				units;
		comparison->has_bytes |=
			json_object_get(entry, measure->bytes) != NULL;
	}
	return true;
}

double
compare_mean(const struct comparison *comparison, int side,
	     const double *values)
{
	double sum = 0;

	for (size_t i = 0; i < comparison->runs[side]; i++)
		sum += values[i];
	return sum / (double)comparison->runs[side];
}

double *const *
compare_values(const struct comparison *comparison,
	       const struct compare_row *row)
{
	return comparison->has_bytes ? row->bytes : row->count;
}

double
compare_change_of(const struct comparison *comparison, double *const *values)
{
	return compare_mean(comparison, COMPARE_NEW, values[COMPARE_NEW]) -
	       compare_mean(comparison, COMPARE_OLD, values[COMPARE_OLD]);
}

double
compare_change(const struct comparison *comparison,
	       const struct compare_row *row)
{
	return compare_change_of(comparison, compare_values(comparison, row));
}

static double
extreme(const struct comparison *comparison, int side, const double *values,
	bool most)
{
	double extreme = values[0];

	for (size_t i = 1; i < comparison->runs[side]; i++)
		if (most ? values[i] > extreme : values[i] < extreme)
			extreme = values[i];
	return extreme;
}

bool
compare_is_noise(const struct comparison *comparison,
		 const struct compare_row *row)
{
	double *const *values = compare_values(comparison, row);
	double least[COMPARE_SIDES], most[COMPARE_SIDES];

	if (comparison->runs[COMPARE_OLD] + comparison->runs[COMPARE_NEW] < 3)
		return false;
	for (int side = 0; side < COMPARE_SIDES; side++) {
		least[side] = extreme(comparison, side, values[side], false);
		most[side] = extreme(comparison, side, values[side], true);
	}
	return least[COMPARE_NEW] <= most[COMPARE_OLD] &&
	       least[COMPARE_OLD] <= most[COMPARE_NEW];
}

/* For qsort_r(3): what rose most first, noise last, then by name. */
static int
compare_rows(const void *left, const void *right, void *given)
{
	const struct comparison *comparison = given;
	const struct compare_row *a = left, *b = right;
	double x = compare_change(comparison, a);
	double y = compare_change(comparison, b);
	int noise = compare_is_noise(comparison, a) -
		    compare_is_noise(comparison, b);

	if (noise != 0)
		return noise;
	if (x < y || x > y)
		return x < y ? 1 : -1;
	if (strcmp(a->file, b->file) != 0)
		return strcmp(a->file, b->file);
	if (strcmp(a->function, b->function) != 0)
		return strcmp(a->function, b->function);
	return strcmp(a->own_function, b->own_function);
}

void
compare_sort(struct comparison *comparison)
{
	qsort_r(comparison->rows, comparison->row_count,
		sizeof(*comparison->rows), compare_rows, comparison);
}

/* Do the rows of all logs, as far as there are any, tell of own code? */
static bool
all_have_own(json_t *sides[COMPARE_SIDES], const struct measure *measure)
{
	json_t *log, *entry;
	size_t i, j;

	for (int side = 0; side < COMPARE_SIDES; side++)
		json_array_foreach(sides[side], i, log) {
			json_t *table = json_object_get(log, measure->table);
			bool has = json_array_size(table) == 0;

			json_array_foreach(table, j, entry)
				has |= json_object_get(entry, "own") != NULL;
			if (!has)
				return false;
		}
	return true;
}

bool
compare_make(struct comparison *comparison, json_t *sides[COMPARE_SIDES],
	     const struct options *options)
{
	const struct measure *measure = common_measure(sides);
	json_t *by_key, *log;
	size_t room = 0, i;
	bool made = true;

	*comparison = (struct comparison){ 0 };
	if (measure == NULL)
		return false;
	by_key = cli_need(json_object());
	comparison->subject = measure->subject;
	comparison->has_count = measure->count != NULL;
	comparison->has_own = all_have_own(sides, measure);
	for (int side = 0; side < COMPARE_SIDES; side++)
		comparison->runs[side] = json_array_size(sides[side]);
	for (int side = 0; side < COMPARE_SIDES; side++)
		json_array_foreach(sides[side], i, log)
			made &= add_log(comparison, by_key, &room, measure,
					log, side, i, options);
	json_decref(by_key);
	compare_sort(comparison);
	return made;
}

void
compare_fini(struct comparison *comparison)
{
	for (size_t i = 0; i < comparison->row_count; i++)
		for (int side = 0; side < COMPARE_SIDES; side++) {
			free(comparison->rows[i].bytes[side]);
			free(comparison->rows[i].count[side]);
		}
	free(comparison->rows);
}
