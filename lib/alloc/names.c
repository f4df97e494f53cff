/* SPDX-License-Identifier: MIT */
#include <config.h>

#include "alloc/names.h"

#include <string.h>

#include "alloc/sink.h"

/* 4 million stacks are some 128 MB. */
enum { MOST_NODES = 1 << 22 };

struct pmt_names pmt_names = { .epoch = 1 };

int
pmt_names_init(bool native)
{
	int err = pmt_idmap_init(&pmt_names.alive);

	if (err == 0)
		err = pmt_idmap_init(&pmt_names.codes);
	if (err == 0)
		err = pmt_idmap_init(&pmt_names.places);
	if (err == 0)
		err = pmt_idmap_init(&pmt_names.nodes);
	pmt_names.native = native;
	if (err == 0 && native)
		err = pmt_idmap_init(&pmt_names.natives);
	if (err == 0 && native)
		err = pmt_idmap_init(&pmt_names.pairs);
	return err;
}

void
pmt_names_forget(void)
{
	pmt_idmap_clear(&pmt_names.alive);
	pmt_idmap_clear(&pmt_names.codes);
	pmt_idmap_clear(&pmt_names.places);
	pmt_idmap_clear(&pmt_names.nodes);
	if (pmt_names.native) {
		pmt_idmap_clear(&pmt_names.natives);
		pmt_idmap_clear(&pmt_names.pairs);
	}
	pmt_names.code_count = 0;
	pmt_names.place_count = 0;
	pmt_names.node_count = 0;
	pmt_names.unnamed = 0;
	pmt_names.epoch++;
}

void
pmt_names_code_died(void *code)
{
	struct pmt_idslot *slot = pmt_idmap_find(&pmt_names.alive,
						 (uintptr_t)code);

	/* Of code that was never met nothing is kept. */
	if (slot->key == 0)
		return;
	pmt_idmap_remove(&pmt_names.alive, slot);
	if (++pmt_names.epoch == 0)
		pmt_names.epoch = 1;
}

/* FNV-1a, folded once more; 0 is no key. */
static uint64_t
hash_text(const char *text, size_t size, uint64_t seed)
{
	uint64_t hash = seed ^ UINT64_C(0xcbf29ce484222325);

	for (size_t i = 0; i < size; i++)
		hash = (hash ^ (uint8_t)text[i]) * UINT64_C(0x100000001b3);
	return pmt_idmap_hash(hash) | 1;
}

/* Tell the log of a function, unless one of the same names was told of. */
static uint32_t
learn_code(const char *code)
{
	static char file[PMT_SINK_NAME], name[PMT_SINK_NAME / 4];
	size_t file_size = pmt_code_file(code, file, sizeof(file));
	size_t name_size = pmt_code_name(code, name, sizeof(name));
	uint32_t line = pmt_code_first_line(code);
	uint64_t key = hash_text(name, name_size,
				 hash_text(file, file_size, line));
	const struct pmt_idslot *slot = pmt_idmap_find(&pmt_names.codes, key);
	uint32_t number = slot->key != 0 ? (uint32_t)slot->value
					 : pmt_names.code_count + 1;
	uint8_t *p;

	/* From 3.13 on: what tidies up behind a class's __init__(). */
	if (line == 0 && file_size == 8 && memcmp(file, "__init__", 8) == 0)
		return 0;
	if (pmt_idmap_add(&pmt_names.alive, (uintptr_t)code, number) == NULL)
		return 0;
	if (number <= pmt_names.code_count)
		return number;
	if (pmt_idmap_add(&pmt_names.codes, key, number) == NULL)
		return 0;
	pmt_names.code_count = number;
	p = pmt_sink_reserve(sizeof(file) + sizeof(name) + PMT_SINK_RECORD);
	*p++ = PMT_ALLOC_CODE;
	p = pmt_put_varint(p, line);
	p = pmt_put_name(p, file, file_size);
	p = pmt_put_name(p, name, name_size);
	pmt_sink_commit(p);
	return number;
}

