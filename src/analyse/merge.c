/* SPDX-License-Identifier: MIT */
#include <config.h>

#include "analyse/merge.h"

#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "cli/cli.h"

static bool
find_measure(struct merged *merged, json_t *logs)
{
	const json_t *log;
	size_t i;

	json_array_foreach(logs, i, log) {
		const struct measure *measure = measure_of(log);

		if (measure == NULL || (merged->measure != NULL &&
					merged->measure != measure)) {
			cli_warn(0, "%s: logs of several kinds are not added "
				 "up", measure_text(log, "file"));
			return false;
		}
		merged->measure = measure;
	}
	if (merged->measure == NULL)
		cli_warn(0, "no log to add up");
	return merged->measure != NULL;
}

static double
number_of(const json_t *object, const char *key)
{
	return key == NULL ? 0
			   : json_number_value(json_object_get(object, key));
}

/* The row for ENTRY; BY_KEY knows the numbers of those there are. */
static struct merged_row *
row_of(struct merged *merged, json_t *by_key, size_t *room,
       const json_t *entry)
{
	struct merged_row row = {
		.type = measure_text(entry, "type"),
		.file = measure_text(entry, "file"),
		.function = measure_text(entry, "function"),
		.line = json_integer_value(json_object_get(entry, "line")),
	};
	json_t *number;
	char *key;

	if (asprintf(&key, "%s\n%s\n%s\n%lld", row.type, row.file,
		     row.function, (long long)row.line) == -1)
		cli_need(NULL);
	number = json_object_get(by_key, key);
	if (number == NULL) {
		if (pmt_array_reserve((void **)&merged->rows,
				      sizeof(*merged->rows), merged->row_count,
				      room) != 0)
			cli_need(NULL);
		merged->rows[merged->row_count] = row;
		number = json_integer((json_int_t)merged->row_count++);
		json_object_set_new(by_key, key, number);
	}
	free(key);
	return &merged->rows[json_integer_value(number)];
}

/* What imports make does not leak, see groups of one log. */
static bool
grows(const json_t *entry)
{
	return json_is_true(json_object_get(entry, "growing")) &&
	       !json_is_true(json_object_get(entry, "import"));
}

static void
add_log(struct merged *merged, json_t *by_key, size_t *room,
	const json_t *json)
{
	const struct measure *measure = merged->measure;
	const json_t *rss = json_object_get(json, "rss"), *entry;
	const json_t *sharing = json_object_get(json, "sharing");
	struct merged_log *log = &merged->logs[merged->log_count++];
	size_t i;

	*log = (struct merged_log){
		.file = measure_text(json, "file"),
		.first = number_of(rss, "first"),
		.peak = number_of(rss, "peak"),
		.last = number_of(rss, "last"),
		.sharing = sharing != NULL,
		.forked = json_object_get(sharing, "unshared") != NULL,
		.pss = number_of(sharing, "pss"),
		.private = number_of(sharing, "private"),
		.unshared = number_of(sharing, "unshared"),
	};
	merged->sharing |= log->sharing;
	json_array_foreach(json_object_get(json, measure->table), i, entry) {
		struct merged_row *row = row_of(merged, by_key, room, entry);
		double bytes = number_of(entry, measure->bytes);
		double count = number_of(entry, measure->count);

		merged->has_bytes |=
			json_object_get(entry, measure->bytes) != NULL;
		row->bytes += bytes;
		row->count += count;
		log->bytes += bytes;
		log->count += count;
		row->logs += row->last_log != merged->log_count;
		row->last_log = merged->log_count;
		if (grows(entry) && row->last_growing != merged->log_count) {
			row->growing++;
			row->last_growing = merged->log_count;
		}
	}
}

static int
compare_rows(const void *left, const void *right)
{
	const struct merged_row *a = left, *b = right;
	double x = a->bytes, y = b->bytes;

	if ((a->growing > 0) != (b->growing > 0))
		return a->growing > 0 ? -1 : 1;
	if (!(x < y) && !(x > y)) {
		x = a->count;
		y = b->count;
	}
	return (x < y) - (x > y);
}

bool
merge_make(struct merged *merged, json_t *logs)
{
	json_t *by_key = cli_need(json_object()), *log;
	size_t i, room = 0;

	*merged = (struct merged){ .measure = NULL };
	if (!find_measure(merged, logs)) {
		json_decref(by_key);
		return false;
	}
	merged->logs = cli_need(calloc(json_array_size(logs),
				       sizeof(*merged->logs)));
	json_array_foreach(logs, i, log)
		add_log(merged, by_key, &room, log);
	json_decref(by_key);
	if (merged->row_count > 0)
		qsort(merged->rows, merged->row_count, sizeof(*merged->rows),
		      compare_rows);
	return true;
}

void
merge_fini(struct merged *merged)
{
	free(merged->logs);
	free(merged->rows);
}
