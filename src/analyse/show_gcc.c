/* SPDX-License-Identifier: MIT */
#include <config.h>

#include "analyse/show_gcc.h"

#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "base/units.h"
#include "cli/cli.h"
#include "report/reporttext.h"

static int64_t
number_of(const json_t *row, const char *key)
{
	return json_integer_value(json_object_get(row, key));
}

static void
print_text(const json_t *row, const char *key)
{
	const json_t *text = json_object_get(row, key);

	if (json_is_string(text))
		pmt_print_name(stdout, (struct pmt_text){
			json_string_value(text), json_string_length(text) }, 0);
}

/* Returns false where there is no place in a file. */
static bool
print_place(const json_t *row, bool warns)
{
	const json_t *own = json_object_get(row, "own");
	const json_t *place = own != NULL ? own : row;

	if (!json_is_string(json_object_get(place, "file")) ||
	    number_of(place, "line") == 0)
		return false;
	print_text(place, "file");
	printf(":%" PRId64 ": %s: ", number_of(place, "line"),
	       warns ? "warning" : "note");
	return true;
}

static void
print_size(const json_t *row, const char *key)
{
	char size[PMT_SIZE_TEXT];

	fputs(pmt_format_size(number_of(row, key), size), stdout);
}

static bool
print_group(const json_t *row)
{
	bool growing = json_is_true(json_object_get(row, "growing"));
	char count[PMT_NUMBER_TEXT];

	if (!print_place(row, growing))
		return false;
	printf("%s ", pmt_format_count((uint64_t)number_of(row, "alive"),
				       count));
	print_text(row, "type");
	if (json_object_get(row, "bytes") != NULL) {
		fputs(" of ", stdout);
		print_size(row, "bytes");
	}
	puts(growing ? " grow" : " alive");
	return true;
}

static bool
print_line_of_profile(const json_t *row)
{
	if (number_of(row, "net") <= 0 || !print_place(row, true))
		return false;
	fputs("memory grew by ", stdout);
	print_size(row, "net");
	fputs(" here\n", stdout);
	return true;
}

static bool
print_allocations(const json_t *row)
{
	bool growing = json_is_true(json_object_get(row, "growing"));
	char count[PMT_NUMBER_TEXT];

	if (number_of(row, "left") <= 0 || !print_place(row, growing))
		return false;
	print_size(row, "left");
	printf(" in %s blocks %s\n",
	       pmt_format_count((uint64_t)number_of(row, "blocks"), count),
	       growing ? "grow" : "left");
	return true;
}

static const struct {
	const char *table;
	bool (*print)(const json_t *row);
} views[] = {
	{ "groups", print_group },
	{ "own", print_line_of_profile },
	{ "own_lines", print_allocations },
};

void
show_gcc(const json_t *list, const struct options *options)
{
	const json_t *log, *row;
	size_t i, j;

	json_array_foreach(list, i, log)
		for (size_t view = 0; view < PMT_ARRAY_SIZE(views); view++) {
			uint64_t shown = 0;

			json_array_foreach(json_object_get(
				log, views[view].table), j, row)
				if (shown < options->choice.top &&
				    !cli_stopped())
					shown += views[view].print(row);
		}
}
