/* SPDX-License-Identifier: MIT */
#include <config.h>

#include "analyse/compare_paths.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "analyse/measure.h"
#include "cli/cli.h"

/* What each node of the result has of either side. */
struct sums {
	double *values[COMPARE_SIDES];
	size_t room;
};

static double *
value_of(struct sums *sums, int side, uint32_t node)
{
	size_t former = sums->room;

	if (node >= former) {
		sums->room = 2 * (size_t)node + 64;
		for (int i = 0; i < COMPARE_SIDES; i++) {
			sums->values[i] = cli_need(reallocarray(
				sums->values[i], sums->room, sizeof(double)));
			for (size_t j = former; j < sums->room; j++)
				sums->values[i][j] = 0;
		}
	}
	return &sums->values[side][node];
}

static struct pmt_text
text_of(const char *text)
{
	return (struct pmt_text){ text, strlen(text) };
}

static char *
key_of(const char *file, const char *function)
{
	char *key;

	if (asprintf(&key, "%s\n%s", file, function) == -1)
		cli_need(NULL);
	return key;
}

/* What has a new name is then the own function, not the library's. */
static bool
is_for_own(const struct compare_row *row)
{
	return row->own_function[0] != '\0';
}

static const char *
new_file(const struct compare_row *row)
{
	return is_for_own(row) ? row->own_file : row->file;
}

static const char *
new_function(const struct compare_row *row)
{
	return is_for_own(row) ? row->own_function : row->function;
}

/*
 * "FILE\nFUNCTION" of what was renamed, with the row that it became, and
 * "FILE\n" of a file whose functions are in another one now.
 */
static json_t *
old_names(const struct comparison *comparison)
{
	json_t *names = cli_need(json_object());

	for (size_t i = 0; i < comparison->row_count; i++) {
		const struct compare_row *row = &comparison->rows[i];
		const char *file, *function;
		char *key;

		if (row->was_file == NULL)
			continue;
		file = measure_file(is_for_own(row) ? row->was_own_file
						    : row->was_file);
		function = is_for_own(row) ? row->was_own_function
					   : row->was_function;
		key = key_of(file, function);
		json_object_set_new(names, key, json_integer((json_int_t)i));
		free(key);
		if (strcmp(function, new_function(row)) != 0 ||
		    strcmp(file, measure_file(new_file(row))) == 0)
			continue;
		key = key_of(file, "");
		json_object_set_new(names, key, json_integer((json_int_t)i));
		free(key);
	}
	return names;
}

static const struct compare_row *
find_name(const struct comparison *comparison, const json_t *names,
	  const char *file, const char *function)
{
	char *key = key_of(file, function);
	const json_t *found = json_object_get(names, key);

	free(key);
	return found == NULL ? NULL
			     : &comparison->rows[json_integer_value(found)];
}

static uint32_t
frame_of(struct stacks *stacks, const struct comparison *comparison,
	 const json_t *names, const json_t *frame)
{
	const char *function = json_string_value(json_array_get(frame, 0));
	const char *path = json_string_value(json_array_get(frame, 1));
	const char *file = path != NULL ? measure_file(path) : "";
	const struct compare_row *row = find_name(comparison, names, file,
						  function);
	const struct compare_row *moved = find_name(comparison, names, file,
						    "");

	if (row != NULL) {
		file = measure_file(new_file(row));
		function = new_function(row);
	} else if (moved != NULL && file[0] != '\0') {
		file = measure_file(new_file(moved));
	}
	return stacks_frame(stacks, &(struct stack_frame){
		.function = text_of(function), .file = text_of(file) });
}

/* The bytes if there are any, else what comes first. */
static size_t
measure_in(const json_t *paths, bool has_bytes)
{
	const json_t *measure;
	size_t i;

	json_array_foreach(json_object_get(paths, "measures"), i, measure)
		if (has_bytes && strcmp(json_string_value(json_array_get(
						measure, 1)), "bytes") == 0)
			return i;
	return 0;
}

static void
add_log(struct stacks *stacks, struct sums *sums,
	const struct comparison *comparison, const json_t *names,
	const json_t *paths, int side, double factor)
{
	const json_t *frames = json_object_get(paths, "frames"), *node;
	const json_t *nodes = json_object_get(paths, "nodes");
	size_t measure = measure_in(paths, comparison->has_bytes), i;
	uint32_t *made = cli_need(calloc(json_array_size(nodes) + 1,
					 sizeof(*made)));

	json_array_foreach(nodes, i, node) {
		json_int_t caller = json_integer_value(json_array_get(node, 0));
		json_int_t frame = json_integer_value(json_array_get(node, 1));

		if (i > 0)
			made[i] = stacks_node(stacks, made[caller], frame_of(
				stacks, comparison, names,
				json_array_get(frames, (size_t)frame)));
		*value_of(sums, side, made[i]) += factor * (double)
			json_integer_value(json_array_get(node, 2 + measure));
	}
	free(made);
}

static double
mean_units(json_t *side, const struct options *options)
{
	const json_t *log;
	double sum = 0;
	size_t i;

	json_array_foreach(side, i, log)
		sum += compare_units(log, options);
	return i > 0 ? sum / (double)i : 1;
}

bool
compare_paths(struct stacks *stacks, const struct comparison *comparison,
	      json_t *sides[COMPARE_SIDES], const struct options *options)
{
	const struct stack_measure measures[] = {
		[COMPARE_PATHS_NEW] = {
			"new", comparison->has_bytes ? "bytes" : "count" },
		[COMPARE_PATHS_OLD] = {
			"old", comparison->has_bytes ? "bytes" : "count" },
	};
	static const unsigned int measure_of_side[COMPARE_SIDES] = {
		[COMPARE_OLD] = COMPARE_PATHS_OLD,
		[COMPARE_NEW] = COMPARE_PATHS_NEW,
	};
	double units = mean_units(sides[COMPARE_NEW], options);
	json_t *names = old_names(comparison), *log;
	struct sums sums = { .room = 0 };
	size_t i;

	stacks_init(stacks, measures, PMT_ARRAY_SIZE(measures));
	for (int side = 0; side < COMPARE_SIDES; side++)
		json_array_foreach(sides[side], i, log)
			add_log(stacks, &sums, comparison,
				side == COMPARE_OLD ? names : NULL,
				json_object_get(log, "call_paths"), side,
				units / compare_units(log, options) /
				(double)comparison->runs[side]);
	for (uint32_t node = 0; node < stacks->node_count &&
	     node < sums.room; node++)
		for (int side = 0; side < COMPARE_SIDES; side++)
			stacks->nodes[node].values[measure_of_side[side]] =
				(uint64_t)llround(sums.values[side][node]);
	for (int side = 0; side < COMPARE_SIDES; side++)
		free(sums.values[side]);
	json_decref(names);
	return stacks->node_count > 1;
}
