/* SPDX-License-Identifier: MIT */
#include <config.h>

#include "analyse/show_html_fit.h"

#include <string.h>

#include "analyse/show_html_data.h"
#include "cli/cli.h"

/* Bytes, of which the page's own script and style take 40,000. */
enum { MOST = (2 << 20) - 60000 };

/* Of a table that is halved, so many stay. */
enum { ROWS_LEAST = 4 };

struct sum {
	size_t bytes;
};

/* For json_dump_callback(); "<" is written as "\u003c". */
static int
count_bytes(const char *buffer, size_t size, void *given)
{
	struct sum *sum = given;

	for (size_t i = 0; i < size; i++)
		sum->bytes += buffer[i] == '<' ? 6 : 1;
	return 0;
}

static bool
fits(const json_t *list, const json_t *texts)
{
	struct sum sum = { 0 };

	json_dump_callback(list, count_bytes, &sum, PAGE_JSON);
	/* Escapes of JSON take about what those of HTML do. */
	json_dump_callback(texts, count_bytes, &sum, JSON_COMPACT);
	return sum.bytes <= MOST;
}

static void
drop(json_t *list, const char *key)
{
	json_t *log;
	size_t i;

	json_array_foreach(list, i, log)
		json_object_del(log, key);
}

static void
drop_courses(json_t *list)
{
	json_t *log;
	size_t i;

	json_array_foreach(list, i, log)
		json_object_del(json_object_get(log, "call_paths"), "courses");
}

static bool
is_table(const char *key, const json_t *value)
{
	return json_is_object(json_array_get(value, 0)) &&
	       strcmp(key, "memory_noted") != 0;
}

/* Returns false if none had too many rows. */
static bool
halve_tables(json_t *list)
{
	json_t *log, *value;
	const char *key;
	bool halved = false;
	size_t i;

	json_array_foreach(list, i, log)
		json_object_foreach(log, key, value) {
			size_t rows = json_array_size(value);
			size_t half = rows / 2 > ROWS_LEAST ? rows / 2
							    : ROWS_LEAST;

			if (!is_table(key, value) || rows <= half)
				continue;
			halved = true;
			while (json_array_size(value) > half)
				json_array_remove(value,
						  json_array_size(value) - 1);
		}
	return halved;
}

static void
drop_logs(json_t *list, json_t *texts)
{
	size_t all = json_array_size(list);

	while (json_array_size(list) > 1 && !fits(list, texts))
		for (size_t n = json_array_size(list) / 8 + 1; n > 0; n--) {
			size_t last = json_array_size(list) - 1;

			json_array_remove(list, last);
			json_array_remove(texts, last);
		}
	if (json_array_size(list) < all)
		cli_warn(0, "a page has no room for the last %zu of %zu logs",
			 all - json_array_size(list), all);
}

void
page_fit(json_t *list, json_t *texts)
{
	if (!fits(list, texts))
		drop(texts, "picture");
	if (!fits(list, texts))
		drop_courses(list);
	while (!fits(list, texts) && halve_tables(list))
		continue;
	if (!fits(list, texts))
		drop(list, "call_paths");
	if (!fits(list, texts))
		drop_logs(list, texts);
}
