/* SPDX-License-Identifier: MIT */
#include <config.h>

#include "books/leaktypes.h"

#include <errno.h>
#include <fnmatch.h>
#include <stdlib.h>

#include "books/grouporder.h"

bool
pmt_type_chosen(const struct pmt_choice *choice,
		const struct pmt_sites *sites, uint32_t type)
{
	struct pmt_text name = pmt_sites_name(sites, type);

	for (size_t i = 0; i < choice->type_count; i++)
		if (fnmatch(choice->types[i], name.bytes, 0) == 0)
			return true;
	return choice->type_count == 0;
}

static int
compare_types(const void *left, const void *right, void *context)
{
	const struct pmt_type_count *a = left, *b = right;

	return pmt_part_compare(context, a->type, b->type);
}

int
pmt_types_count(const struct pmt_leaks *leaks, const struct pmt_sites *sites,
		const struct pmt_choice *choice,
		struct pmt_type_counts *counts)
{
	uint32_t names = pmt_sites_names(sites);
	uint64_t sample = pmt_leaks_sample(leaks);
	struct pmt_type_count *types = calloc(names + 1, sizeof(*types));

	*counts = (struct pmt_type_counts){ .list = types };
	if (types == NULL)
		return -ENOMEM;
	for (uint32_t i = 0; i < pmt_sites_count(sites); i++) {
		const struct pmt_site_life *life = pmt_leaks_site(leaks, i);
		uint32_t type = pmt_sites_get(sites, i)->type;

		if (life == NULL)
			continue;
		types[type].made += life->made * sample;
		types[type].destroyed += life->destroyed * sample;
		types[type].untracked += life->untracked * sample;
	}
	for (uint32_t type = 0; type < names; type++) {
		if (types[type].made + types[type].destroyed == 0 ||
		    !pmt_type_chosen(choice, sites, type))
			continue;
		types[counts->count] = types[type];
		types[counts->count++].type = type;
	}
	qsort_r(types, counts->count, sizeof(*types), compare_types,
		(void *)sites);
	return 0;
}
