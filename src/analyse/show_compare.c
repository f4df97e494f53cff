/* SPDX-License-Identifier: MIT */
#include <config.h>

#include "analyse/show_compare.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "analyse/show_json.h"
#include "base/units.h"
#include "cli/cli.h"
#include "report/reporttext.h"

/* Rows that did not change are not listed. */
static bool
is_changed(const struct comparison *comparison, const struct compare_row *row)
{
	return compare_change(comparison, row) > 0 ||
	       compare_change(comparison, row) < 0;
}

static double
sum_of_changes(const struct comparison *comparison)
{
	double sum = 0;

	for (size_t i = 0; i < comparison->row_count; i++)
		if (!compare_is_noise(comparison, &comparison->rows[i]))
			sum += compare_change(comparison,
					      &comparison->rows[i]);
	return sum;
}

bool
compare_exceeds(const struct comparison *comparison,
		const struct options *options)
{
	double limit = (double)options->limit;

	if (!options->has_limit)
		return false;
	for (size_t i = 0; i < comparison->row_count; i++)
		if (!compare_is_noise(comparison, &comparison->rows[i]) &&
		    compare_change(comparison, &comparison->rows[i]) > limit)
			return true;
	return sum_of_changes(comparison) > limit;
}

/* A sign, and room for either kind of number. */
enum { SIGNED_TEXT = 1 + (PMT_NUMBER_TEXT > PMT_SIZE_TEXT ? PMT_NUMBER_TEXT :
			  PMT_SIZE_TEXT) };

/* "+1,500", "-0.25" */
static const char *
signed_count(double value, char text[SIGNED_TEXT])
{
	char *digits = text + 1;

	if (floor(fabs(value)) < fabs(value) && fabs(value) < 1000)
		snprintf(digits, PMT_NUMBER_TEXT, "%.2f", fabs(value));
	else
		pmt_format_count((uint64_t)llrint(fabs(value)), digits);
	text[0] = value < 0 ? '-' : '+';
	return text;
}

static const char *
signed_size(double value, char text[SIGNED_TEXT])
{
	pmt_format_size(llrint(fabs(value)), text + 1);
	text[0] = value < 0 ? '-' : '+';
	return text;
}

static const char *
plain(const char *signed_text)
{
	return signed_text[0] == '+' ? signed_text + 1 : signed_text;
}

static void
print_numbers(const struct comparison *comparison,
	      const struct compare_row *row)
{
	double *const *values = compare_values(comparison, row);
	double old = compare_mean(comparison, COMPARE_OLD,
				  values[COMPARE_OLD]);
	double new = compare_mean(comparison, COMPARE_NEW,
				  values[COMPARE_NEW]);
	char size[SIGNED_TEXT], count[SIGNED_TEXT];

	if (comparison->has_bytes) {
		printf("%10s ", plain(signed_size(old, size)));
		printf("%10s ", plain(signed_size(new, size)));
		printf("%10s ", signed_size(new - old, size));
	} else {
		printf("%10s ", plain(signed_count(old, count)));
		printf("%10s ", plain(signed_count(new, count)));
	}
	if (comparison->has_count)
		printf("%9s ", signed_count(
			compare_change_of(comparison, row->count), count));
}

static void
print_text(const char *text)
{
	pmt_print_name(stdout, (struct pmt_text){ text, strlen(text) }, 0);
}

static void
print_place(const char *file, const char *function, bool full_path)
{
	struct pmt_text path = { file, strlen(file) };

	if (file[0] != '\0')
		pmt_print_name(stdout, pmt_file_name(path, full_path), 0);
	if (file[0] != '\0' && function[0] != '\0')
		putchar(' ');
	if (function[0] != '\0')
		print_text(function);
	if (file[0] == '\0' && function[0] == '\0')
		fputs("(no place)", stdout);
}

/* "json/decoder.py raw_decode", and below it "for app.py load". */
static void
print_places(const char *file, const char *function, const char *own_file,
	     const char *own_function, bool full_path, int width)
{
	print_place(file, function, full_path);
	if (own_function[0] == '\0')
		return;
	printf("\n%*s for ", width, "");
	print_place(own_file, own_function, full_path);
}

static void
print_row(const struct comparison *comparison, const struct compare_row *row,
	  const struct options *options)
{
	int width = 11 * (comparison->has_bytes ? 3 : 2) +
		    10 * comparison->has_count;
	bool has_place = row->file[0] != '\0' || row->function[0] != '\0';

	print_numbers(comparison, row);
	putchar(' ');
	if (row->type[0] != '\0')
		print_text(row->type);
	if (row->type[0] != '\0' && has_place)
		printf("\n%*s ", width, "");
	if (row->type[0] == '\0' || has_place)
		print_places(row->file, row->function, row->own_file,
			     row->own_function, options->full_path, width);
	if (compare_is_noise(comparison, row))
		fputs("  (noise)", stdout);
	if (row->was_file != NULL) {
		printf("\n%*s was ", width, "");
		print_places(row->was_file, row->was_function,
			     row->was_own_file, row->was_own_function,
			     options->full_path, width);
	}
	putchar('\n');
}

