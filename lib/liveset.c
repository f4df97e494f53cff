/* SPDX-License-Identifier: MIT */
#include <config.h>

#include "liveset.h"

#include <errno.h>
#include <string.h>
#include <sys/mman.h>

/*
 * An address is root index, branch index, bit in the leaf, 4 bits of
 * alignment.  A leaf is one page.  47 address bits are what Linux gives user
 * space on x86-64, 48 on aarch64; with 5-level paging a program gets addresses
 * beyond only by asking mmap(2) for one, which no allocator of CPython does.
 */
enum {
	ALIGN_BITS = 4,
	LEAF_BITS = 15,
	BRANCH_BITS = 14,
	ROOT_BITS = 15,
	LEAF_BYTES = (1 << LEAF_BITS) / 8,
	CHUNK_BYTES = 64 * LEAF_BYTES,
};

struct pmt_liveset_branch {
	uint64_t *leaf[1 << BRANCH_BITS];
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

static uint64_t **
find_slot(struct pmt_liveset *set, uintptr_t number, bool make)
{
	size_t top = (number >> BRANCH_BITS) & ((1 << ROOT_BITS) - 1);

	if (set->root[top] == NULL) {
		if (!make)
			return NULL;
		set->root[top] = map_chunk(set, LEAF_BYTES +
				sizeof(struct pmt_liveset_branch));
		if (set->root[top] == NULL)
			return NULL;
	}
	return &set->root[top]->leaf[number & ((1 << BRANCH_BITS) - 1)];
}

uint64_t *
pmt_liveset_find(struct pmt_liveset *set, uintptr_t address, bool make)
{
	uintptr_t number = address >> (ALIGN_BITS + LEAF_BITS);
	uint64_t **slot = find_slot(set, number, make);

	if (slot == NULL || (*slot == NULL && !make))
		return NULL;
	if (*slot == NULL) {
		*slot = new_leaf(set);
		if (*slot == NULL)
			return NULL;
	}
	set->leaf = *slot;
	set->leaf_number = number;
	return set->leaf;
}

int
pmt_liveset_init(struct pmt_liveset *set)
{
	memset(set, 0, sizeof(*set));
	set->leaf_number = UINTPTR_MAX;
	set->root = map_chunk(set, LEAF_BYTES +
			      (sizeof(*set->root) << ROOT_BITS));
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
	for (size_t i = 0; i < LEAF_BYTES / sizeof(*leaf); i++) {
		for (uint64_t word = leaf[i]; word != 0; word &= word - 1) {
			uintptr_t bit = (uintptr_t)__builtin_ctzll(word);

			visit(base + (((i << 6) | bit) << ALIGN_BITS), arg);
		}
	}
}

void
pmt_liveset_visit(struct pmt_liveset *set,
		  void (*visit)(uintptr_t address, void *arg), void *arg)
{
	for (uintptr_t top = 0; top < 1 << ROOT_BITS; top++) {
		if (set->root[top] == NULL)
			continue;
		for (uintptr_t i = 0; i < 1 << BRANCH_BITS; i++) {
			uintptr_t number = top << BRANCH_BITS | i;

			if (set->root[top]->leaf[i] != NULL)
				visit_leaf(set->root[top]->leaf[i],
					   number << (ALIGN_BITS + LEAF_BITS),
					   visit, arg);
		}
	}
}
