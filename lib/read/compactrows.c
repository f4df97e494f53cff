/* SPDX-License-Identifier: MIT */
#include <config.h>

#include "read/compactrows.h"

#include <string.h>

#include "log/compact.h"

/* Of each byte of a word, the bit that says that a varint goes on. */
#define GOES_ON UINT64_C(0x8080808080808080)

/* More rows than this are not read in one go. */
#define ROOM_MAX 4096

static inline uint64_t
load(const uint8_t *p)
{
	uint64_t word;

	memcpy(&word, p, sizeof(word));
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
	word = __builtin_bswap64(word);
#endif
	return word;
}

/*
 * The varint in the lowest bytes of WORD, without a branch for its length.
 * STOPS, not 0, has a bit where a byte ends one.
 */
static inline uint64_t
unpack(uint64_t word, uint64_t stops)
{
	word &= stops ^ (stops - 1);
	/* Join neighbours: 7 bits, then 14, then 28. */
	word = (word & 0x007f007f007f007f) | (word & 0x7f007f007f007f00) >> 1;
	word = (word & 0x00003fff00003fff) | (word & 0x3fff00003fff0000) >> 2;
	return (word & 0x0fffffff) | (word & 0x0fffffff00000000) >> 4;
}

/*
 * Differences of a byte cannot overflow in ROOM_MAX rows from here, so none of
 * them needs a check of its own.
 */
static bool
is_far_from_overflow(const struct pmt_compact_numbers *last)
{
	const int64_t most = INT64_MAX / 1000 - ROOM_MAX * 0x80;

	return last->clock < most && last->wall < most && last->wall > -most &&
	       last->number < most;
}

static inline bool
find_site(struct pmt_compactnames *names, uint32_t type, uint32_t place,
	  uint32_t line, uint32_t *site)
{
	struct pmt_compact_place *at = &names->place[place];
	int64_t now = at->line + pmt_unzigzag(line);
	const struct pmt_compact_site wanted = { type, place, now, 0 };

	if (!pmt_compactnames_site(names, &wanted, site))
		return false;
	at->line = now;
	return true;
}

static inline void
step_address(struct pmt_compact_numbers *last, uint64_t value)
{
	uint64_t size = value >> 2 << (value & 1 ? 0 : 4);

	last->address += value & 2 ? -size : size;
}

/*
 * Only the address may be longer than a byte.  Returns where the row ends, or
 * NULL if it is another kind; nothing is changed then.
 */
static inline const uint8_t *
read_reference(const uint8_t *p, const uint8_t *end,
	       struct pmt_compactnames *names,
	       struct pmt_compact_numbers *last, struct pmt_event *event)
{
	uint64_t word = load(p + 2), stops = ~word & GOES_ON;
	int created = p[0] >> 6 & 1;	/* no branch: it is hard to guess */
	const uint8_t *tail;
	struct pmt_compact_type *type;
	int64_t live;

	if (pmt_unlikely((p[0] & ~PMT_COMPACT_CREATED) != PMT_COMPACT_EVENT ||
			 p[1] >= 0x80 || stops == 0))
		return NULL;
	/* Type, place and line. */
	tail = p + 3 + (__builtin_ctzll(stops) >> 3);
	if (pmt_unlikely((tail[0] | tail[1] | tail[2]) >= 0x80 ||
			 tail + 3 > end || tail[0] >= names->types ||
			 tail[1] >= names->places))
		return NULL;
	type = &names->type[tail[0]];
	if (__builtin_add_overflow(type->live, 2 * created - 1, &live) ||
	    !find_site(names, tail[0], tail[1], tail[2], &event->site))
		return NULL;
	type->live = live;
	event->row = (enum pmt_row)(PMT_ROW_DEL - created);
	event->live = live;
	event->size = (int64_t)(type->size & -(uint64_t)created);
	step_address(last, unpack(word, stops));
	event->address = last->address;
	last->clock += p[1];
	last->wall += p[1];
	event->wall = last->wall * 1000;
	event->d_rss = 0;
	return tail + 3;
}

/* The same for a row of a profile. */
static inline const uint8_t *
read_profile(const uint8_t *p, const uint8_t *end,
	     struct pmt_compactnames *names,
	     struct pmt_compact_numbers *last, struct pmt_event *event)
{
	const uint64_t five = load(p + 1) & UINT64_C(0xffffffffff);
	unsigned int tag = p[0] >> PMT_COMPACT_TAG_SHIFT & 3;
	int64_t number = last->number + pmt_unzigzag(p[2]);

	if (pmt_unlikely((p[0] & ~(3 << PMT_COMPACT_TAG_SHIFT)) !=
				 PMT_COMPACT_PROFILE ||
			 (five & GOES_ON) != 0 || p + 6 > end ||
			 p[1] > PMT_WHAT_OPCODE || number < 0 ||
			 p[4] >= names->places ||
			 __builtin_sub_overflow(last->rss, last->row_rss,
						&event->d_rss)))
		return NULL;
	if (!find_site(names, PMT_COMPACT_NO_TYPE, p[4], p[5], &event->site))
		return NULL;
	event->row = PMT_ROW_FRST + tag;
	event->what = (enum pmt_what)p[1];
	event->event = (uint64_t)number;
	event->d_event = number - last->row_number;
	last->number = number;
	last->clock += p[3];
	if (tag < 2) {
		last->row_number = number;
		last->row_rss = last->rss;
	}
	return p + 6;
}

/* Inlined for each kind, so that the numbers stay in registers. */
static inline __attribute__((always_inline)) size_t
read_rows(struct pmt_compactrows *rows, struct pmt_event *event, size_t room,
	  const uint8_t *(*read)(const uint8_t *p, const uint8_t *end,
				 struct pmt_compactnames *names,
				 struct pmt_compact_numbers *last,
				 struct pmt_event *event))
{
	struct pmt_compact_numbers last = rows->last;
	const uint8_t *p = rows->p, *const end = rows->end, *next;
	const unsigned int has = rows->has;
	size_t count = 0;

	for (; count < room; count++, event++) {
		next = read(p, end, &rows->names, &last, event);
		if (next == NULL)
			break;
		p = next;
		event->has = has;
		event->line = ++last.line;
		event->clock = last.clock * 1000;
		event->rss = last.rss;
		event->thread = last.thread;
		event->text.length = 0;
	}
	rows->p = p;
	rows->last = last;
	return count;
}

size_t
pmt_compactrows_read(struct pmt_compactrows *rows, struct pmt_event *events,
		     size_t room)
{
	/* Rows with paths are longer. */
	if (rows->p == rows->end || !is_far_from_overflow(&rows->last) ||
	    (rows->has >> PMT_COLUMN_STACK & 1) != 0)
		return 0;
	if (room > ROOM_MAX)
		room = ROOM_MAX;
	return rows->kind == 'O' ? read_rows(rows, events, room, read_reference)
				 : read_rows(rows, events, room, read_profile);
}
