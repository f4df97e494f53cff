/* SPDX-License-Identifier: MIT */
/* names.h - by which number does the log know a function, a line, a stack? */
#ifndef PMT_NAMES_H
#define PMT_NAMES_H

#include <stdbool.h>
#include <stdint.h>

#include "alloc/own.h"
#include "alloc/python.h"
#include "base/common.h"

/*
 * Each is numbered from 1 and told to the log when it is first met; what has
 * the same names has the same number.  An instruction is known by its key
 * until its code object dies: then the epoch moves, and nothing that was kept
 * by keys holds any more.  All of this is under the lock of event.h.
 */
enum { PMT_PLACE_CACHE = 2048 };

/*
 * With native frames a place is also an instruction, and a node may pair two
 * stacks.  A place of Python's that has this bit has a loop of the interpreter
 * of its own.
 */
#define PMT_PLACE_ENTRY (UINT32_C(1) << 31)

struct pmt_names {
	struct pmt_idmap alive;		/* code objects: address, number */
	struct pmt_idmap codes;		/* by a hash of their names */
	struct pmt_idmap places;	/* by code and line */
	struct pmt_idmap nodes;		/* by caller's node and place */
	struct pmt_idmap natives;	/* places, by module and offset */
	struct pmt_idmap pairs;		/* nodes, by two others */
	bool native;			/* the log has native frames */
	uint32_t code_count, place_count, node_count;
	uint32_t epoch;			/* never 0 */
	uint64_t unnamed;		/* stacks cut: memory was short */
	struct {
		uint64_t key;
		uint32_t epoch;
		uint32_t place;
	} cache[PMT_PLACE_CACHE];
};

extern struct pmt_names pmt_names PMT_HIDDEN;

/* Returns 0 or -ENOMEM. */
PMT_HIDDEN int pmt_names_init(bool native) PMT_MUST_CHECK;

/* A new log, to which all has to be told anew. */
PMT_HIDDEN void pmt_names_forget(void);

/* A code object dies. */
PMT_HIDDEN void pmt_names_code_died(void *code);

/* The slow ways of the two below. */
PMT_HIDDEN uint32_t pmt_place_learn(const char *frame, uint64_t key);
PMT_HIDDEN uint32_t pmt_node_learn(uint32_t caller, uint32_t place);

/*
 * Number of the instruction at OFFSET in a module (modules.h), or at an address
 * in none; LOOP: it is of the interpreter's loop.  0: memory is short.
 */
PMT_HIDDEN uint32_t pmt_place_native(uint32_t module, uintptr_t offset,
				     bool loop);

/* Number of the stack that is PYTHON's and, below or between it, NATIVE's. */
PMT_HIDDEN uint32_t pmt_node_pair(uint32_t python, uint32_t native);

/* Number of the place where FRAME is, whose key is KEY; 0: of no code. */
static inline uint32_t
pmt_place(const char *frame, uint64_t key)
{
	uint32_t i = (uint32_t)(key >> 1 ^ key >> 12) % PMT_PLACE_CACHE;

	if (pmt_likely(pmt_names.cache[i].key == key &&
		       pmt_names.cache[i].epoch == pmt_names.epoch))
		return pmt_names.cache[i].place;
	return pmt_place_learn(frame, key);
}

/* Number of the stack that is CALLER's (0: none) and then PLACE. */
static inline uint32_t
pmt_node(uint32_t caller, uint32_t place)
{
	uint64_t key = (uint64_t)caller << 32 | place;
	const struct pmt_idslot *slot = pmt_idmap_find(&pmt_names.nodes, key);

	if (pmt_likely(slot->key != 0))
		return (uint32_t)slot->value;
	return pmt_node_learn(caller, place);
}

#endif
