/* SPDX-License-Identifier: MIT */
#include <config.h>

#include "write/compactlog.h"

#include <stdlib.h>
#include <string.h>

#define XXH_INLINE_ALL
#include <xxhash.h>

#include "base/escape.h"
#include "log/compact.h"

enum {
	TYPES = 512,		/* powers of two */
	SITES = 1024,
	NUMBERS_MAX = 128,	/* bytes of a row without definitions */
	VARINT_MAX = 10,
};

/*
 * What was defined in the block.  The tables are caches: a name that lost its
 * place to another is defined once more.
 */
struct type_slot {
	uint32_t block;
	uint32_t serial;	/* of its column */
	uint32_t id;
	int64_t live;
	uint64_t size;
};

struct site_slot {
	uint32_t block;
	uint32_t file, function;	/* serials of their columns */
	uint32_t id;
	int line;
	/* Functions in C have no column: serial 0, known by their name. */
	uint32_t size;
	const char *bytes;	/* in the block */
};

struct pmt_compact {
	uint32_t block;		/* from 1; slots of other blocks are free */
	uint32_t sequence;	/* blocks written */
	uint32_t rows;
	uint32_t types, sites;	/* ids given */
	uint64_t clock, rss;
	uint64_t wall;		/* beyond the clock */
	int64_t thread;
	uintptr_t address;
	uint64_t event, row_event, row_rss;
	/* Slots have half a line of the processor's cache each. */
	_Alignas(64) struct type_slot type[TYPES];
	struct site_slot site[SITES];
};

struct pmt_compact *
pmt_compact_new(void)
{
	struct pmt_compact *compact = aligned_alloc(_Alignof(*compact),
						    sizeof(*compact));

	/* Not calloc(): its pages would grow the program one by one. */
	if (compact != NULL)
		memset(compact, 0, sizeof(*compact));
	return compact;
}

void
pmt_compact_free(struct pmt_compact *compact)
{
	free(compact);
}

static void
forget_block(struct pmt_compact *compact)
{
	uint32_t block = compact->block + 1, sequence = compact->sequence;

	memset(compact, 0, offsetof(struct pmt_compact, type));
	/* After 2^32 blocks a slot might look filled by this one. */
	if (block == 0) {
		memset(compact, 0, sizeof(*compact));
		block = 1;
	}
	compact->block = block;
	compact->sequence = sequence;
}

void
pmt_compact_start_block(struct pmt_logwrite *log)
{
	forget_block(log->compact);
	memset(log->buffer, 0, PMT_COMPACT_BLOCK_HEADER);
	memcpy(log->buffer, PMT_COMPACT_BLOCK, 4);
	pmt_logwrite_commit(log, log->buffer + PMT_COMPACT_BLOCK_HEADER);
}

static void
fill_header(struct pmt_compact *compact, uint8_t *block, size_t size)
{
	size_t payload = size - PMT_COMPACT_BLOCK_HEADER;

	pmt_put_le(block + 16, compact->sequence++, 4);
	pmt_put_le(block + 20, compact->rows, 4);
	pmt_put_le(block + 8, XXH3_64bits(block + PMT_COMPACT_HASHED,
					  size - PMT_COMPACT_HASHED), 8);
	pmt_put_le(block + 4, payload, 4);
}

uint32_t
pmt_compact_finish_block(struct pmt_logwrite *log)
{
	struct pmt_compact *compact = log->compact;
	size_t size = (size_t)(log->next - log->buffer);

	/* Nothing but the header: no block. */
	if (size <= PMT_COMPACT_BLOCK_HEADER)
		log->next = log->buffer;
	else
		fill_header(compact, (uint8_t *)log->buffer, size);
	return compact->rows;
}

void
pmt_compact_begin(struct pmt_logwrite *log, char kind, unsigned int columns,
		  const char *message)
{
	size_t size = message == NULL ? 0 : strlen(message);
	uint8_t header[PMT_COMPACT_HEADER];

	memcpy(header, PMT_COMPACT_MAGIC, 8);
	header[8] = PMT_COMPACT_VERSION;
	header[9] = (uint8_t)kind;
	pmt_put_le(header + 10, columns, 2);
	pmt_put_le(header + 12, size, 4);
	pmt_logwrite_raw(log, header, sizeof(header));
	if (size > 0)
		pmt_logwrite_raw(log, message, size);
	pmt_logwrite_begun(log);
}

