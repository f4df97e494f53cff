/* SPDX-License-Identifier: MIT */
#include <config.h>

#include "base/hash.h"

#include <errno.h>
#include <stdlib.h>

enum { FIRST_SLOTS = 1024 };

int
pmt_hash_init(struct pmt_hash *table)
{
	table->mask = FIRST_SLOTS - 1;
	table->slots = calloc(FIRST_SLOTS, sizeof(*table->slots));
	return table->slots == NULL ? -ENOMEM : 0;
}

void
pmt_hash_insert(struct pmt_hash *table, uint32_t hash, uint32_t number)
{
	uint32_t i = hash & table->mask;

	while (table->slots[i].number != 0)
		i = (i + 1) & table->mask;
	table->slots[i] = (struct pmt_hash_slot){ hash, number + 1 };
}

static int
grow(struct pmt_hash *table)
{
	struct pmt_hash bigger = {
		.mask = table->mask * 2 + 1,
	};

	/* Numbers end where slots could not be counted. */
	if (bigger.mask == UINT32_MAX)
		return -ENOMEM;
	bigger.slots = calloc((size_t)bigger.mask + 1, sizeof(*bigger.slots));
	if (bigger.slots == NULL)
		return -ENOMEM;
	for (uint32_t i = 0; i <= table->mask; i++) {
		const struct pmt_hash_slot *slot = &table->slots[i];

		if (slot->number != 0)
			pmt_hash_insert(&bigger, slot->hash, slot->number - 1);
	}
	free(table->slots);
	*table = bigger;
	return 0;
}

int
pmt_hash_reserve(struct pmt_hash *table, uint32_t count)
{
	return count < table->mask / 2 ? 0 : grow(table);
}

void
pmt_hash_fini(struct pmt_hash *table)
{
	free(table->slots);
	*table = (struct pmt_hash){ 0 };
}
