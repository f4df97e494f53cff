/* SPDX-License-Identifier: MIT */
#include <config.h>

#include "books/codebook.h"

#include <errno.h>
#include <stdlib.h>

#include "base/array.h"

static uint32_t
hash(uint32_t a, uint32_t b, uint32_t c)
{
	uint64_t h = (a + 1) * 0x9e3779b97f4a7c15u;

	h = (h ^ h >> 29 ^ b) * 0xbf58476d1ce4e5b9u;
	h = (h ^ h >> 32 ^ c) * 0x94d049bb133111ebu;
	return (uint32_t)(h >> 32);
}

static uint32_t
node_hash(const struct pmt_growth_node *node)
{
	return hash(node->parent, node->file, node->function * 2 + node->in_c);
}

static uint32_t
line_hash(const struct pmt_growth_line *line)
{
	return hash(line->file, line->line, 0);
}

static bool
same_node(const struct pmt_growth_node *a, const struct pmt_growth_node *b)
{
	return a->parent == b->parent && a->file == b->file &&
	       a->function == b->function && a->in_c == b->in_c;
}

static bool
same_line(const struct pmt_growth_line *a, const struct pmt_growth_line *b)
{
	return a->file == b->file && a->line == b->line;
}

int
pmt_codebook_init(struct pmt_codebook *book)
{
	*book = (struct pmt_codebook){ 0 };
	return pmt_hash_init(&book->by_node) == 0 &&
			       pmt_hash_init(&book->by_line) == 0
		       ? 0 : -ENOMEM;
}

int
pmt_codebook_node(struct pmt_codebook *book,
		  const struct pmt_growth_node *key,
		  uint32_t *number)
{
	uint32_t wanted = node_hash(key), place = wanted, found;

	while ((found = pmt_hash_next(&book->by_node, wanted, &place)) != 0) {
		*number = found - 1;
		if (same_node(&book->nodes[*number], key))
			return 0;
	}
	if (pmt_hash_reserve(&book->by_node, book->node_count) != 0 ||
	    pmt_array_reserve((void **)&book->nodes, sizeof(*book->nodes),
			      book->node_count, &book->node_room) != 0)
		return -ENOMEM;
	*number = book->node_count++;
	book->nodes[*number] = *key;
	pmt_hash_insert(&book->by_node, wanted, *number);
	return 0;
}

int
pmt_codebook_line(struct pmt_codebook *book,
		  const struct pmt_growth_line *key,
		  struct pmt_growth_line **line)
{
	uint32_t wanted, place, found;

	if (book->line_count > 0) {
		*line = &book->lines[book->last_line];
		if (same_line(*line, key))
			return 0;
	}
	wanted = place = line_hash(key);
	while ((found = pmt_hash_next(&book->by_line, wanted, &place)) != 0) {
		*line = &book->lines[found - 1];
		if (!same_line(*line, key))
			continue;
		book->last_line = found - 1;
		return 0;
	}
	if (pmt_hash_reserve(&book->by_line, book->line_count) != 0 ||
	    pmt_array_reserve((void **)&book->lines, sizeof(*book->lines),
			      book->line_count, &book->line_room) != 0)
		return -ENOMEM;
	book->last_line = book->line_count++;
	*line = &book->lines[book->last_line];
	**line = *key;
	pmt_hash_insert(&book->by_line, wanted, book->last_line);
	return 0;
}

void
pmt_codebook_fini(struct pmt_codebook *book)
{
	free(book->nodes);
	free(book->lines);
	pmt_hash_fini(&book->by_node);
	pmt_hash_fini(&book->by_line);
}
