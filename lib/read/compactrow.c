/* SPDX-License-Identifier: MIT */
#include <config.h>

#include "read/compactrow.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "log/compact.h"

void
pmt_compactrows_begin(struct pmt_compactrows *rows, const uint8_t *p,
		      const uint8_t *end)
{
	rows->p = p;
	rows->end = end;
	pmt_compactnames_begin(&rows->names);
	rows->last = (struct pmt_compact_numbers){ .line = rows->last.line };
}

void
pmt_compactrows_fini(struct pmt_compactrows *rows)
{
	free(rows->text);
	pmt_compactnames_fini(&rows->names);
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
	struct pmt_text name;
	int64_t live;

	return get_signed(rows, &live) && get_bytes(rows, &name) &&
	       pmt_compactnames_add_type(&rows->names, name, live) == 0;
}

static bool
get_own(struct pmt_compactrows *rows, struct pmt_own_text *own)
{
	uint64_t kind, line;

	if (!get(rows, &kind) ||
	    kind > (PMT_OWN_IMPORTED | PMT_OWN_CALLER) || (kind & 3) == 3)
		return false;
	own->kind = (unsigned int)kind;
	if (!pmt_own_is_caller(own->kind))
		return true;
	if (!get_bytes(rows, &own->file) || !get_bytes(rows, &own->function) ||
	    !get(rows, &line) || line > INT32_MAX)
		return false;
	own->line = (uint32_t)line;
	return true;
}

static bool
define_place(struct pmt_compactrows *rows)
{
	struct pmt_compact_place place = { .line = 0 };

	return get_bytes(rows, &place.file) &&
	       get_bytes(rows, &place.function) &&
	       ((rows->has >> PMT_COLUMN_OWN & 1) == 0 ||
		get_own(rows, &place.own)) &&
	       pmt_compactnames_add_place(&rows->names, &place) == 0;
}

static bool
define_call(struct pmt_compactrows *rows)
{
	uint64_t caller, place, line;

	return get(rows, &caller) && get(rows, &place) && get(rows, &line) &&
	       pmt_compactnames_add_call(&rows->names, caller, place,
					 line) == 0;
}

static bool
get_clock(struct pmt_compactrows *rows, struct pmt_event *event)
{
	uint64_t difference;
	int64_t ns;

	if (!get(rows, &difference) || difference > INT64_MAX ||
	    __builtin_add_overflow(rows->last.clock, (int64_t)difference,
				   &rows->last.clock) ||
	    __builtin_mul_overflow(rows->last.clock, 1000, &ns))
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
	rows->last.address += value & 2 ? -size : size;
	event->address = rows->last.address;
	return true;
}

/* Of where the row happened all but the path. */
static bool
get_place(struct pmt_compactrows *rows, uint32_t type,
	  struct pmt_compact_site *at)
{
	uint64_t id;

	if (!get(rows, &id) || id >= rows->names.places ||
	    !get_difference(rows, &rows->names.place[id].line))
		return false;
	*at = (struct pmt_compact_site){
		type, (uint32_t)id, rows->names.place[id].line, 0
	};
	return true;
}

/* The last of a row. */
static bool
get_site(struct pmt_compactrows *rows, struct pmt_compact_site *at,
	 struct pmt_event *event)
{
	uint64_t callers;

	if ((rows->has >> PMT_COLUMN_STACK & 1) != 0 &&
	    (!get(rows, &callers) ||
	     !pmt_compactnames_path(&rows->names, callers, &at->path)))
		return false;
	return pmt_compactnames_site(&rows->names, at, &event->site);
}

static bool
get_rss(struct pmt_compactrows *rows, unsigned int flags, int64_t against,
	struct pmt_event *event)
{
	if ((flags & PMT_COMPACT_RSS) &&
	    !get_difference(rows, &rows->last.rss))
		return false;
	event->rss = rows->last.rss;
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
	    !get_difference(rows, &rows->last.thread))
		return false;
	event->thread = rows->last.thread;
	return true;
}

static bool
get_wall(struct pmt_compactrows *rows, unsigned int flags, int64_t d_clock,
	 struct pmt_event *event)
{
	int64_t *wall = &rows->last.wall;

	if (__builtin_add_overflow(*wall, d_clock, wall) ||
	    ((flags & PMT_COMPACT_WALL) && !get_difference(rows, wall)))
		return false;
	return !__builtin_mul_overflow(*wall, 1000, &event->wall);
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
	int64_t clock = rows->last.clock, rss = rows->last.rss;
	struct pmt_compact_type *type;
	struct pmt_compact_site at;
	uint64_t id;

	*event = (struct pmt_event){
		.row = flags & PMT_COMPACT_CREATED ? PMT_ROW_NEW : PMT_ROW_DEL,
		.has = rows->has,
	};
	if (!get_clock(rows, event) || !get_address(rows, event) ||
	    !get(rows, &id) || id >= rows->names.types ||
	    !get_place(rows, (uint32_t)id, &at) ||
	    !get_rss(rows, flags, rss, event))
		return false;
	type = &rows->names.type[id];
	return get_live(rows, flags, type, event) &&
	       get_thread(rows, flags, event) &&
	       get_wall(rows, flags, rows->last.clock - clock, event) &&
	       get_size(rows, flags, type, event) &&
	       get_site(rows, &at, event);
}

static bool
get_profile(struct pmt_compactrows *rows, unsigned int flags,
	    struct pmt_event *event)
{
	unsigned int tag = flags >> PMT_COMPACT_TAG_SHIFT & 3;
	struct pmt_compact_site at;
	uint64_t what, d_event;

	*event = (struct pmt_event){
		.row = PMT_ROW_FRST + tag,
		.has = rows->has,
	};
	if (!get(rows, &what) || what > PMT_WHAT_OPCODE ||
	    !get_difference(rows, &rows->last.number) ||
	    rows->last.number < 0 ||
	    !get_clock(rows, event) ||
	    !get_place(rows, PMT_COMPACT_NO_TYPE, &at) ||
	    !get_rss(rows, flags, rows->last.row_rss, event))
		return false;
	event->what = (enum pmt_what)what;
	event->event = (uint64_t)rows->last.number;
	event->d_event = rows->last.number - rows->last.row_number;
	if (flags & PMT_COMPACT_D_EVENT) {
		if (!get(rows, &d_event) || d_event > INT64_MAX)
			return false;
		event->d_event = (int64_t)d_event;
	}
	if (!get_thread(rows, flags, event) || !get_site(rows, &at, event))
		return false;
	if (tag < 2) {
		rows->last.row_number = rows->last.number;
		rows->last.row_rss = rows->last.rss;
	}
	return true;
}

static bool
get_note(struct pmt_compactrows *rows, unsigned int record,
	 struct pmt_event *event)
{
	int64_t clock = rows->last.clock;
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
	else if (record == PMT_COMPACT_CALL)
		return define_call(rows) ? 0 : -EBADMSG;
	else if (record == PMT_COMPACT_MSG || record == PMT_COMPACT_ERR)
		good = get_note(rows, record, event);
	else if (record == PMT_COMPACT_END)
		return rows->ended = true, 0;
	else
		return -EBADMSG;
	if (!good)
		return -EBADMSG;
	event->line = ++rows->last.line;
	return 1;
}
