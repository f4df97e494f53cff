/* SPDX-License-Identifier: MIT */
#include <config.h>

#include "analyse/tables.h"

#include <stdlib.h>
#include <string.h>

#include "analyse/owns.h"
#include "analyse/paths.h"
#include "cli/cli.h"

bool
table_wanted(const struct options *options, const struct profile *profile,
	     enum table_kind kind)
{
	static const unsigned words[TABLES] = {
		[TABLE_OWN] = PMT_GROUP_OWN,
		[TABLE_FUNCTIONS] = PMT_GROUP_FUNCTION,
		[TABLE_PATHS] = PMT_GROUP_PATH,
		[TABLE_LINES] = PMT_GROUP_LINE | PMT_GROUP_SITE,
		[TABLE_FILES] = PMT_GROUP_FILE,
	};
	bool exact = pmt_growth_is_exact(profile->growth);
	unsigned by = options->choice.group_by;

	if (by == 0 && options->brief && exact)
		by = PMT_GROUP_OWN | PMT_GROUP_PATH;
	if (by == 0)
		return exact || kind != TABLE_OWN;
	return (by & words[kind]) != 0;
}

static int
compare_identity(const void *left, const void *right)
{
	const struct entry *a = left, *b = right;

	if (a->file != b->file)
		return a->file < b->file ? -1 : 1;
	if (a->line != b->line)
		return a->line < b->line ? -1 : 1;
	if (a->function != b->function)
		return a->function < b->function ? -1 : 1;
	return a->in_c - b->in_c;
}

/* Join entries of the same code, and drop those where nothing happened. */
static size_t
join_entries(struct entry *entries, size_t count)
{
	size_t joined = 0;

	qsort(entries, count, sizeof(*entries), compare_identity);
	for (size_t i = 0; i < count; i++) {
		const struct pmt_growth_change *change = &entries[i].change;

		if (joined > 0 && compare_identity(&entries[joined - 1],
						   &entries[i]) == 0)
			add_change(&entries[joined - 1].change, change);
		else if (change->grown + change->released + change->rows > 0)
			entries[joined++] = entries[i];
	}
	return joined;
}

struct sorting {
	const struct reading *reading;
	enum pmt_order key;
};

static int
compare_names(const struct reading *reading, uint32_t a, uint32_t b)
{
	if (a == b || a == PMT_NO_NAME || b == PMT_NO_NAME)
		return (a > b) - (a < b);
	return strcmp(pmt_sites_name(reading->sites, a).bytes,
		      pmt_sites_name(reading->sites, b).bytes);
}

#define DESCENDING(a, b) (((a) < (b)) - ((a) > (b)))

static int
compare_entries(const void *left, const void *right, void *context)
{
	const struct entry *a = left, *b = right;
	const struct sorting *sorting = context;
	int order = 0;

	if (hides_unchanged(sorting->reading->options) &&
	    is_changed(a) != is_changed(b))
		return is_changed(a) ? -1 : 1;
	switch (sorting->key) {
	case PMT_ORDER_GROWN:
		order = DESCENDING(a->change.grown, b->change.grown);
		break;
	case PMT_ORDER_RELEASED:
		order = DESCENDING(a->change.released, b->change.released);
		break;
	case PMT_ORDER_COUNT:
		order = DESCENDING(a->change.rows, b->change.rows);
		break;
	case PMT_ORDER_NAME:
		break;
	default:
		order = DESCENDING(net_change(&a->change),
				   net_change(&b->change));
		if (order == 0)
			order = DESCENDING(a->change.grown, b->change.grown);
	}
	if (order == 0)
		order = compare_names(sorting->reading, a->file, b->file);
	if (order == 0)
		order = DESCENDING(b->line, a->line);
	if (order == 0)
		order = compare_names(sorting->reading, a->function,
				      b->function);
	return order != 0 ? order : a->in_c - b->in_c;
}

static size_t
list_functions(const struct profile *profile, struct entry **entries)
{
	uint32_t count;
	const struct pmt_growth_node *nodes = pmt_growth_nodes(profile->growth,
							&count);

	*entries = cli_need(calloc(count + 1, sizeof(**entries)));
	for (uint32_t i = 0; i < count; i++)
		(*entries)[i] = (struct entry){
			.file = nodes[i].file, .line = PMT_NO_NAME,
			.function = nodes[i].function, .in_c = nodes[i].in_c,
			.node = i, .change = nodes[i].change,
		};
	return join_entries(*entries, count);
}

static size_t
list_lines(const struct profile *profile, struct entry **entries, bool files)
{
	uint32_t count;
	const struct pmt_growth_line *lines = pmt_growth_lines(profile->growth,
							&count);

	*entries = cli_need(calloc(count + 1, sizeof(**entries)));
	for (uint32_t i = 0; i < count; i++)
		(*entries)[i] = (struct entry){
			.file = lines[i].file,
			.line = files ? PMT_NO_NAME : lines[i].line,
			.function = PMT_NO_NAME, .change = lines[i].change,
		};
	return join_entries(*entries, count);
}

struct table
table_make(const struct reading *reading, const struct profile *profile,
	   enum table_kind kind)
{
	static const struct table tables[TABLES] = {
		{ "By line of the program, with all that it calls", "own",
		  NULL, 0 },
		{ "By function, of its own code", "functions", NULL, 0 },
		{ "By call path, with all that it calls", "paths", NULL, 0 },
		{ "By line, with the C functions it calls", "lines", NULL, 0 },
		{ "By file", "files", NULL, 0 },
	};
	struct sorting sorting = { reading, reading->options->choice.order };
	struct table table = tables[kind];

	switch (kind) {
	case TABLE_OWN:
		table.count = owns_list(reading->options, profile->growth,
					&table.entries);
		break;
	case TABLE_PATHS:
		table.count = paths_list(reading->options, profile->growth,
					 &table.entries);
		return table;
	case TABLE_FUNCTIONS:
		table.count = list_functions(profile, &table.entries);
		break;
	default:
		table.count = list_lines(profile, &table.entries,
					 kind == TABLE_FILES);
	}
	qsort_r(table.entries, table.count, sizeof(*table.entries),
		compare_entries, &sorting);
	return table;
}
