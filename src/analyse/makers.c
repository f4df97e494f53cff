/* SPDX-License-Identifier: MIT */
#include <config.h>

#include "analyse/makers.h"

#include <stdlib.h>

#include "analyse/holdings.h"
#include "cli/cli.h"

static int
compare_places(const void *a, const void *b)
{
	const struct maker *x = a, *y = b;

	if (x->file != y->file)
		return x->file < y->file ? -1 : 1;
	if (x->function != y->function)
		return x->function < y->function ? -1 : 1;
	return (x->line > y->line) - (x->line < y->line);
}

static int
compare_counts(const void *a, const void *b)
{
	const struct maker *x = a, *y = b;
	int result = (y->count > x->count) - (y->count < x->count);

	return result != 0 ? result : compare_places(a, b);
}

static struct maker
maker_of(const struct reading *reading, const struct allocations *allocations,
	 uint32_t node)
{
	struct holding place = holdings_place(reading, allocations->names,
					      PMT_GROUP_OWN, node);

	return (struct maker){ place.file, place.line, place.function, 1 };
}

/* Neighbours of the same place become one.  Returns how many are left. */
static size_t
merge(struct maker *list, size_t count)
{
	size_t kept = 0;

	qsort(list, count, sizeof(*list), compare_places);
	for (size_t i = 0; i < count; i++) {
		if (kept > 0 && compare_places(&list[kept - 1], &list[i]) == 0)
			list[kept - 1].count += list[i].count;
		else
			list[kept++] = list[i];
	}
	qsort(list, kept, sizeof(*list), compare_counts);
	return kept;
}

struct makers
makers_of(const struct reading *reading, const struct allocations *allocations,
	  const struct pmt_grown_kind *kind)
{
	struct makers makers = {
		.list = cli_need(calloc(kind->blocks + 1,
					sizeof(*makers.list))),
		.looked_up = kind->blocks,
	};

	for (size_t i = 0; i < kind->blocks; i++) {
		uint32_t node = pmt_allocations_at(allocations->books,
						   kind->block[i]);

		if (node == PMT_NO_BLOCK)
			makers.unknown++;
		else
			makers.list[makers.count++] =
				maker_of(reading, allocations, node);
	}
	makers.count = merge(makers.list, makers.count);
	return makers;
}
