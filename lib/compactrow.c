/* SPDX-License-Identifier: MIT */
#include <config.h>

#include "compactrow.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "compact.h"

void
pmt_compactrows_begin(struct pmt_compactrows *rows, const uint8_t *p,
		      const uint8_t *end)
{
	rows->p = p;
	rows->end = end;
	if (++rows->block == 0) {
		memset(rows->cache, 0, sizeof(rows->cache));
		rows->block = 1;
	}
	rows->types = rows->places = 0;
	rows->clock = rows->rss = rows->wall = rows->thread = 0;
	rows->number = rows->row_number = rows->row_rss = 0;
	rows->address = 0;
}

void
pmt_compactrows_fini(struct pmt_compactrows *rows)
{
	free(rows->text);
	free(rows->type);
	free(rows->place);
}

static bool
get(struct pmt_compactrows *rows, uint64_t *value)
{
	const uint8_t *p = rows->p;

	if (pmt_likely(p < rows->end && *p < 0x80)) {
		*value = *p;
		rows->p = p + 1;
		return true;
	}
	p = pmt_get_varint(p, rows->end, value);
	if (p == NULL)
		return false;
	rows->p = p;
	return true;
}

static bool
get_signed(struct pmt_compactrows *rows, int64_t *value)
{
	uint64_t zigzag;

	if (!get(rows, &zigzag))
		return false;
	*value = pmt_unzigzag(zigzag);
	return true;
}

/* Add a signed difference to *VALUE, which must not overflow. */
static bool
get_difference(struct pmt_compactrows *rows, int64_t *value)
{
	int64_t difference;

	return get_signed(rows, &difference) &&
	       !__builtin_add_overflow(*value, difference, value);
}

static bool
get_bytes(struct pmt_compactrows *rows, struct pmt_text *text)
{
	uint64_t size;

	if (!get(rows, &size) ||
	    size > (uint64_t)(rows->end - rows->p))
		return false;
	*text = (struct pmt_text){ (const char *)rows->p, size };
	rows->p += size;
	return true;
}

static bool
define_type(struct pmt_compactrows *rows)
{
	struct pmt_compact_type *type;

	if (rows->types == rows->types_room) {
		size_t room = rows->types_room * 2 + 64;

		type = reallocarray(rows->type, room, sizeof(*type));
		if (type == NULL)
			return false;
		rows->type = type;
		rows->types_room = room;
	}
	type = &rows->type[rows->types];
	type->size = 0;
	if (!get_signed(rows, &type->live) ||
	    !get_bytes(rows, &type->name))
		return false;
	rows->types++;
	return true;
}

static bool
define_place(struct pmt_compactrows *rows)
{
	struct pmt_compact_place *place;

	if (rows->places == rows->places_room) {
		size_t room = rows->places_room * 2 + 64;

		place = reallocarray(rows->place, room, sizeof(*place));
		if (place == NULL)
			return false;
		rows->place = place;
		rows->places_room = room;
	}
	place = &rows->place[rows->places];
	place->line = 0;
	if (!get_bytes(rows, &place->file) ||
	    !get_bytes(rows, &place->function))
		return false;
	rows->places++;
	return true;
}

static bool
get_clock(struct pmt_compactrows *rows, struct pmt_event *event)
{
	uint64_t difference;
	int64_t ns;

	if (!get(rows, &difference) || difference > INT64_MAX ||
	    __builtin_add_overflow(rows->clock, (int64_t)difference,
				   &rows->clock) ||
	    __builtin_mul_overflow(rows->clock, 1000, &ns))
		return false;
	event->clock = ns;
	return true;
}

static bool
get_address(struct pmt_compactrows *rows, struct pmt_event *event)
{
	uint64_t value, size;

	if (!get(rows, &value))
		return false;
	size = value >> 2;
	if ((value & 1) == 0)
		size *= 16;
	rows->address += value & 2 ? -size : size;
	event->address = rows->address;
	return true;
}

