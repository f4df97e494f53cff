/* SPDX-License-Identifier: MIT */
#include <config.h>

#include "sample/liveset.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/keep.h"

enum {
	LEAF_BYTES = PMT_LIVESET_LEAF * sizeof(uint64_t),
	CHUNK_BYTES = 64 * LEAF_BYTES,
	MOST_KEPT = 4 << 20,
};

/* A mapping; the list is kept in the mappings' first bytes. */
struct pmt_liveset_chunk {
	struct pmt_liveset_chunk *next;
	size_t bytes;
};

/* Sets without a member. */
static struct pmt_keep kept;

static struct pmt_liveset_chunk *
map_chunk(size_t bytes, int flags)
{
	struct pmt_liveset_chunk *chunk;

	chunk = mmap(NULL, bytes, PROT_READ | PROT_WRITE,
		     MAP_PRIVATE | MAP_ANONYMOUS | flags, -1, 0);
	if (chunk == MAP_FAILED)
		return NULL;
	chunk->bytes = bytes;
	return chunk;
}

static size_t
whole_pages(size_t bytes)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE);

	return (bytes + page - 1) / page * page;
}

/*
 * BYTES of zeroes that stay as long as the set, of which the first CHILDREN are
 * a table with few entries: its pages are touched one by one.
 */
static void *
map_node(struct pmt_liveset *set, size_t bytes, size_t children)
{
	struct pmt_liveset_chunk *chunk = map_chunk(LEAF_BYTES + bytes, 0);
	char *node = (char *)chunk + LEAF_BYTES;

	if (chunk == NULL)
		return NULL;
	memset(node + children, 0, bytes - children);
	set->bytes += whole_pages(LEAF_BYTES) + whole_pages(bytes - children);
	chunk->next = set->nodes;
	set->nodes = chunk;
	return node;
}

/* A node's table gets its entry I. */
static void
count_touched(struct pmt_liveset *set, uint64_t *touched, size_t i)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE);
	uint64_t bit = UINT64_C(1) << i * sizeof(void *) / page;

	if ((*touched & bit) == 0)
		set->bytes += page;
	*touched |= bit;
}

/* Leaves are mapped in bulk, so that RSS moves rarely and by a known step. */
static int
fill_spare(struct pmt_liveset *set)
{
	struct pmt_liveset_chunk **link = set->filled == NULL
		? &set->leaves : &set->filled->next;

	if (*link == NULL) {
		*link = map_chunk(CHUNK_BYTES, MAP_POPULATE);
		if (*link == NULL)
			return -ENOMEM;
		set->bytes += CHUNK_BYTES;
	}
	set->filled = *link;
	set->spare = (char *)set->filled + LEAF_BYTES;
	set->spare_end = (char *)set->filled + CHUNK_BYTES;
	return 0;
}

static uint64_t *
new_leaf(struct pmt_liveset *set)
{
	uint64_t *leaf;

	if (set->spare == set->spare_end && fill_spare(set) < 0)
		return NULL;
	leaf = (uint64_t *)(void *)set->spare;
	set->spare += LEAF_BYTES;
	return leaf;
}

static void
set_used(uint64_t *used, size_t *first, size_t *end, size_t i)
{
	size_t word = i / 64;

	used[word] |= UINT64_C(1) << i % 64;
	if (*end == 0 || word < *first)
		*first = word;
	if (word >= *end)
		*end = word + 1;
}

uint64_t *
pmt_liveset_make(struct pmt_liveset *set, uintptr_t address)
{
	size_t top = (address >> PMT_LIVESET_BRANCH_SHIFT) % PMT_LIVESET_ROOT;
	size_t i = (address >> PMT_LIVESET_LEAF_SHIFT) % PMT_LIVESET_BRANCH;
	struct pmt_liveset_branch *branch = set->root->branch[top];
	uint64_t *leaf;

	if (branch == NULL)
		branch = map_node(set, sizeof(*branch), sizeof(branch->leaf));
	if (branch == NULL)
		return NULL;
	count_touched(set, &set->root->touched, top);
	set->root->branch[top] = branch;
	set_used(set->root->used, &set->root->first, &set->root->end, top);
	leaf = branch->leaf[i] != NULL ? branch->leaf[i] : new_leaf(set);
	if (leaf == NULL)
		return NULL;
	count_touched(set, &branch->touched, i);
	branch->leaf[i] = leaf;
	set_used(branch->used, &branch->first, &branch->end, i);
	return leaf;
}

