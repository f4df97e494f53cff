/* SPDX-License-Identifier: MIT */
/* compactencoder.h - what do the rows of a compact log share in one block? */
#ifndef PMT_COMPACTENCODER_H
#define PMT_COMPACTENCODER_H

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "base/common.h"
#include "log/column.h"
#include "log/compact.h"
#include "log/row.h"
#include "write/bytesink.h"

/*
 * Private to compactlog.c, which has the blocks, and to compactreference.c and
 * compactprofile.c, which put rows into them.  log/compact.h has the bytes.
 */
enum {
	PMT_TYPE_SLOTS = 512,	/* powers of two */
	PMT_SITE_SLOTS = 1024,
	PMT_CALLEE_SLOTS = 512,
	PMT_CALL_SLOTS = 2048,
	PMT_NUMBERS_MAX = 128,	/* bytes of a row without definitions */
};

/*
 * What was defined in the block.  The tables are caches: a name that lost its
 * place to another is defined once more.
 */
struct pmt_type_slot {
	uint32_t block;
	uint32_t serial;	/* of its column */
	uint32_t id;
	int64_t live;
	uint64_t size;
};

struct pmt_site_slot {
	uint32_t block;
	uint32_t file, function;	/* serials of their columns */
	uint32_t id;
	int line;
	uint32_t own_function;	/* serial of its column */
	uint32_t own_kind;
	int own_line;
};

/* A function in C has no column, serial 0, and its name is in the block. */
struct pmt_callee_slot {
	struct pmt_site_slot site;
	uint32_t size;
	const char *bytes;
};

struct pmt_call_slot {
	uint32_t block;
	uint32_t caller;	/* a path */
	uint32_t file, function;	/* serials of their columns */
	int line;
	uint32_t kind;
	uint32_t path;
};

struct pmt_compact {
	uint32_t block;		/* from 1; slots of other blocks are free */
	uint32_t sequence;	/* blocks written */
	uint32_t rows;
	uint32_t types, sites, calls;	/* ids given */
	uint64_t stamp;		/* of the block; no other log has it */
	uint64_t clock, rss;
	uint64_t wall;		/* beyond the clock */
	int64_t thread;
	uintptr_t address;
	uint64_t event, row_event, row_rss;
	/* Slots have half a line of the processor's cache each. */
	_Alignas(64) struct pmt_type_slot type[PMT_TYPE_SLOTS];
	struct pmt_site_slot site[PMT_SITE_SLOTS];
	struct pmt_callee_slot callee[PMT_CALLEE_SLOTS];
	struct pmt_call_slot call[PMT_CALL_SLOTS];
};

struct pmt_compactlog {
	struct pmt_bytesink sink;
	struct pmt_compact compact;
};

static inline struct pmt_compactlog *
pmt_compactlog(struct pmt_recorder *recorder)
{
	return (struct pmt_compactlog *)(void *)recorder;
}

/* Rows, as recorder.h has them. */
void pmt_compact_reference(struct pmt_recorder *recorder,
			   const struct pmt_reference_event *event);
void pmt_compact_profile(struct pmt_recorder *recorder, enum pmt_row tag,
			 const struct pmt_profile_event *event);

/* Define the site of FILE and FUNCTION at P; returns the definition's end. */
uint8_t *pmt_define_site(struct pmt_compact *compact,
			 struct pmt_site_slot *slot,
			 const struct pmt_column *file,
			 const struct pmt_column *function, uint8_t *p);

/* The same, up to the name of the function, whose serial is FUNCTION. */
uint8_t *pmt_begin_site(struct pmt_compact *compact,
			struct pmt_site_slot *slot,
			const struct pmt_column *file, uint32_t function,
			uint8_t *p);

/*
 * The path of CALLERS in the block where a row of ROOM bytes has room now; it
 * is defined by then.  Unknown for NULL, or where it is too long for a block.
 */
uint32_t pmt_compact_path(struct pmt_compactlog *log,
			  const struct pmt_callers *callers, size_t room);

/* For whom a site is; what pmt_define_own() adds to its definition. */
uint8_t *pmt_define_own(struct pmt_site_slot *slot, const struct pmt_own *own,
			uint8_t *p);

/* Complete the header of a BLOCK that is SIZE bytes long, header included. */
void pmt_compact_fill_header(struct pmt_compact *compact, uint8_t *block,
			     size_t size);

/*
 * A row longer than the buffer becomes a block outside of it.  Returns where
 * it goes, or NULL: it is lost.
 */
uint8_t *pmt_compact_begin_huge(struct pmt_compactlog *log, size_t size);
void pmt_compact_end_huge(struct pmt_compactlog *log, uint8_t *row,
			  const uint8_t *end);

