/* SPDX-License-Identifier: MIT */
#include <config.h>

#include "books/shares.h"

#include <stdbool.h>

static bool
known(uint64_t bytes)
{
	return bytes != PMT_MEMORY_UNKNOWN;
}

static uint64_t
take(uint64_t *rest, uint64_t bytes)
{
	if (!known(bytes))
		return 0;
	if (bytes > *rest)
		bytes = *rest;
	*rest -= bytes;
	return bytes;
}

void
pmt_shares_make(const struct pmt_memory *memory, uint64_t shares[PMT_SHARES])
{
	uint64_t rest = known(memory->rss) ? memory->rss : 0;

	shares[PMT_SHARE_FILE] = take(&rest, memory->file);
	shares[PMT_SHARE_SHARED] = take(&rest, memory->shared);
	shares[PMT_SHARE_PYTHON] = take(&rest, memory->python_used);
	shares[PMT_SHARE_C] = take(&rest, memory->c_used);
	shares[PMT_SHARE_PYTHON_FREE] = take(&rest, memory->python_free);
	shares[PMT_SHARE_C_FREE] = take(&rest, memory->c_free);
	shares[PMT_SHARE_OTHER] = rest;
}

uint64_t
pmt_shares_free(const uint64_t shares[PMT_SHARES])
{
	return shares[PMT_SHARE_PYTHON_FREE] + shares[PMT_SHARE_C_FREE];
}

const char *
pmt_share_name(enum pmt_share share)
{
	static const char *const names[PMT_SHARES] = {
		[PMT_SHARE_PYTHON] = "in use, small Python objects",
		[PMT_SHARE_C] = "in use, large objects and C code",
		[PMT_SHARE_PYTHON_FREE] = "free, kept by pymalloc",
		[PMT_SHARE_C_FREE] = "free, kept by malloc",
		[PMT_SHARE_OTHER] = "other: stacks, mappings, data",
		[PMT_SHARE_FILE] = "files: code and data on disk",
		[PMT_SHARE_SHARED] = "shared memory",
	};

	return names[share];
}