int
pmt_liveset_init(struct pmt_liveset *set)
{
	struct pmt_liveset *empty = pmt_keep_take(&kept);

	if (empty != NULL) {
		*set = *empty;
		free(empty);
		return 0;
	}
	memset(set, 0, sizeof(*set));
	set->root = map_node(set, sizeof(*set->root),
			     sizeof(set->root->branch));
	return set->root == NULL ? -ENOMEM : 0;
}

/* Takes the first bit that is set out of *WORD. */
static unsigned int
take_bit(uint64_t *word)
{
	unsigned int bit = (unsigned int)__builtin_ctzll(*word);

	*word &= *word - 1;
	return bit;
}

/* CALL for each leaf of BRANCH, in order. */
static void
each_leaf(struct pmt_liveset_branch *branch, uintptr_t base,
	  void (*call)(uint64_t **leaf, uintptr_t base, void *arg), void *arg)
{
	for (size_t w = branch->first; w < branch->end; w++) {
		for (uint64_t word = branch->used[w]; word != 0; ) {
			uintptr_t i = w * 64 + take_bit(&word);

			call(&branch->leaf[i],
			     base | i << PMT_LIVESET_LEAF_SHIFT, arg);
		}
	}
}

static void
each_branch(struct pmt_liveset_root *root,
	    void (*call)(uint64_t **leaf, uintptr_t base, void *arg),
	    void *arg)
{
	for (size_t w = root->first; w < root->end; w++) {
		for (uint64_t word = root->used[w]; word != 0; ) {
			uintptr_t i = w * 64 + take_bit(&word);

			each_leaf(root->branch[i],
				  i << PMT_LIVESET_BRANCH_SHIFT, call, arg);
		}
	}
}

static void
clear_leaf(uint64_t **leaf, uintptr_t base, void *arg)
{
	(void)base;
	(void)arg;
	memset(*leaf, 0, LEAF_BYTES);
	*leaf = NULL;
}

/* No leaf is in the tree any more, and all are spare. */
static void
clear(struct pmt_liveset *set)
{
	struct pmt_liveset_root *root = set->root;

	each_branch(root, clear_leaf, NULL);
	for (size_t w = root->first; w < root->end; w++) {
		for (uint64_t word = root->used[w]; word != 0; ) {
			struct pmt_liveset_branch *branch =
				root->branch[w * 64 + take_bit(&word)];

			memset(branch->used, 0, sizeof(branch->used));
			branch->first = branch->end = 0;
		}
	}
	set->filled = NULL;
	set->spare = set->spare_end = NULL;
}

static void
unmap(struct pmt_liveset_chunk *chunk)
{
	struct pmt_liveset_chunk *next;

	for (; chunk != NULL; chunk = next) {
		next = chunk->next;
		munmap(chunk, chunk->bytes);
	}
}

void
pmt_liveset_fini(struct pmt_liveset *set)
{
	struct pmt_liveset *empty = NULL;

	if (set->root != NULL && set->bytes <= MOST_KEPT)
		empty = malloc(sizeof(*empty));
	if (empty != NULL) {
		clear(set);
		*empty = *set;
		empty = pmt_keep_put(&kept, empty);
		memset(set, 0, sizeof(*set));
	}
	if (empty != NULL)
		*set = *empty;
	free(empty);
	unmap(set->nodes);
	unmap(set->leaves);
	memset(set, 0, sizeof(*set));
}

struct visit {
	void (*visit)(uintptr_t address, void *arg);
	void *arg;
};

static void
visit_leaf(uint64_t **leaf, uintptr_t base, void *arg)
{
	const struct visit *visit = arg;

	for (size_t i = 0; i < PMT_LIVESET_LEAF; i++) {
		for (uint64_t word = (*leaf)[i]; word != 0; ) {
			uintptr_t bit = take_bit(&word);

			visit->visit(base | (i << 6 | bit) << 4, visit->arg);
		}
	}
}

void
pmt_liveset_visit(struct pmt_liveset *set,
		  void (*visit)(uintptr_t address, void *arg), void *arg)
{
	struct visit each = { visit, arg };

	each_branch(set->root, visit_leaf, &each);
}