/* The site of a row: type (-1: none), place and line. */
static bool
find_site(struct pmt_compactrows *rows, uint32_t type, uint32_t place,
	  int64_t line, uint32_t *site)
{
	static const struct pmt_text none = { "\0\0\0\0\0\0\0", 0 };
	uint32_t hash = (type * 31 + place) * 0x9e3779b1u + (uint32_t)line;
	struct pmt_compact_cached *cached =
		&rows->cache[hash % PMT_COMPACT_CACHE];

	if (pmt_likely(cached->block == rows->block &&
		       cached->type == type && cached->place == place &&
		       cached->line == line)) {
		*site = cached->site;
		return true;
	}
	if (line < 0 || line > INT32_MAX ||
	    pmt_sites_find(rows->sites,
			   type == UINT32_MAX ? none : rows->type[type].name,
			   rows->place[place].file, (uint32_t)line,
			   rows->place[place].function, site) != 0)
		return false;
	*cached = (struct pmt_compact_cached){ rows->block, type, place, line,
					       *site };
	return true;
}

static bool
get_site(struct pmt_compactrows *rows, uint32_t type,
	 struct pmt_event *event)
{
	uint64_t id;

	if (!get(rows, &id) || id >= rows->places ||
	    !get_difference(rows, &rows->place[id].line))
		return false;
	return find_site(rows, type, (uint32_t)id, rows->place[id].line,
			 &event->site);
}

static bool
get_rss(struct pmt_compactrows *rows, unsigned int flags, int64_t against,
	struct pmt_event *event)
{
	if ((flags & PMT_COMPACT_RSS) &&
	    !get_difference(rows, &rows->rss))
		return false;
	event->rss = rows->rss;
	if (flags & PMT_COMPACT_D_RSS)
		return get_signed(rows, &event->d_rss);
	return !__builtin_sub_overflow(event->rss, against, &event->d_rss);
}

static bool
get_live(struct pmt_compactrows *rows, unsigned int flags,
	 struct pmt_compact_type *type, struct pmt_event *event)
{
	int64_t step = flags & PMT_COMPACT_CREATED ? 1 : -1;

	if (__builtin_add_overflow(type->live, step, &type->live) ||
	    ((flags & PMT_COMPACT_LIVE) &&
	     !get_difference(rows, &type->live)))
		return false;
	event->live = type->live;
	return true;
}

static bool
get_thread(struct pmt_compactrows *rows, unsigned int flags,
	   struct pmt_event *event)
{
	if ((flags & PMT_COMPACT_THREAD) &&
	    !get_difference(rows, &rows->thread))
		return false;
	event->thread = rows->thread;
	return true;
}

static bool
get_wall(struct pmt_compactrows *rows, unsigned int flags, int64_t d_clock,
	 struct pmt_event *event)
{
	if (__builtin_add_overflow(rows->wall, d_clock, &rows->wall) ||
	    ((flags & PMT_COMPACT_WALL) &&
	     !get_difference(rows, &rows->wall)))
		return false;
	return !__builtin_mul_overflow(rows->wall, 1000, &event->wall);
}

static bool
get_size(struct pmt_compactrows *rows, unsigned int flags,
	 struct pmt_compact_type *type, struct pmt_event *event)
{
	uint64_t size = flags & PMT_COMPACT_CREATED ? type->size : 0;

	if (((flags & PMT_COMPACT_SIZE) && !get(rows, &size)) ||
	    size > INT64_MAX)
		return false;
	if (flags & PMT_COMPACT_CREATED)
		type->size = size;
	event->size = (int64_t)size;
	return true;
}

static bool
get_reference(struct pmt_compactrows *rows, unsigned int flags,
	      struct pmt_event *event)
{
	int64_t clock = rows->clock, rss = rows->rss;
	struct pmt_compact_type *type;
	uint64_t id;