static uint8_t *
put_bytes(uint8_t *p, const char *bytes, size_t size)
{
	p = pmt_put_varint(p, size);
	memcpy(p, bytes, size);
	return p + size;
}

static inline bool
is_type(const struct pmt_compact *compact, const struct type_slot *slot,
	const struct pmt_column *type)
{
	return slot->block == compact->block && slot->serial == type->serial;
}

static PMT_COLD uint8_t *
define_type(struct pmt_compact *compact, struct type_slot *slot,
	    const struct pmt_column *type, int64_t live, uint8_t *p)
{
	slot->block = compact->block;
	slot->serial = type->serial;
	slot->id = compact->types++;
	slot->live = live;
	slot->size = 0;
	*p++ = PMT_COMPACT_TYPE;
	p = pmt_put_varint(p, pmt_zigzag(live));
	return put_bytes(p, type->text + 1, pmt_column_bare(type));
}

/* FUNCTION is the serial of its column, which no other function has. */
static inline bool
is_site(const struct pmt_compact *compact, const struct site_slot *slot,
	const struct pmt_column *file, uint32_t function)
{
	return slot->block == compact->block && slot->file == file->serial &&
	       slot->function == function;
}

/* The definition of a site, up to the name of the function. */
static uint8_t *
begin_site(struct pmt_compact *compact, struct site_slot *slot,
	   const struct pmt_column *file, uint32_t function, uint8_t *p)
{
	slot->block = compact->block;
	slot->file = file->serial;
	slot->function = function;
	slot->id = compact->sites++;
	slot->line = 0;
	*p++ = PMT_COMPACT_SITE;
	return put_bytes(p, file->text + 1, pmt_column_bare(file));
}

static PMT_COLD uint8_t *
define_site(struct pmt_compact *compact, struct site_slot *slot,
	    const struct pmt_column *file, const struct pmt_column *function,
	    uint8_t *p)
{
	p = begin_site(compact, slot, file, function->serial, p);
	return put_bytes(p, function->text + 1, pmt_column_bare(function));
}

