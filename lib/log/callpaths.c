/* SPDX-License-Identifier: MIT */
#include <config.h>

#include "log/callpaths.h"

#include <errno.h>
#include <stdlib.h>

#include "base/array.h"

static uint32_t
hash_call(uint32_t caller, uint32_t site)
{
	uint64_t hash = caller * UINT64_C(0x9e3779b97f4a7c15) ^ site;

	hash *= UINT64_C(0xbf58476d1ce4e5b9);
	return (uint32_t)(hash >> 32);
}

static int
reserve(struct pmt_callpaths *paths)
{
	if (paths->by_call.slots == NULL &&
	    pmt_hash_init(&paths->by_call) != 0)
		return -ENOMEM;
	if (pmt_hash_reserve(&paths->by_call, paths->count) != 0)
		return -ENOMEM;
	return pmt_array_reserve((void **)&paths->calls,
				 sizeof(*paths->calls), paths->count,
				 &paths->room);
}

int
pmt_callpaths_add(struct pmt_callpaths *paths, uint32_t caller,
		  uint32_t site, uint32_t *path)
{
	uint32_t hash = hash_call(caller, site), place = hash, number;

	if (reserve(paths) != 0)
		return -ENOMEM;
	while ((number = pmt_hash_next(&paths->by_call, hash, &place)) != 0) {
		const struct pmt_call *call = &paths->calls[number - 1];

		if (call->caller == caller && call->site == site) {
			*path = number - 1 + PMT_PATH_FIRST;
			return 0;
		}
	}
	paths->calls[paths->count] = (struct pmt_call){ caller, site };
	pmt_hash_insert(&paths->by_call, hash, paths->count);
	*path = paths->count++ + PMT_PATH_FIRST;
	return 0;
}

void
pmt_callpaths_fini(struct pmt_callpaths *paths)
{
	free(paths->calls);
	pmt_hash_fini(&paths->by_call);
}
