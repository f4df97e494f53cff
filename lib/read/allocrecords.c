/* SPDX-License-Identifier: MIT */
#include <config.h>

#include "read/allocrecords.h"

#include <errno.h>

#include "read/allocnative.h"

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

/* Numbers of nodes that the log has defined. */
static uint32_t
count_nodes(const struct pmt_allocrecords *records)
{
	return records->names.native ? records->names.stack_count
				     : records->names.node_count;
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
					       count_nodes(records));
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
		uint64_t *last = &codec->sizes[event->node %
					       PMT_ALLOC_LAST_SIZES];

		if ((head & PMT_ALLOC_SAME_SIZE) == 0)
			*last = pmt_cursor_number(cursor);
		event->size = *last;
	}
}

static void
read_sum(const struct pmt_allocrecords *records, struct pmt_cursor *cursor,
	 struct pmt_alloc_event *event)
{
	event->node = pmt_cursor_index(cursor, count_nodes(records));
	event->sum.live = pmt_cursor_number(cursor);
	event->sum.blocks = pmt_cursor_number(cursor);
	event->sum.at_peak = pmt_cursor_number(cursor);
	event->sum.blocks_at_peak = pmt_cursor_number(cursor);
	event->sum.total = pmt_cursor_number(cursor);
	event->sum.count = pmt_cursor_number(cursor);
	event->sum.temporary = pmt_cursor_number(cursor);
	event->sum.mapped = pmt_cursor_number(cursor);
}

static void
read_moments(struct pmt_allocrecords *records, struct pmt_cursor *cursor,
	     struct pmt_alloc_event *event)
{
	event->node = pmt_cursor_index(cursor, count_nodes(records));
	for (int i = 0; i < PMT_ALLOC_MOMENTS; i++)
		records->moments[i] = pmt_cursor_number(cursor);
	event->moments = records->moments;
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
	[PMT_ALLOC_MEMORY] = { PMT_ALLOC_IS_MEMORY, "t" },
	[PMT_ALLOC_HELD] = { PMT_ALLOC_IS_HELD, "*" },
	[PMT_ALLOC_SIZES] = { PMT_ALLOC_IS_SIZES, "s=" },
	[PMT_ALLOC_ELSEWHERE] = { PMT_ALLOC_IS_ELSEWHERE, "smn" },
	[PMT_ALLOC_MESSAGE] = { PMT_ALLOC_IS_MESSAGE, "t" },
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
	case '*':
		read_moments(records, cursor, event);
		break;
	case '=':
		event->sum.live = pmt_cursor_number(cursor);
		event->sum.blocks = pmt_cursor_number(cursor);
		event->sum.count = pmt_cursor_number(cursor);
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

/* A name.  Returns 0, -ENOMEM, or 1: it is none. */
static int
read_name(struct pmt_allocrecords *records, struct pmt_cursor *cursor,
	  uint8_t head)
{
	struct pmt_allocnames *names = &records->names;

	switch (head & PMT_ALLOC_KIND) {
	case PMT_ALLOC_NODE:
		return names->native ? pmt_allocnative_node(names, cursor)
				     : pmt_allocnames_node(names, cursor);
	case PMT_ALLOC_PLACE:
		return pmt_allocnames_place(names, cursor);
	case PMT_ALLOC_CODE:
		return pmt_allocnames_code(names, cursor);
	case PMT_ALLOC_MORE:
		break;
	default:
		return 1;
	}
	if (!names->native)
		return 1;
	switch (head >> 3) {
	case PMT_ALLOC_MODULE:
		return pmt_allocnative_module(names, cursor);
	case PMT_ALLOC_NATIVE_PLACE:
		return pmt_allocnative_place(names, cursor);
	case PMT_ALLOC_PAIR:
		return pmt_allocnative_pair(names, cursor);
	default:
		return 1;
	}
}

/*
 * Of the nodes that the log has, make one stack; not before the program
 * begins, since that takes a while and nobody will ask.  1 or -ENOMEM.
 */
static int
make_stack(struct pmt_allocrecords *records, struct pmt_alloc_event *event)
{
	uint32_t number = event->node;

	if (event->what == PMT_ALLOC_IS_MARK &&
	    event->mark == PMT_ALLOC_BEGIN)
		records->begun = true;
	event->node = 0;
	if (!records->begun)
		return 1;
	return pmt_allocnative_find(&records->names, number,
				    &event->node) < 0 ? -ENOMEM : 1;
}

int
pmt_allocrecords_read(struct pmt_allocrecords *records,
		      struct pmt_cursor *cursor,
		      struct pmt_alloc_event *event)
{
	uint8_t head = *cursor->p++;
	int result = read_name(records, cursor, head);

	if (result > 0) {
		event->node = 0;
		if ((head & PMT_ALLOC_KIND) == PMT_ALLOC_MORE)
			read_more(records, cursor, head, event);
		else
			read_memory(records, cursor, head, event);
		if (records->names.native && !cursor->failed)
			result = make_stack(records, event);
	}
	if (result < 0)
		return result;
	return cursor->failed ? -EBADMSG : result;
}