static uint32_t
learn_place(uint32_t code, uint32_t line)
{
	uint64_t key = (uint64_t)code << 32 | line;
	const struct pmt_idslot *slot = pmt_idmap_find(&pmt_names.places, key);
	uint8_t *p;

	if (slot->key != 0)
		return (uint32_t)slot->value;
	if (pmt_idmap_add(&pmt_names.places, key,
			  pmt_names.place_count + 1) == NULL) {
		pmt_names.unnamed++;
		return 0;
	}
	p = pmt_sink_reserve(PMT_SINK_RECORD);
	*p++ = PMT_ALLOC_PLACE;
	p = pmt_put_varint(p, code);
	p = pmt_put_varint(p, line);
	pmt_sink_commit(p);
	return ++pmt_names.place_count;
}

PMT_COLD uint32_t
pmt_place_learn(const char *frame, uint64_t key)
{
	uint32_t i = (uint32_t)(key >> 1 ^ key >> 12) % PMT_PLACE_CACHE;
	const char *code = pmt_frame_code(frame);
	const struct pmt_idslot *slot;
	uint32_t number, place = 0;

	if (!pmt_is_code(code))
		return 0;
	slot = pmt_idmap_find(&pmt_names.alive, (uintptr_t)code);
	number = slot->key != 0 ? (uint32_t)slot->value : learn_code(code);
	if (number != 0)
		place = learn_place(number, pmt_code_line(code, key));
	pmt_names.cache[i].key = key;
	pmt_names.cache[i].epoch = pmt_names.epoch;
	pmt_names.cache[i].place = place;
	return place;
}

PMT_COLD uint32_t
pmt_place_native(uint32_t module, uintptr_t offset, bool loop)
{
	/* An address in no module has the numbers of none. */
	uint64_t key = ((uint64_t)module << 48 | offset) + 1;
	const struct pmt_idslot *slot = pmt_idmap_find(&pmt_names.natives,
						       key);
	uint8_t *p;

	if (slot->key != 0)
		return (uint32_t)slot->value;
	if (module >= 1 << 16 || offset >= UINT64_C(1) << 48 ||
	    pmt_idmap_add(&pmt_names.natives, key,
			  pmt_names.place_count + 1) == NULL)
		return 0;
	p = pmt_put_more(PMT_ALLOC_NATIVE_PLACE);
	p = pmt_put_varint(p, module << 1 | loop);
	pmt_sink_commit(pmt_put_varint(p, offset));
	return ++pmt_names.place_count;
}

/* A number for one more stack, which MAP is to know; 0: there is no room. */
static uint32_t
add_node(struct pmt_idmap *map, uint64_t key)
{
	if (pmt_names.node_count == MOST_NODES ||
	    pmt_idmap_add(map, key, pmt_names.node_count + 1) == NULL) {
		pmt_names.unnamed++;
		return 0;
	}
	return ++pmt_names.node_count;
}

PMT_COLD uint32_t
pmt_node_learn(uint32_t caller, uint32_t place)
{
	uint32_t node = add_node(&pmt_names.nodes,
				 (uint64_t)caller << 32 | place);
	uint8_t *p;

	if (node == 0)
		return caller;
	p = pmt_sink_reserve(PMT_SINK_RECORD);
	*p++ = PMT_ALLOC_NODE;
	p = pmt_put_varint(p, caller == 0 ? 0 : node - caller);
	/* The bit for an entry becomes the lowest one. */
	if (pmt_names.native)
		place = place << 1 | place >> 31;
	pmt_sink_commit(pmt_put_varint(p, place));
	return node;
}

uint32_t
pmt_node_pair(uint32_t python, uint32_t native)
{
	uint64_t key = (uint64_t)python << 32 | native;
	const struct pmt_idslot *slot;
	uint32_t node;
	uint8_t *p;

	if (native == 0)
		return python;
	slot = pmt_idmap_find(&pmt_names.pairs, key);
	if (pmt_likely(slot->key != 0))
		return (uint32_t)slot->value;
	node = add_node(&pmt_names.pairs, key);
	if (node == 0)
		return python;
	p = pmt_put_more(PMT_ALLOC_PAIR);
	p = pmt_put_varint(p, python);
	pmt_sink_commit(pmt_put_varint(p, native));
	return node;
}