	*event = (struct pmt_event){
		.row = flags & PMT_COMPACT_CREATED ? PMT_ROW_NEW : PMT_ROW_DEL,
		.has = rows->has,
	};
	if (!get_clock(rows, event) || !get_address(rows, event) ||
	    !get(rows, &id) || id >= rows->types ||
	    !get_site(rows, (uint32_t)id, event) ||
	    !get_rss(rows, flags, rss, event))
		return false;
	type = &rows->type[id];
	return get_live(rows, flags, type, event) &&
	       get_thread(rows, flags, event) &&
	       get_wall(rows, flags, rows->clock - clock, event) &&
	       get_size(rows, flags, type, event);
}

static bool
get_profile(struct pmt_compactrows *rows, unsigned int flags,
	    struct pmt_event *event)
{
	unsigned int tag = flags >> PMT_COMPACT_TAG_SHIFT & 3;
	uint64_t what, d_event;

	*event = (struct pmt_event){
		.row = PMT_ROW_FRST + tag,
		.has = rows->has,
	};
	if (!get(rows, &what) || what > PMT_WHAT_OPCODE ||
	    !get_difference(rows, &rows->number) || rows->number < 0 ||
	    !get_clock(rows, event) ||
	    !get_site(rows, UINT32_MAX, event) ||
	    !get_rss(rows, flags, rows->row_rss, event))
		return false;
	event->what = (enum pmt_what)what;
	event->event = (uint64_t)rows->number;
	event->d_event = rows->number - rows->row_number;
	if (flags & PMT_COMPACT_D_EVENT) {
		if (!get(rows, &d_event) || d_event > INT64_MAX)
			return false;
		event->d_event = (int64_t)d_event;
	}
	if (!get_thread(rows, flags, event))
		return false;
	if (tag < 2) {
		rows->row_number = rows->number;
		rows->row_rss = rows->rss;
	}
	return true;
}

static bool
get_note(struct pmt_compactrows *rows, unsigned int record,
	 struct pmt_event *event)
{
	int64_t clock = rows->clock;
	uint64_t d_event = 0;
	struct pmt_text text;
	char *copy;

	*event = (struct pmt_event){
		.row = record == PMT_COMPACT_ERR ? PMT_ROW_ERR : PMT_ROW_MSG,
		.has = 1u << PMT_COLUMN_CLOCK,
	};
	if (!get_difference(rows, &clock) ||
	    __builtin_mul_overflow(clock, 1000, &event->clock))
		return false;
	if (rows->kind != 'O') {
		if (!get(rows, &event->event) || !get(rows, &d_event) ||
		    d_event > INT64_MAX)
			return false;
		event->d_event = (int64_t)d_event;
		event->has |= 1u << PMT_COLUMN_EVENT |
			      1u << PMT_COLUMN_D_EVENT;
	}
	if (!get_bytes(rows, &text))
		return false;
	copy = realloc(rows->text, text.length + 1);
	if (copy == NULL)
		return false;
	memcpy(copy, text.bytes, text.length);
	rows->text = copy;
	event->text = (struct pmt_text){ copy, text.length };
	return true;
}

int
pmt_compactrows_next(struct pmt_compactrows *rows, struct pmt_event *event)
{
	unsigned int record = *rows->p++;
	bool good;

	if (record >= PMT_COMPACT_EVENT)
		good = rows->kind == 'O' &&
		       get_reference(rows, record, event);
	else if (record >= PMT_COMPACT_PROFILE)
		good = rows->kind != 'O' &&
		       get_profile(rows, record, event);
	else if (record == PMT_COMPACT_TYPE)
		return define_type(rows) ? 0 : -EBADMSG;
	else if (record == PMT_COMPACT_SITE)
		return define_place(rows) ? 0 : -EBADMSG;
	else if (record == PMT_COMPACT_MSG || record == PMT_COMPACT_ERR)
		good = get_note(rows, record, event);
	else if (record == PMT_COMPACT_END)
		return rows->ended = true, 0;
	else
		return -EBADMSG;
	if (!good)
		return -EBADMSG;
	return 1;
}
