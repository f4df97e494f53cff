/* SPDX-License-Identifier: MIT */
#include <config.h>

#include "books/ownbook.h"

#include <errno.h>
#include <stdlib.h>

#include "base/array.h"

static uint32_t
hash_own(const struct pmt_growth_own *own)
{
	const uint32_t parts[] = {
		own->own_file, own->own_line, own->own_function, own->imports,
		own->file, own->line, own->function, own->in_c,
	};
	uint64_t hash = 0;

	for (size_t i = 0; i < PMT_ARRAY_SIZE(parts); i++)
		hash = (hash ^ hash >> 29 ^ parts[i]) * 0x9e3779b97f4a7c15u;
	return (uint32_t)(hash >> 32);
}

static bool
same_own(const struct pmt_growth_own *a, const struct pmt_growth_own *b)
{
	return a->own_file == b->own_file && a->own_line == b->own_line &&
	       a->own_function == b->own_function &&
	       a->imports == b->imports && a->file == b->file &&
	       a->line == b->line && a->function == b->function &&
	       a->in_c == b->in_c;
}

static int
reserve(struct pmt_ownbook *book)
{
	if (book->by_key.slots == NULL && pmt_hash_init(&book->by_key) != 0)
		return -ENOMEM;
	if (pmt_hash_reserve(&book->by_key, book->count) != 0)
		return -ENOMEM;
	return pmt_array_reserve((void **)&book->owns, sizeof(*book->owns),
				 book->count, &book->room);
}

int
pmt_ownbook_find(struct pmt_ownbook *book, const struct pmt_growth_own *key,
		 struct pmt_growth_own **own)
{
	uint32_t hash = hash_own(key), place = hash, number;

	if (reserve(book) != 0)
		return -ENOMEM;
	while ((number = pmt_hash_next(&book->by_key, hash, &place)) != 0) {
		*own = &book->owns[number - 1];
		if (same_own(*own, key))
			return 0;
	}
	pmt_hash_insert(&book->by_key, hash, book->count);
	*own = &book->owns[book->count++];
	**own = *key;
	return 0;
}

void
pmt_ownbook_fini(struct pmt_ownbook *book)
{
	free(book->owns);
	pmt_hash_fini(&book->by_key);
}
