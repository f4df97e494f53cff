/* SPDX-License-Identifier: MIT */
#include <config.h>

#include "read/allocrecords.h"

#include <errno.h>

static uint64_t
get_address(struct pmt_alloc_codec *codec, struct pmt_cursor *cursor)
{
	uint64_t code = pmt_cursor_number(cursor), address;

	if ((code & 1) == 0) {
		if (code >> 1 >= PMT_ALLOC_RECENT) {
			cursor->failed = true;
			return 0;
		}
		address = codec->addresses[code >> 1];
	} else {
		address = codec->address + (uint64_t)pmt_unzigzag(code >> 1);
		codec->addresses[pmt_alloc_slot(address)] = address;
	}
	codec->address = address;
	return address << 3;
}

static uint32_t
get_node(uint32_t recent[PMT_ALLOC_RECENT], struct pmt_cursor *cursor,
	 uint32_t max)
{
	uint64_t code = pmt_cursor_number(cursor);
	uint32_t node;

	if ((code & 1) == 0 && code >> 1 < PMT_ALLOC_RECENT)
		return recent[code >> 1];
	if ((code & 1) == 0 || code >> 1 > max) {
		cursor->failed = true;
		return 0;
	}
	node = (uint32_t)(code >> 1);
	recent[pmt_alloc_slot(node)] = node;
	return node;
}

static uint64_t
get_page(struct pmt_alloc_codec *codec, struct pmt_cursor *cursor)
{
	codec->page += (uint64_t)pmt_unzigzag(pmt_cursor_number(cursor));
	return codec->page << 12;
}

static void
read_memory(struct pmt_allocrecords *records, struct pmt_cursor *cursor,
	    uint8_t head, struct pmt_alloc_event *event)
{
	struct pmt_alloc_codec *codec = &records->codec;
	unsigned int kind = head & PMT_ALLOC_KIND;

	if ((head & PMT_ALLOC_THREAD) != 0)
		codec->thread = pmt_cursor_index(cursor, UINT32_MAX);
	event->thread = codec->thread;
	if (kind == PMT_ALLOC_BLOCK || kind == PMT_ALLOC_MAP) {
		if ((head & PMT_ALLOC_SAME_NODE) == 0)
			codec->node = get_node(codec->nodes, cursor,
					       records->names.node_count);
		event->node = codec->node;
	}
	if (kind >= PMT_ALLOC_MAP) {
		event->what = kind == PMT_ALLOC_MAP ? PMT_ALLOC_IS_MAP
						    : PMT_ALLOC_IS_UNMAP;
		event->address = get_page(codec, cursor);
		event->size = pmt_cursor_number(cursor);
		return;
	}
	event->what = kind == PMT_ALLOC_BLOCK ? PMT_ALLOC_IS_BLOCK
					      : PMT_ALLOC_IS_FREE;
	event->address = get_address(codec, cursor);
	if (kind == PMT_ALLOC_BLOCK) {
		uint64_t *last = &codec->sizes[event->node % PMT_ALLOC_SIZES];

		if ((head & PMT_ALLOC_SAME_SIZE) == 0)
			*last = pmt_cursor_number(cursor);
		event->size = *last;
	}
}

static void
read_sum(const struct pmt_allocrecords *records, struct pmt_cursor *cursor,
	 struct pmt_alloc_event *event)
{
	event->node = pmt_cursor_index(cursor, records->names.node_count);
	event->sum.live = pmt_cursor_number(cursor);
	event->sum.blocks = pmt_cursor_number(cursor);
	event->sum.at_peak = pmt_cursor_number(cursor);
	event->sum.blocks_at_peak = pmt_cursor_number(cursor);
	event->sum.total = pmt_cursor_number(cursor);
	event->sum.count = pmt_cursor_number(cursor);
	event->sum.temporary = pmt_cursor_number(cursor);
}

/* The fields of the other kinds, in order; read_field() knows the letters. */
static const struct {
	enum pmt_alloc_what what;
	const char *fields;	/* NULL: there is no such kind */
} more_kinds[32] = {
	[PMT_ALLOC_PYTHON] = { PMT_ALLOC_IS_PYTHON, "st" },
	[PMT_ALLOC_THREAD_NAME] = { PMT_ALLOC_IS_THREAD, "hat" },
	[PMT_ALLOC_TICK] = { PMT_ALLOC_IS_TICK, "sm" },
	[PMT_ALLOC_MARK] = { PMT_ALLOC_IS_MARK, "k" },
	[PMT_ALLOC_LACKS] = { PMT_ALLOC_IS_LACK, "t" },
	[PMT_ALLOC_KEPT] = { PMT_ALLOC_IS_KEPT, "h" },
	[PMT_ALLOC_ARENA] = { PMT_ALLOC_IS_ARENA, "ps" },
	[PMT_ALLOC_ARENA_FREE] = { PMT_ALLOC_IS_ARENA_FREE, "ps" },
	[PMT_ALLOC_REMAP] = { PMT_ALLOC_IS_REMAP, "psqn" },
	[PMT_ALLOC_RATE] = { PMT_ALLOC_IS_RATE, "s" },
	[PMT_ALLOC_SUM] = { PMT_ALLOC_IS_SUM, "+" },
};

static void
read_field(struct pmt_allocrecords *records, struct pmt_cursor *cursor,
	   char field, struct pmt_alloc_event *event)
{
	switch (field) {
	case 'a':
		event->address = pmt_cursor_number(cursor);
		break;
	case 'h':
		event->thread = pmt_cursor_index(cursor, UINT32_MAX);
		break;
	case 'k':
		event->mark = (enum pmt_alloc_mark)
			pmt_cursor_index(cursor, 127);
		break;
	case 'm':
		event->moved = pmt_cursor_number(cursor);
		break;
	case 'n':
		event->moved_size = pmt_cursor_number(cursor);
		break;
	case 'p':
		event->address = get_page(&records->codec, cursor);
		break;
	case 'q':
		event->moved = get_page(&records->codec, cursor);
		break;
	case 's':
		event->size = pmt_cursor_number(cursor);
		break;
	case 't':
		event->text = pmt_cursor_text(cursor);
		break;
	case '+':
		read_sum(records, cursor, event);
		break;
	}
}

static void
read_more(struct pmt_allocrecords *records, struct pmt_cursor *cursor,
	  uint8_t head, struct pmt_alloc_event *event)
{
	const char *field = more_kinds[head >> 3].fields;

	if (field == NULL) {
		cursor->failed = true;
		return;
	}
	event->what = more_kinds[head >> 3].what;
	while (*field != '\0')
		read_field(records, cursor, *field++, event);
}

int
pmt_allocrecords_read(struct pmt_allocrecords *records,
		      struct pmt_cursor *cursor,
		      struct pmt_alloc_event *event)
{
	uint8_t head = *cursor->p++;
	int err = 0, is_event = 0;

	switch (head & PMT_ALLOC_KIND) {
	case PMT_ALLOC_NODE:
		err = pmt_allocnames_node(&records->names, cursor);
		break;
	case PMT_ALLOC_PLACE:
		err = pmt_allocnames_place(&records->names, cursor);
		break;
	case PMT_ALLOC_CODE:
		err = pmt_allocnames_code(&records->names, cursor);
		break;
	case PMT_ALLOC_MORE:
		read_more(records, cursor, head, event);
		is_event = 1;
		break;
	default:
		read_memory(records, cursor, head, event);
		is_event = 1;
	}
	if (err < 0)
		return err;
	return cursor->failed ? -EBADMSG : is_event;
}
