/* SPDX-License-Identifier: MIT */
#include <config.h>

#include "sample/liveset.h"

#include <errno.h>
#include <string.h>
#include <sys/mman.h>

enum {
	LEAF_BYTES = PMT_LIVESET_LEAF * sizeof(uint64_t),
	CHUNK_BYTES = 64 * LEAF_BYTES,
};

/* A mapping to give back; the list is kept in the mappings' first bytes. */
struct pmt_liveset_chunk {
	struct pmt_liveset_chunk *next;
	size_t bytes;
};

static void *
map_chunk(struct pmt_liveset *set, size_t bytes)
{
	struct pmt_liveset_chunk *chunk;

	chunk = mmap(NULL, bytes, PROT_READ | PROT_WRITE,
		     MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);
	if (chunk == MAP_FAILED)
		return NULL;
	chunk->next = set->chunks;
	chunk->bytes = bytes;
	set->chunks = chunk;
	set->bytes += bytes;
	return (char *)chunk + LEAF_BYTES;
}

/* Leaves are mapped in bulk, so that RSS moves rarely and by a known step. */
static uint64_t *
new_leaf(struct pmt_liveset *set)
{
	uint64_t *leaf;

	if (set->spare == set->spare_end) {
		set->spare = map_chunk(set, CHUNK_BYTES);
		if (set->spare == NULL) {
			set->spare_end = NULL;
			return NULL;
		}
		set->spare_end = set->spare + CHUNK_BYTES - LEAF_BYTES;
	}
	leaf = (uint64_t *)(void *)set->spare;
	set->spare += LEAF_BYTES;
	return leaf;
}

uint64_t *
pmt_liveset_make(struct pmt_liveset *set, uintptr_t address)
{
	struct pmt_liveset_branch **branch =
		&set->root[(address >> PMT_LIVESET_BRANCH_SHIFT) %
			   PMT_LIVESET_ROOT];
	uint64_t **leaf;

	if (*branch == NULL)
		*branch = map_chunk(set, LEAF_BYTES + sizeof(**branch));
	if (*branch == NULL)
		return NULL;
	leaf = &(*branch)->leaf[(address >> PMT_LIVESET_LEAF_SHIFT) %
				PMT_LIVESET_BRANCH];
	if (*leaf == NULL)
		*leaf = new_leaf(set);
	return *leaf;
}

int
pmt_liveset_init(struct pmt_liveset *set)
{
	memset(set, 0, sizeof(*set));
	set->root = map_chunk(set, LEAF_BYTES +
				   sizeof(*set->root) * PMT_LIVESET_ROOT);
	return set->root == NULL ? -ENOMEM : 0;
}

void
pmt_liveset_fini(struct pmt_liveset *set)
{
	struct pmt_liveset_chunk *chunk, *next;

	for (chunk = set->chunks; chunk != NULL; chunk = next) {
		next = chunk->next;
		munmap(chunk, chunk->bytes);
	}
	memset(set, 0, sizeof(*set));
}

static void
visit_leaf(const uint64_t *leaf, uintptr_t base,
	   void (*visit)(uintptr_t, void *), void *arg)
{
	for (size_t i = 0; i < PMT_LIVESET_LEAF; i++) {
		for (uint64_t word = leaf[i]; word != 0; word &= word - 1) {
			uintptr_t bit = (uintptr_t)__builtin_ctzll(word);

			visit(base + ((i << 6 | bit) << 4), arg);
		}
	}
}

void
pmt_liveset_visit(struct pmt_liveset *set,
		  void (*visit)(uintptr_t address, void *arg), void *arg)
{
	for (uintptr_t top = 0; top < PMT_LIVESET_ROOT; top++) {
		struct pmt_liveset_branch *branch = set->root[top];

		for (uintptr_t i = 0; branch != NULL &&
				      i < PMT_LIVESET_BRANCH; i++) {
			uintptr_t base = top << PMT_LIVESET_BRANCH_SHIFT |
					 i << PMT_LIVESET_LEAF_SHIFT;

			if (branch->leaf[i] != NULL)
				visit_leaf(branch->leaf[i], base, visit, arg);
		}
	}
}
