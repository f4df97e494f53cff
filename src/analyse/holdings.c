/* SPDX-License-Identifier: MIT */
#include <config.h>

#include "analyse/holdings.h"

#include <stdlib.h>
#include <string.h>

#include "cli/cli.h"

bool
holdings_is_own(struct pmt_text file)
{
	static const char *const others[] = {
		"/site-packages/", "/dist-packages/", "/lib/python3",
		"/pmt/boot/",
	};

	/* <frozen importlib._bootstrap>; but code of -c is <string>. */
	if (file.length > 8 && memcmp(file.bytes, "<frozen", 7) == 0)
		return false;
	for (size_t i = 0; i < PMT_ARRAY_SIZE(others); i++)
		if (memmem(file.bytes, file.length, others[i],
			   strlen(others[i])) != NULL)
			return false;
	return true;
}

/* The innermost node of the program's own code, or of Python's, or NODE. */
static uint32_t
own_node(const struct reading *reading,
	 const struct pmt_allocnames *names, uint32_t node)
{
	uint32_t python = 0;

	for (uint32_t at = node; at != 0; at = names->nodes[at - 1].caller) {
		const struct pmt_site *site = pmt_sites_get(
			reading->sites, names->nodes[at - 1].site);

		if (names->nodes[at - 1].native)
			continue;
		if (holdings_is_own(pmt_sites_name(reading->sites,
						      site->file)))
			return at;
		if (python == 0)
			python = at;
	}
	return python != 0 ? python : node;
}

struct holding
holdings_place(const struct reading *reading,
	       const struct pmt_allocnames *names, enum pmt_grouping by,
	       uint32_t node)
{
	struct holding holding = {
		.file = PMT_NO_PART, .line = PMT_NO_PART,
		.function = PMT_NO_PART,
	};
	const struct pmt_site *site;

	if (by == PMT_GROUP_OWN)
		node = own_node(reading, names, node);
	if (node == 0)
		return holding;
	site = pmt_sites_get(reading->sites, names->nodes[node - 1].site);
	holding.file = site->file;
	if (by != PMT_GROUP_FILE)
		holding.function = site->function;
	if (by != PMT_GROUP_FILE && by != PMT_GROUP_FUNCTION)
		holding.line = site->line;
	if (by == PMT_GROUP_PATH)
		holding.node = node;
	return holding;
}

static int
compare_numbers(uint64_t a, uint64_t b)
{
	return (a > b) - (a < b);
}

static int
compare_keys(const void *a, const void *b)
{
	const struct holding *x = a, *y = b;
	int result = compare_numbers(x->file, y->file);

	if (result == 0)
		result = compare_numbers(x->function, y->function);
	if (result == 0)
		result = compare_numbers(x->line, y->line);
	if (result == 0)
		result = compare_numbers(x->node, y->node);
	return result != 0 ? result : compare_numbers(x->thread, y->thread);
}

uint64_t
holdings_rank(const struct pmt_alloc_sum *sum, enum pmt_order order)
{
	switch (order) {
	case PMT_ORDER_COUNT:
		return sum->blocks;
	case PMT_ORDER_MADE:
		return sum->total;
	case PMT_ORDER_PEAK:
		return sum->at_peak;
	case PMT_ORDER_TEMPORARY:
		return sum->temporary;
	default:
		return sum->live;
	}
}

static int
compare_ranks(const void *a, const void *b, void *arg)
{
	const struct holding *x = a, *y = b;
	enum pmt_order order = *(const enum pmt_order *)arg;
	int result = compare_numbers(holdings_rank(&y->sum, order),
				     holdings_rank(&x->sum, order));

	if (result == 0)
		result = compare_numbers(y->sum.total, x->sum.total);
	return result != 0 ? result : compare_keys(a, b);
}

static void
add_holding(struct holding *sum, const struct holding *more)
{
	pmt_alloc_sum_add(&sum->sum, &more->sum);
	for (size_t i = 0; i < PMT_TREND_MOMENTS; i++)
		sum->moments[i] += more->moments[i];
}

/* Rows of the same key, which are neighbours, become one. */
static size_t
merge(struct holding *list, size_t count)
{
	size_t kept = 0;

	for (size_t i = 0; i < count; i++) {
		if (kept > 0 && compare_keys(&list[kept - 1], &list[i]) == 0)
			add_holding(&list[kept - 1], &list[i]);
		else
			list[kept++] = list[i];
	}
	for (size_t i = 0; i < kept; i++)
		list[i].growing = list[i].sum.live > 0 &&
			pmt_trend_of(list[i].moments).grows;
	return kept;
}

static size_t
list_nodes(const struct reading *reading,
	   const struct allocations *allocations, enum pmt_grouping by,
	   struct holding *list)
{
	const struct pmt_allocnames *names = allocations->names;
	size_t count = 0;

	for (uint32_t node = 0; node <= names->node_count; node++) {
		struct pmt_alloc_sum sum =
			pmt_allocations_node(allocations->books, node);

		if (sum.count == 0)
			continue;
		list[count] = holdings_place(reading, names, by, node);
		pmt_allocations_moments(allocations->books, node,
					list[count].moments,
					PMT_TREND_MOMENTS);
		list[count++].sum = sum;
	}
	qsort(list, count, sizeof(*list), compare_keys);
	return merge(list, count);
}

static size_t
list_threads(const struct allocations *allocations, struct holding *list)
{
	uint32_t last = pmt_allocations_totals(allocations->books)->threads;
	size_t count = 0;

	for (uint32_t thread = 1; thread <= last; thread++) {
		struct holding *holding = &list[count];

		*holding = (struct holding){
			.file = PMT_NO_PART, .line = PMT_NO_PART,
			.function = PMT_NO_PART, .thread = thread,
			.sum = pmt_allocations_thread(allocations->books,
						      thread),
		};
		count += holding->sum.count > 0;
	}
	return count;
}

struct holding *
holdings_by(const struct reading *reading,
	    const struct allocations *allocations, enum pmt_grouping by,
	    enum pmt_order order, size_t *count)
{
	const struct pmt_allocations_totals *totals =
		pmt_allocations_totals(allocations->books);
	size_t most = by == PMT_GROUP_THREAD ? totals->threads
					     : allocations->names->node_count;
	struct holding *list = cli_need(calloc(most + 1, sizeof(*list)));

	*count = by == PMT_GROUP_THREAD
		? list_threads(allocations, list)
		: list_nodes(reading, allocations, by, list);
	qsort_r(list, *count, sizeof(*list), compare_ranks, &order);
	return list;
}