static void
print_comparison(const struct comparison *comparison,
		 const struct options *options)
{
	const size_t *runs = comparison->runs;
	char size[SIGNED_TEXT], count[SIGNED_TEXT];
	uint64_t shown = 0, changed = 0;
	double sum = sum_of_changes(comparison);

	printf("Compared: %s, %zu old and %zu new", comparison->subject,
	       runs[COMPARE_OLD], runs[COMPARE_NEW]);
	if (options->per != NULL) {
		fputs(", per ", stdout);
		print_text(options->per);
	}
	printf("\nIn all: %s\n", comparison->has_bytes ?
	       signed_size(sum, size) : signed_count(sum, count));
	if (runs[COMPARE_OLD] + runs[COMPARE_NEW] > 2)
		puts("Noise: runs of both sides overlap; it is not in the "
		     "sum.");
	for (size_t i = 0; i < comparison->row_count; i++)
		changed += is_changed(comparison, &comparison->rows[i]);
	if (changed > 0)
		printf("\n%10s %10s%s%s\n", "Old", "New", comparison->has_bytes
		       ? "     Change" : "",
		       comparison->has_count ? "     Count" : "");
	for (size_t i = 0; i < comparison->row_count && !cli_stopped(); i++) {
		if (!is_changed(comparison, &comparison->rows[i]))
			continue;
		if (shown++ == options->choice.top)
			break;
		print_row(comparison, &comparison->rows[i], options);
	}
	if (shown <= changed && changed > options->choice.top)
		printf("%10s %" PRIu64 " more; --top 0 shows all\n", "...",
		       changed - options->choice.top);
}

static json_t *
json_values(const struct comparison *comparison, double *const *values)
{
	json_t *json = json_object();

	for (int side = 0; side < COMPARE_SIDES; side++) {
		json_t *list = json_array();

		for (size_t i = 0; i < comparison->runs[side]; i++)
			json_array_append_new(list,
					      json_real(values[side][i]));
		json_set(json, side == COMPARE_OLD ? "old" : "new", list);
	}
	json_set(json, "change", json_real(compare_change_of(comparison,
								 values)));
	return json;
}

static json_t *
json_row(const struct comparison *comparison, const struct compare_row *row)
{
	json_t *json = cli_need(json_object());

	if (row->type[0] != '\0')
		json_set(json, "type", json_string(row->type));
	json_set(json, "file", json_string(row->file));
	json_set(json, "function", json_string(row->function));
	if (row->own_function[0] != '\0')
		json_set(json, "own", json_pack("{s:s, s:s}",
			"file", row->own_file,
			"function", row->own_function));
	if (row->was_file != NULL)
		json_set(json, "was", json_pack("{s:s, s:s}",
			"file", row->was_file,
			"function", row->was_function));
	if (row->was_file != NULL && row->was_own_function[0] != '\0')
		json_set(json, "was_own", json_pack("{s:s, s:s}",
			"file", row->was_own_file,
			"function", row->was_own_function));
	if (comparison->has_bytes)
		json_set(json, "bytes", json_values(comparison, row->bytes));
	if (comparison->has_count)
		json_set(json, "count", json_values(comparison, row->count));
	json_set(json, "noise",
		 json_boolean(compare_is_noise(comparison, row)));
	return json;
}

static void
print_json(const struct comparison *comparison, const struct options *options)
{
	json_t *rows = cli_need(json_array()), *json;

	for (size_t i = 0; i < comparison->row_count &&
	     i < options->choice.top; i++)
		json_array_append_new(rows, json_row(comparison,
						     &comparison->rows[i]));
	json = cli_need(json_pack(
		"{s:s, s:I, s:I, s:s?, s:f, s:b, s:o}",
		"compared", comparison->subject,
		"old", (json_int_t)comparison->runs[COMPARE_OLD],
		"new", (json_int_t)comparison->runs[COMPARE_NEW],
		"per", options->per, "change", sum_of_changes(comparison),
		"exceeds", compare_exceeds(comparison, options),
		"rows", rows));
	json_print(json);
	json_decref(json);
}

void
show_compare(const struct comparison *comparison,
	     const struct options *options)
{
	if (options->json)
		print_json(comparison, options);
	else
		print_comparison(comparison, options);
}
