/* SPDX-License-Identifier: MIT */
/* Rows of objects created and destroyed. */
#include <config.h>

#include "log/callpaths.h"
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
	      uint32_t path, const struct pmt_reference_event *event)
{
	int64_t step = 2 * event->created - 1;
	struct pmt_type_slot *type = &compact->type[event->type->serial %
						    PMT_TYPE_SLOTS];
	struct pmt_site_slot *site;
	uint8_t *first, flags = PMT_COMPACT_EVENT;

	if (pmt_unlikely(!is_type(compact, type, event->type)))
		p = define_type(compact, type, event->type,
				event->live - step, p);
	site = pmt_find_site(compact, (columns & PMT_WITH_OWN) != 0,
			     event->place.file, event->place.function,
			     &event->own, &p);
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
	if (columns & PMT_WITH_STACK)
		p = pmt_put_varint(p, path);
	*first = flags;
	compact->rows++;
	return p;
}

void
pmt_compact_reference(struct pmt_recorder *recorder,
		      const struct pmt_reference_event *event)
{
	struct pmt_compactlog *log = pmt_compactlog(recorder);
	unsigned int columns = recorder->columns;
	uint32_t path = PMT_PATH_UNKNOWN;
	size_t size;
	uint8_t *row;

	if (!pmt_bytesink_takes(&log->sink))
		return;
	size = PMT_NUMBERS_MAX + event->type->length +
	       event->place.file->length + event->place.function->length +
	       pmt_ownplace_size(&event->own);
	if (pmt_unlikely((columns & PMT_WITH_STACK) != 0))
		path = pmt_compact_path(log, event->callers, size);
	row = pmt_row_begin(log, size);
	if (pmt_likely(row != NULL))
		pmt_row_end(log, row, put_reference(&log->compact, row,
						    columns, path, event));
}
