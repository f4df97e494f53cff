/* SPDX-License-Identifier: MIT */
/* graph.h - which objects are there, and which refer to which? */
#ifndef PMT_HEAP_GRAPH_H
#define PMT_HEAP_GRAPH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/common.h"
#include "heap/names.h"
#include "heap/room.h"

/*
 * Objects are nodes, numbered in the order they were met; addresses are
 * compared and never followed.  The references of one node lie side by side
 * (compressed sparse rows): those of node i are edges first[i] to
 * first[i + 1] - 1.  All memory is the kernel's (room.h).  No locks.
 */

#define PMT_NO_NODE UINT32_MAX

/* How a reference is written; from PMT_EDGE_NAMES on it bears a name. */
enum {
	PMT_EDGE_INSIDE,	/* <TYPE>: somewhere in the object */
	PMT_EDGE_ITEM,		/* [0], [1] ... in the order of the edges */
	PMT_EDGE_VALUE,		/* {*}: a value of a dict */
	PMT_EDGE_KEY,		/* {key}: a key of one, or a set's element */
	PMT_EDGE_DICT,		/* the attributes of an object: not written */
	PMT_EDGE_CLASS,		/* from an object to its type */
	PMT_EDGE_GLOBALS,	/* from a function to its module's globals */
	PMT_EDGE_NAMES = 16,
};

/* The kinds of those with names. */
enum { PMT_NAMED_ATTRIBUTE, PMT_NAMED_KEY, PMT_NAMED_LOCAL };

/* The label for name NUMBER of the graph's names. */
static inline uint32_t
pmt_edge_named(uint32_t number, unsigned int kind)
{
	return PMT_EDGE_NAMES + (number << 2 | kind);
}

/* In the order in which paths prefer them. */
enum pmt_root_kind {
	PMT_ROOT_MODULE,
	PMT_ROOT_TYPE,		/* one that is static */
	PMT_ROOT_THREAD,	/* thread-local storage, context variables */
	PMT_ROOT_INTERPRETER,	/* atexit, codecs, gc.garbage ... */
	PMT_ROOT_FRAME,		/* local variables of what runs */
	PMT_ROOT_CODE,		/* C code: more references than edges */
	PMT_ROOT_KINDS,
};

struct pmt_root {
	uint32_t node;
	uint32_t kind;
	uint32_t name;		/* of the graph's names */
};

/* Bits of a node's marks; the lowest two are the generation of the gc. */
enum {
	PMT_MARK_GENERATION = 3,
	PMT_MARK_TRACKED = 4,	/* the gc has it in a list */
	PMT_MARK_PSEUDO = 8,	/* a running frame: no object */
	PMT_MARK_IGNORED = 16,	/* of the asker: no path leads through it */
	PMT_MARK_KEY = 32,	/* while a dict is walked: a key of it, */
	PMT_MARK_MET = 64,	/* which has its edge */
};

struct pmt_heap {
	uint64_t *address;	/* inverted: see pmt_heap_address() */
	uint32_t *first;	/* nodes + 1, once all is walked */
	uint32_t *type;		/* a name's number */
	uint32_t *size;		/* in units of 8 bytes, at most UINT32_MAX */
	int32_t *spare;		/* references that no edge accounts for */
	uint8_t *marks;
	uint32_t *target;	/* of each edge */
	uint32_t *label;
	struct pmt_root *root;
	uint32_t nodes, edges, roots;
	uint64_t capacity;	/* of the arrays of nodes */
	uint32_t walked;	/* nodes whose edges are all there */
	int err;		/* 0, or -ENOMEM: the graph is of no use */
	struct pmt_names names;

	struct pmt_room room[9];	/* of the arrays above, in order */
	struct pmt_room hash;		/* uint32_t, node + 1 */
	unsigned int bits;
};

/* An empty graph; room for NODES and EDGES, which may be 0.  0 or -ENOMEM. */
int pmt_heap_init(struct pmt_heap *heap, uint32_t nodes,
		  uint32_t edges) PMT_MUST_CHECK;

/* Give back all memory.  All zeroes is allowed. */
void pmt_heap_fini(struct pmt_heap *heap);

/*
 * Addresses are kept inverted: who looks for references all over the memory
 * of the process does not find these.
 */
static inline uint64_t
pmt_heap_address(const struct pmt_heap *heap, uint32_t node)
{
	return ~heap->address[node];
}

/*
 * The node of ADDRESS, or PMT_NO_NODE.  Not of a graph that was read from a
 * file: whoever made that could make every look take long.
 */
uint32_t pmt_heap_find(const struct pmt_heap *heap, uint64_t address);

/* The same, made if it is not there; PMT_NO_NODE: no memory (heap->err). */
uint32_t pmt_heap_add(struct pmt_heap *heap, uint64_t address);

/* A reference from node heap->walked to TO. */
void pmt_heap_edge(struct pmt_heap *heap, uint32_t to, uint32_t label);

/* Node heap->walked is done: what follows are edges of the next. */
void pmt_heap_walked(struct pmt_heap *heap);

/* NODE is held from outside; NAME is what for, of LENGTH bytes. */
void pmt_heap_root(struct pmt_heap *heap, uint32_t node,
		   enum pmt_root_kind kind, const char *name, size_t length);

/* Set the size of NODE, BYTES. */
static inline void
pmt_heap_size(struct pmt_heap *heap, uint32_t node, uint64_t bytes)
{
	uint64_t units = (bytes + 7) / 8;

	heap->size[node] = units > UINT32_MAX ? UINT32_MAX : (uint32_t)units;
}

#endif