static inline uint8_t *
pmt_put_bytes(uint8_t *p, const char *bytes, size_t size)
{
	p = pmt_put_varint(p, size);
	memcpy(p, bytes, size);
	return p + size;
}

static inline struct pmt_site_slot *
pmt_site_slot(struct pmt_compact *compact, uint32_t hash)
{
	return &compact->site[hash % PMT_SITE_SLOTS];
}

/* FUNCTION is the serial of its column, which no other function has. */
static inline bool
pmt_is_site(const struct pmt_compact *compact, const struct pmt_site_slot *slot,
	    const struct pmt_column *file, uint32_t function)
{
	return slot->block == compact->block && slot->file == file->serial &&
	       slot->function == function;
}

/* The serial of what says for whom a site is; the slot has all else. */
static inline uint32_t
pmt_own_serial(const struct pmt_own *own)
{
	return pmt_own_is_caller(own->kind) ? own->function->serial : 0;
}

/* What an own place adds to the hash of a site. */
static inline uint32_t
pmt_own_mix(const struct pmt_own *own)
{
	return (pmt_own_serial(own) * 31 + (uint32_t)own->line + own->kind) *
		       0x9e3779b1u >> 16;
}

static inline bool
pmt_is_own(const struct pmt_site_slot *slot, const struct pmt_own *own)
{
	return slot->own_kind == own->kind && slot->own_line == own->line &&
	       slot->own_function == pmt_own_serial(own);
}

/*
 * The slot of the site of FILE and FUNCTION, and of OWN if the log HAS_OWN; *P
 * has defined it by then.
 */
static inline struct pmt_site_slot *
pmt_find_site(struct pmt_compact *compact, bool has_own,
	      const struct pmt_column *file, const struct pmt_column *function,
	      const struct pmt_own *own, uint8_t **p)
{
	uint32_t hash = function->serial + (has_own ? pmt_own_mix(own) : 0);
	struct pmt_site_slot *slot = pmt_site_slot(compact, hash);

	if (pmt_likely(pmt_is_site(compact, slot, file, function->serial) &&
		       (!has_own || pmt_is_own(slot, own))))
		return slot;
	*p = pmt_define_site(compact, slot, file, function, *p);
	if (has_own)
		*p = pmt_define_own(slot, own, *p);
	return slot;
}

static inline uint8_t *
pmt_put_site(uint8_t *p, struct pmt_site_slot *site, int line)
{
	p = pmt_put_varint(p, site->id);
	p = pmt_put_varint(p, pmt_zigzag((int64_t)line - site->line));
	site->line = line;
	return p;
}

static inline uint8_t *
pmt_put_rss(struct pmt_compact *compact, uint8_t *p, uint8_t *flags,
	    uint64_t rss, int64_t d_rss, uint64_t against)
{
	if (pmt_unlikely(rss != compact->rss)) {
		*flags |= PMT_COMPACT_RSS;
		p = pmt_put_varint(p, pmt_zigzag((int64_t)(rss -
							   compact->rss)));
		compact->rss = rss;
	}
	if (pmt_unlikely(d_rss != (int64_t)(rss - against))) {
		*flags |= PMT_COMPACT_D_RSS;
		p = pmt_put_varint(p, pmt_zigzag(d_rss));
	}
	return p;
}

static inline uint8_t *
pmt_put_thread(struct pmt_compact *compact, uint8_t *p, uint8_t *flags,
	       int64_t thread)
{
	if (pmt_likely(thread == compact->thread))
		return p;
	*flags |= PMT_COMPACT_THREAD;
	p = pmt_put_varint(p, pmt_zigzag(thread - compact->thread));
	compact->thread = thread;
	return p;
}

static inline uint8_t *
pmt_put_clock(struct pmt_compact *compact, uint8_t *p, uint64_t clock)
{
	p = pmt_put_varint(p, clock - compact->clock);
	compact->clock = clock;
	return p;
}

/* Room for a row of at most SIZE bytes, or NULL: it is lost. */
static inline uint8_t *
pmt_row_begin(struct pmt_compactlog *log, size_t size)
{
	char *row = pmt_bytesink_reserve(&log->sink, size);

	if (pmt_unlikely(row == NULL))
		return pmt_compact_begin_huge(log, size);
	return (uint8_t *)row;
}

static inline void
pmt_row_end(struct pmt_compactlog *log, uint8_t *row, uint8_t *end)
{
	if (pmt_likely(row == (uint8_t *)log->sink.next))
		pmt_bytesink_commit(&log->sink, (char *)end);
	else
		pmt_compact_end_huge(log, row, end);
}

#endif
