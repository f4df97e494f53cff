/* SPDX-License-Identifier: MIT */
/* alloclog.h - the bytes of a log of allocations. */
#ifndef PMT_ALLOCLOG_H
#define PMT_ALLOCLOG_H

#include <stdint.h>

#include "log/compact.h"

/*
 * The file header is that of a compact log (compact.h) of the kind 'A', its
 * columns the flags below.  Then records to the end of the file, without
 * blocks: stacks, named once, are used to the end.  Numbers are varints; those
 * that may be negative are zigzag.
 *
 * Bits 0 to 2 of a record's first byte are its kind.  Names, places and nodes
 * are numbered from 1 in the order of their records; 0 is none.
 */
#define PMT_ALLOCLOG_KIND 'A'

/* Flags of the header: what the log tells of. */
enum {
	PMT_ALLOCLOG_OBJECTS = 1,	/* what pymalloc hands out, too */
	PMT_ALLOCLOG_NATIVE = 2,	/* native frames */
	PMT_ALLOCLOG_SAMPLE = 4,	/* a sample, by bytes */
	PMT_ALLOCLOG_SUMMARY = 8,	/* sums instead of blocks */
};

enum pmt_alloc_record {
	/* A block is there: thread, node, address, size. */
	PMT_ALLOC_BLOCK,
	/* It will not be any more: thread, address. */
	PMT_ALLOC_FREE,
	/* Memory from mmap: thread, node, page (difference), bytes. */
	PMT_ALLOC_MAP,
	/* Some of it, or other memory, is gone: the same without node. */
	PMT_ALLOC_UNMAP,
	/*
	 * A stack: how many nodes ago its caller's was (0: none), place.  In a
	 * log with native frames the place is doubled, plus 1 if it is of
	 * Python's and has a loop of the interpreter of its own.
	 */
	PMT_ALLOC_NODE,
	/* A place: code, line. */
	PMT_ALLOC_PLACE,
	/* A function: its first line, length and bytes of file and name. */
	PMT_ALLOC_CODE,
	/* More kinds, in bits 3 to 7. */
	PMT_ALLOC_MORE,
};

/* In the first byte of the first four. */
enum {
	PMT_ALLOC_KIND = 7,
	PMT_ALLOC_SAME_NODE = 8,	/* as that of the last BLOCK or MAP */
	PMT_ALLOC_THREAD = 16,		/* it is another than in the last one */
	PMT_ALLOC_SAME_SIZE = 32,	/* as of the node's last block */
};

enum pmt_alloc_more {
	/* Python's version (major << 8 | minor, 0: unknown), and as text. */
	PMT_ALLOC_PYTHON,
	/* A thread's number, the kernel's number, length and bytes of name. */
	PMT_ALLOC_THREAD_NAME,
	/* Microseconds since the start, RSS in KiB. */
	PMT_ALLOC_TICK,
	/* enum pmt_alloc_mark. */
	PMT_ALLOC_MARK,
	/* What the log lacks: length and bytes of a sentence. */
	PMT_ALLOC_LACKS,
	/* The thread's last FREE did not happen: the number of the thread. */
	PMT_ALLOC_KEPT,
	/* Of pymalloc: address / 4096 (difference to the last page), bytes. */
	PMT_ALLOC_ARENA,
	PMT_ALLOC_ARENA_FREE,
	/* Page and bytes of a map that moved, and of where it is now. */
	PMT_ALLOC_REMAP,
	/*
	 * A place, too: twice the number of its module (0: none), plus 1 if it
	 * is in the interpreter's loop, and its offset in that, or its address.
	 */
	PMT_ALLOC_NATIVE_PLACE,
	/* A module, numbered from 1: at which address it begins in its file,
	   length and bytes of its path and build-id. */
	PMT_ALLOC_MODULE,
	/* Bytes in the mean between two samples. */
	PMT_ALLOC_RATE,
	/* Sums of a node: its number and the fields of struct pmt_alloc_sum. */
	PMT_ALLOC_SUM,
	/* A node, too: the one of Python's stack and that of the native one. */
	PMT_ALLOC_PAIR,
	/* What memory is made of: length and bytes of memory.h's text. */
	PMT_ALLOC_MEMORY,
	/* In a summary, of a node: what it held at PMT_ALLOC_MOMENTS. */
	PMT_ALLOC_HELD,
	/* Of blocks from 2^n bytes on: n; bytes and blocks left, and ever. */
	PMT_ALLOC_SIZES,
	/* Bytes left of before the program's first line; of arenas, and how
	   many there are. */
	PMT_ALLOC_ELSEWHERE,
	/* Length and bytes of what a MSG row of other logs says. */
	PMT_ALLOC_MESSAGE,
};

/* Evenly spaced on the axis of bytes that were ever allocated, until now. */
enum { PMT_ALLOC_MOMENTS = 32 };

enum pmt_alloc_mark {
	PMT_ALLOC_BEGIN = 1,	/* the program's first line */
	PMT_ALLOC_END,		/* its last, before Python is taken down */
};

/* What a summary knows of one stack, all since the program's first line. */
struct pmt_alloc_sum {
	uint64_t live, blocks;			/* bytes, and in how many */
	uint64_t at_peak, blocks_at_peak;	/* when most bytes were live */
	uint64_t total, count;			/* ever */
	uint64_t temporary;			/* freed as the thread's last */
	uint64_t mapped;			/* of live, by mmap */
};

/*
 * What has been there lately, as both sides know: an address, or a node, is
 * written as twice the number of its slot if it is what the slot holds.
 */
enum { PMT_ALLOC_RECENT = 64, PMT_ALLOC_LAST_SIZES = 1024 };

struct pmt_alloc_codec {
	uint64_t addresses[PMT_ALLOC_RECENT];
	uint32_t nodes[PMT_ALLOC_RECENT];
	uint64_t sizes[PMT_ALLOC_LAST_SIZES];	/* of the last block, by node */
	uint64_t address;	/* the last one, / 8 */
	uint64_t page;
	uint32_t node;
	uint32_t thread;
};

static inline uint32_t
pmt_alloc_slot(uint64_t value)
{
	return (uint32_t)(value * UINT64_C(0x9E3779B97F4A7C15) >> 58);
}

/*
 * An address divided by 8: twice its slot, or twice the zigzag difference to
 * the last one, plus 1.
 */
static inline uint8_t *
pmt_alloc_put_address(struct pmt_alloc_codec *codec, uint8_t *p,
		      uint64_t address)
{
	uint64_t a = address >> 3;
	uint32_t slot = pmt_alloc_slot(a);
	uint64_t code = (uint64_t)slot << 1;

	if (codec->addresses[slot] != a) {
		codec->addresses[slot] = a;
		code = pmt_zigzag((int64_t)(a - codec->address)) << 1 | 1;
	}
	codec->address = a;
	return pmt_put_varint(p, code);
}

/* A node, likewise: twice its slot, or twice its number plus 1. */
static inline uint8_t *
pmt_alloc_put_node(uint32_t recent[PMT_ALLOC_RECENT], uint8_t *p,
		   uint32_t node)
{
	uint32_t slot = pmt_alloc_slot(node);
	uint64_t code = (uint64_t)slot << 1;

	if (recent[slot] != node) {
		recent[slot] = node;
		code = (uint64_t)node << 1 | 1;
	}
	return pmt_put_varint(p, code);
}

#endif
