/* SPDX-License-Identifier: MIT */
#include <config.h>

#include "books/grouporder.h"

#include <stdlib.h>
#include <string.h>

#define DESCENDING(a, b) (((a) < (b)) - ((a) > (b)))

static int
compare_text(struct pmt_text a, struct pmt_text b)
{
	size_t n = a.length < b.length ? a.length : b.length;
	int order = memcmp(a.bytes, b.bytes, n);

	if (order != 0)
		return order;
	return (a.length > b.length) - (a.length < b.length);
}

int
pmt_part_compare(const struct pmt_sites *sites, uint32_t a, uint32_t b)
{
	if (a == b || a == PMT_NO_PART || b == PMT_NO_PART)
		return DESCENDING(b, a);
	return compare_text(pmt_sites_name(sites, a),
			    pmt_sites_name(sites, b));
}

static int
compare_keys(const struct pmt_sites *sites, const struct pmt_site *a,
	     const struct pmt_site *b)
{
	int order = pmt_part_compare(sites, a->type, b->type);

	if (order == 0)
		order = pmt_part_compare(sites, a->file, b->file);
	if (order == 0)
		order = (a->line > b->line) - (a->line < b->line);
	if (order == 0)
		order = pmt_part_compare(sites, a->function, b->function);
	if (order == 0)
		order = pmt_part_compare(sites, a->own_file, b->own_file);
	if (order == 0)
		order = DESCENDING(b->own_line, a->own_line);
	if (order == 0)
		order = pmt_part_compare(sites, a->own_function,
					 b->own_function);
	return order != 0 ? order : DESCENDING(b->imports, a->imports);
}

struct sorting {
	const struct pmt_sites *sites;
	enum pmt_order order;
};

/*
 * What grows first, the fastest before the others; then what is largest, that
 * of imports last.  What belongs to others comes behind them.
 */
static int
compare_growth(const struct pmt_group *a, const struct pmt_group *b)
{
	int order = DESCENDING(a->growing, b->growing);

	if (order == 0)
		order = -DESCENDING(a->key.imports > 0, b->key.imports > 0);
	if (order == 0)
		order = -DESCENDING(pmt_group_is_part(a),
				    pmt_group_is_part(b));
	if (order == 0 && a->growing)
		order = DESCENDING(a->all_slope, b->all_slope);
	if (order == 0)
		order = DESCENDING(a->all_bytes, b->all_bytes);
	return order;
}

static int
compare_groups(const void *left, const void *right, void *context)
{
	const struct pmt_group *a = left, *b = right;
	const struct sorting *sorting = context;
	int order = 0;

	if (a->folded != b->folded)
		return a->folded ? 1 : -1;
	switch (sorting->order) {
	case PMT_ORDER_BYTES:
		order = DESCENDING(a->bytes, b->bytes);
		break;
	case PMT_ORDER_MADE:
		order = DESCENDING(a->made, b->made);
		break;
	case PMT_ORDER_FIRST:
		order = -DESCENDING(a->first, b->first);
		break;
	case PMT_ORDER_LAST:
		order = DESCENDING(a->last, b->last);
		break;
	case PMT_ORDER_NAME:
		break;
	case PMT_ORDER_DEFAULT:
		order = compare_growth(a, b);
		break;
	default:
		order = DESCENDING(a->live, b->live);
	}
	if (order == 0 && sorting->order != PMT_ORDER_NAME)
		order = DESCENDING(a->live, b->live);
	return order != 0 ? order :
		compare_keys(sorting->sites, &a->key, &b->key);
}

void
pmt_groups_sort(struct pmt_group *list, size_t count,
		const struct pmt_sites *sites, enum pmt_order order)
{
	struct sorting sorting = { sites, order };

	qsort_r(list, count, sizeof(*list), compare_groups, &sorting);
}
