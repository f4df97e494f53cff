/* SPDX-License-Identifier: MIT */
/* Rows of objects created and destroyed. */
#include <config.h>

#include "write/compactencoder.h"

static inline bool
is_type(const struct pmt_compact *compact, const struct pmt_type_slot *slot,
	const struct pmt_column *type)
{
	return slot->block == compact->block && slot->serial == type->serial;
}

static PMT_COLD uint8_t *
define_type(struct pmt_compact *compact, struct pmt_type_slot *slot,
	    const struct pmt_column *type, int64_t live, uint8_t *p)
{
	slot->block = compact->block;
	slot->serial = type->serial;
	slot->id = compact->types++;
	slot->live = live;
	slot->size = 0;
	*p++ = PMT_COMPACT_TYPE;
	p = pmt_put_varint(p, pmt_zigzag(live));
	return pmt_put_bytes(p, type->text + 1, pmt_column_bare(type));
}

/* The serial of what says for whom SITE is; all else of it is in the slot. */
static inline uint32_t
own_serial(const struct pmt_own *own)
{
	return pmt_own_is_caller(own->kind) ? own->function->serial : 0;
}

static inline bool
is_own(const struct pmt_site_slot *slot, const struct pmt_own *own)
{
	return slot->own_kind == own->kind && slot->own_line == own->line &&
	       slot->own_function == own_serial(own);
}

static PMT_COLD uint8_t *
define_own(struct pmt_site_slot *slot, const struct pmt_own *own, uint8_t *p)
{
	slot->own_kind = own->kind;
	slot->own_line = own->line;
	slot->own_function = own_serial(own);
	*p++ = (uint8_t)own->kind;
	if (!pmt_own_is_caller(own->kind))
		return p;
	p = pmt_put_bytes(p, own->file->text + 1, pmt_column_bare(own->file));
	p = pmt_put_bytes(p, own->function->text + 1,
			  pmt_column_bare(own->function));
	return pmt_put_varint(p, (uint64_t)own->line);
}

/* The slot of the site of EVENT, which *P has defined by then. */
static inline struct pmt_site_slot *
find_site(struct pmt_compact *compact, bool has_own,
	  const struct pmt_reference_event *event, uint8_t **p)
{
	const struct pmt_column *file = event->place.file;
	const struct pmt_column *function = event->place.function;
	const struct pmt_own *own = &event->own;
	uint32_t hash = function->serial;
	struct pmt_site_slot *slot;

	if (has_own)
		hash += (own_serial(own) * 31 + (uint32_t)own->line +
			 own->kind) * 0x9e3779b1u >> 16;
	slot = pmt_site_slot(compact, hash);
	if (pmt_likely(pmt_is_site(compact, slot, file, function->serial) &&
		       (!has_own || is_own(slot, own))))
		return slot;
	*p = pmt_define_site(compact, slot, file, function, *p);
	if (has_own)
		*p = define_own(slot, own, *p);
	return slot;
}

static inline uint8_t *
put_address(uint8_t *p, uintptr_t before, uintptr_t address)
{
	bool negative = address < before;
	uint64_t size = negative ? before - address : address - before;

	if (pmt_likely(size % 16 == 0))
		return pmt_put_varint(p, size / 16 << 2 | negative << 1);
	return pmt_put_varint(p, size << 2 | negative << 1 | 1);
}

/* The optional columns of a reference row. */
static uint8_t *
put_extras(struct pmt_compact *compact, uint8_t *p, uint8_t *flags,
	   unsigned int columns, struct pmt_type_slot *type,
	   const struct pmt_reference_event *event)
{
	uint64_t wall = event->wall - event->clock;
	uint64_t expected = event->created ? type->size : 0;

	if (columns & PMT_WITH_THREAD)
		p = pmt_put_thread(compact, p, flags, event->thread);
	if ((columns & PMT_WITH_WALL) && wall != compact->wall) {
		*flags |= PMT_COMPACT_WALL;
		p = pmt_put_varint(p, pmt_zigzag((int64_t)(wall -
							   compact->wall)));
		compact->wall = wall;
	}
	if ((columns & PMT_WITH_SIZE) && event->size != expected) {
		*flags |= PMT_COMPACT_SIZE;
		p = pmt_put_varint(p, event->size);
	}
	if (event->created)
		type->size = event->size;
	return p;
}

static inline uint8_t *
put_reference(struct pmt_compact *compact, uint8_t *p, unsigned int columns,
	      const struct pmt_reference_event *event)
{
	int64_t step = 2 * event->created - 1;
	struct pmt_type_slot *type = &compact->type[event->type->serial %
						    PMT_TYPE_SLOTS];
	struct pmt_site_slot *site;
	uint8_t *first, flags = PMT_COMPACT_EVENT;

	if (pmt_unlikely(!is_type(compact, type, event->type)))
		p = define_type(compact, type, event->type,
				event->live - step, p);
	site = find_site(compact, (columns & PMT_WITH_OWN) != 0, event, &p);
	first = p++;
	/* No branch: objects come and go in no order that a CPU could learn. */
	flags |= (uint8_t)(event->created * PMT_COMPACT_CREATED);
	p = pmt_put_clock(compact, p, event->clock);
	p = put_address(p, compact->address, event->address);
	compact->address = event->address;
	p = pmt_put_varint(p, type->id);
	p = pmt_put_site(p, site, event->place.line);
	p = pmt_put_rss(compact, p, &flags, event->rss, event->d_rss,
		    compact->rss);
	if (pmt_unlikely(event->live != type->live + step)) {
		flags |= PMT_COMPACT_LIVE;
		p = pmt_put_varint(p, pmt_zigzag(event->live - type->live -
						 step));
	}
	type->live = event->live;
	if (pmt_unlikely((columns & ~PMT_WITH_OWN) != 0))
		p = put_extras(compact, p, &flags, columns, type, event);
	*first = flags;
	compact->rows++;
	return p;
}

void
pmt_compact_reference(struct pmt_recorder *recorder,
		      const struct pmt_reference_event *event)
{
	struct pmt_compactlog *log = pmt_compactlog(recorder);
	uint8_t *row;

	if (!pmt_bytesink_takes(&log->sink))
		return;
	row = pmt_row_begin(log, PMT_NUMBERS_MAX + event->type->length +
			     event->place.file->length +
			     event->place.function->length +
			     pmt_ownplace_size(&event->own));
	if (pmt_likely(row != NULL))
		pmt_row_end(log, row, put_reference(&log->compact, row,
						recorder->columns, event));
}