/* The same of a function in C.  Its NAME may be any text, not escaped yet. */
static PMT_COLD uint8_t *
define_callee(struct pmt_compact *compact, struct site_slot *slot,
	      const struct pmt_column *file, const char *name, size_t size,
	      uint8_t *p)
{
	char *text;
	size_t escaped;

	p = begin_site(compact, slot, file, 0, p);
	text = (char *)p + VARINT_MAX;
	escaped = pmt_escape_name(name, size, text);
	p = pmt_put_varint(p, escaped);
	slot->bytes = memmove(p, text, escaped);
	/* What had to be escaped could be taken for another name. */
	slot->size = escaped == size ? (uint32_t)size : UINT32_MAX;
	return p + escaped;
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

static inline uint8_t *
put_site(uint8_t *p, struct site_slot *site, int line)
{
	p = pmt_put_varint(p, site->id);
	p = pmt_put_varint(p, pmt_zigzag((int64_t)line - site->line));
	site->line = line;
	return p;
}

static inline uint8_t *
put_rss(struct pmt_compact *compact, uint8_t *p, uint8_t *flags, uint64_t rss,
	int64_t d_rss, uint64_t against)
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
put_thread(struct pmt_compact *compact, uint8_t *p, uint8_t *flags,
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
put_clock(struct pmt_compact *compact, uint8_t *p, uint64_t clock)
{
	p = pmt_put_varint(p, clock - compact->clock);
	compact->clock = clock;
	return p;
}

/* The optional columns of a reference row. */
static uint8_t *
put_extras(struct pmt_compact *compact, uint8_t *p, uint8_t *flags,
	   unsigned int columns, struct type_slot *type,
	   const struct pmt_reference_event *event)
{
	uint64_t wall = event->wall - event->clock;
	uint64_t expected = event->created ? type->size : 0;

	if (columns & PMT_WITH_THREAD)
		p = put_thread(compact, p, flags, event->thread);
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
	const struct pmt_column *file = event->place.file;
	const struct pmt_column *function = event->place.function;
	struct type_slot *type = &compact->type[event->type->serial % TYPES];
	struct site_slot *site = &compact->site[function->serial % SITES];
	uint8_t *first, flags = PMT_COMPACT_EVENT;

	if (pmt_unlikely(!is_type(compact, type, event->type)))
		p = define_type(compact, type, event->type,
				event->live - step, p);
	if (pmt_unlikely(!is_site(compact, site, file, function->serial)))
		p = define_site(compact, site, file, function, p);
	first = p++;
	/* No branch: objects come and go in no order that a CPU could learn. */
	flags |= (uint8_t)(event->created * PMT_COMPACT_CREATED);
	p = put_clock(compact, p, event->clock);
	p = put_address(p, compact->address, event->address);
	compact->address = event->address;
	p = pmt_put_varint(p, type->id);
	p = put_site(p, site, event->place.line);
	p = put_rss(compact, p, &flags, event->rss, event->d_rss,
		    compact->rss);
	if (pmt_unlikely(event->live != type->live + step)) {
		flags |= PMT_COMPACT_LIVE;
		p = pmt_put_varint(p, pmt_zigzag(event->live - type->live -
						 step));
	}
	type->live = event->live;
	if (pmt_unlikely(columns != 0))
		p = put_extras(compact, p, &flags, columns, type, event);
	*first = flags;
	compact->rows++;
	return p;
}

static unsigned int
number_of_tag(const char *tag)
{
	static const char tags[][4] = {
		{ 'F', 'R', 'S', 'T' }, { 'N', 'E', 'X', 'T' },
		{ 'P', 'R', 'E', 'V' }, { 'L', 'A', 'S', 'T' },
	};
	unsigned int which = 0;

	while (which < 3 && memcmp(tags[which], tag, 4) != 0)
		which++;
	return which;
}

/* SITE is defined by what stands before P. */
static inline uint8_t *
put_profile(struct pmt_compact *compact, uint8_t *p, const char *tag,
	    struct site_slot *site, const struct pmt_profile_event *event)
{
	unsigned int which = number_of_tag(tag);
	uint8_t *first = p++, flags = PMT_COMPACT_PROFILE;

	flags |= (uint8_t)(which << PMT_COMPACT_TAG_SHIFT);
	*p++ = (uint8_t)event->what;
	p = pmt_put_varint(p, pmt_zigzag((int64_t)(event->event -
						   compact->event)));
	compact->event = event->event;
	p = put_clock(compact, p, event->clock);
	p = put_site(p, site, event->line);
	p = put_rss(compact, p, &flags, event->rss, event->d_rss,
		    compact->row_rss);
	if (event->d_event != event->event - compact->row_event) {
		flags |= PMT_COMPACT_D_EVENT;
		p = pmt_put_varint(p, event->d_event);
	}
	p = put_thread(compact, p, &flags, event->thread);
	if (which < 2) {
		compact->row_event = event->event;
		compact->row_rss = event->rss;
	}
	*first = flags;
	compact->rows++;
	return p;
}

static uint8_t *
put_note(struct pmt_compact *compact, uint8_t *p, const char *tag,
	 const struct pmt_profile_event *numbers, uint64_t clock,
	 const char *text, size_t size)
{
	*p++ = tag[0] == 'E' ? PMT_COMPACT_ERR : PMT_COMPACT_MSG;
	/* The clock of a note is taken apart from that of the rows. */
	p = pmt_put_varint(p, pmt_zigzag((int64_t)(clock - compact->clock)));
	if (numbers != NULL) {
		p = pmt_put_varint(p, numbers->event);
		p = pmt_put_varint(p, numbers->d_event);
	}
	compact->rows++;
	return put_bytes(p, text, size);
}

/*
 * A row that is longer than the buffer becomes a block outside of it.  Returns
 * where it goes, or NULL: it is lost.
 */
static PMT_COLD uint8_t *
begin_huge(struct pmt_logwrite *log, size_t size)
{
	uint8_t *block = NULL;

	if (size < PMT_COMPACT_BLOCK_MAX)
		block = calloc(1, PMT_COMPACT_BLOCK_HEADER + size);
	if (block == NULL) {
		log->lost++;
		return NULL;
	}
	memcpy(block, PMT_COMPACT_BLOCK, 4);
	return block + PMT_COMPACT_BLOCK_HEADER;
}

static PMT_COLD void
end_huge(struct pmt_logwrite *log, uint8_t *row, const uint8_t *end)
{
	uint8_t *block = row - PMT_COMPACT_BLOCK_HEADER;
	size_t size = (size_t)(end - block);

	fill_header(log->compact, block, size);
	pmt_logwrite_raw(log, block, size);
	free(block);
}

/* Room for a row of at most SIZE bytes, or NULL: it is lost. */
static inline uint8_t *
begin_row(struct pmt_logwrite *log, size_t size)
{
	if (pmt_unlikely((size_t)(log->end - log->next) < size)) {
		pmt_logwrite_flush(log);
		if ((size_t)(log->end - log->next) < size)
			return begin_huge(log, size);
	}
	return (uint8_t *)log->next;
}

static inline void
end_row(struct pmt_logwrite *log, uint8_t *row, uint8_t *end)
{
	if (pmt_likely(row == (uint8_t *)log->next))
		pmt_logwrite_commit(log, (char *)end);
	else
		end_huge(log, row, end);
}

void
pmt_compact_reference(struct pmt_logwrite *log, unsigned int columns,
		      const struct pmt_reference_event *event)
{
	uint8_t *row = begin_row(log, NUMBERS_MAX + event->type->length +
				      event->place.file->length +
				      event->place.function->length);

	if (pmt_likely(row != NULL))
		end_row(log, row, put_reference(log->compact, row, columns,
						event));
}

static void
add_callee(struct pmt_logwrite *log, const char *tag,
	   const struct pmt_profile_event *event)
{
	struct pmt_compact *compact = log->compact;
	size_t size = strlen(event->callee);
	uint8_t *row = begin_row(log, NUMBERS_MAX + event->file->length +
				      PMT_ESCAPED_SIZE(size)), *p = row;
	/* Names mostly stay where they are, so that is where to look first. */
	uint32_t hash = (uint32_t)(uintptr_t)event->callee ^
			event->file->serial * 0x9e3779b1u;
	struct site_slot *site = &compact->site[hash % SITES];

	if (pmt_unlikely(row == NULL))
		return;
	if (pmt_unlikely(!is_site(compact, site, event->file, 0) ||
			 site->size != size ||
			 memcmp(site->bytes, event->callee, size) != 0))
		p = define_callee(compact, site, event->file, event->callee,
				  size, p);
	end_row(log, row, put_profile(compact, p, tag, site, event));
}

static void
add_function(struct pmt_logwrite *log, const char *tag,
	     const struct pmt_profile_event *event)
{
	struct pmt_compact *compact = log->compact;
	const struct pmt_column *function = event->function;
	uint8_t *row = begin_row(log, NUMBERS_MAX + event->file->length +
				      function->length), *p = row;
	struct site_slot *site = &compact->site[function->serial % SITES];

	if (pmt_unlikely(row == NULL))
		return;
	if (pmt_unlikely(!is_site(compact, site, event->file,
				  function->serial)))
		p = define_site(compact, site, event->file, function, p);
	end_row(log, row, put_profile(compact, p, tag, site, event));
}

void
pmt_compact_profile(struct pmt_logwrite *log, const char *tag,
		    const struct pmt_profile_event *event)
{
	if (event->callee != NULL)
		add_callee(log, tag, event);
	else
		add_function(log, tag, event);
}

void
pmt_compact_note(struct pmt_logwrite *log, const char *tag,
		 const struct pmt_profile_event *numbers, uint64_t clock,
		 const char *text, size_t size)
{
	uint8_t *row = begin_row(log, NUMBERS_MAX + size);

	if (row != NULL)
		end_row(log, row, put_note(log->compact, row, tag, numbers,
					   clock, text, size));
}

void
pmt_compact_end(struct pmt_logwrite *log)
{
	uint8_t *row = begin_row(log, 1);

	*row = PMT_COMPACT_END;
	end_row(log, row, row + 1);
}
