/* SPDX-License-Identifier: MIT */
#include <config.h>

#include "compactwrite.h"

#include <stdlib.h>
#include <string.h>

#define XXH_INLINE_ALL
#include <xxhash.h>

#include "compact.h"
#include "escape.h"

enum {
	TYPES = 512,		/* powers of two */
	SITES = 1024,
	NUMBERS_MAX = 128,	/* bytes of a row without definitions */
};

/* A name as a log has it, escaped. */
struct name {
	const char *bytes;
	size_t size;
	uint32_t serial;	/* 0: of a C function, known by its bytes */
};

/*
 * What was defined in the block.  The tables are caches: a name that lost its
 * place to another is defined once more.
 */
struct type_slot {
	uint32_t block;
	uint32_t serial;
	uint32_t id;
	int64_t live;
	uint64_t size;
};

struct site_slot {
	uint32_t block;
	uint32_t file, function;	/* serials */
	uint32_t id;
	struct name name;	/* of the function, in the block */
	int line;
};

struct pmt_compact {
	uint32_t block;		/* from 1; slots of other blocks are free */
	uint32_t sequence;	/* blocks written */
	uint32_t rows;
	uint32_t types, sites;	/* ids given */
	uint64_t clock, rss, wall;
	int64_t thread;
	uintptr_t address;
	uint64_t event, row_event, row_rss;
	struct type_slot type[TYPES];
	struct site_slot site[SITES];
};

struct pmt_compact *
pmt_compact_new(void)
{
	return calloc(1, sizeof(struct pmt_compact));
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

/* The slot of a type; *p grows by the definition if one is needed. */
static struct type_slot *
define_type(struct pmt_compact *compact, const struct pmt_column *type,
	    int64_t live, uint8_t **p)
{
	struct type_slot *slot = &compact->type[type->serial % TYPES];

	if (pmt_likely(slot->block == compact->block &&
		       slot->serial == type->serial))
		return slot;
	slot->block = compact->block;
	slot->serial = type->serial;
	slot->id = compact->types++;
	slot->live = live;
	slot->size = 0;
	*(*p)++ = PMT_COMPACT_TYPE;
	*p = pmt_put_varint(*p, pmt_zigzag(live));
	*p = put_bytes(*p, type->text + 1, pmt_column_bare(type));
	return slot;
}

static struct name
name_of(const struct pmt_column *column)
{
	return (struct name){ column->text + 1, pmt_column_bare(column),
			      column->serial };
}

static bool
is_site(const struct site_slot *slot, const struct pmt_compact *compact,
	const struct pmt_column *file, const struct name *function)
{
	return slot->block == compact->block && slot->file == file->serial &&
	       slot->function == function->serial &&
	       (pmt_likely(function->serial != 0) ||
		(slot->name.size == function->size &&
		 memcmp(slot->name.bytes, function->bytes,
			function->size) == 0));
}

static struct site_slot *
define_site(struct pmt_compact *compact, const struct pmt_column *file,
	    const struct name *function, uint8_t **p)
{
	uint32_t hash = function->serial != 0
		? function->serial * 0x9e3779b1u
		: (uint32_t)XXH3_64bits(function->bytes, function->size);
	struct site_slot *slot =
		&compact->site[(hash ^ file->serial) % SITES];

	if (pmt_likely(is_site(slot, compact, file, function)))
		return slot;
	slot->block = compact->block;
	slot->file = file->serial;
	slot->function = function->serial;
	slot->id = compact->sites++;
	slot->line = 0;
	*(*p)++ = PMT_COMPACT_SITE;
	*p = put_bytes(*p, file->text + 1, pmt_column_bare(file));
	*p = put_bytes(*p, function->bytes, function->size);
	slot->name = *function;
	slot->name.bytes = (const char *)*p - function->size;
	return slot;
}

static uint8_t *
put_address(uint8_t *p, uintptr_t before, uintptr_t address)
{
	bool negative = address < before;
	uint64_t size = negative ? before - address : address - before;

	if (pmt_likely(size % 16 == 0))
		return pmt_put_varint(p, size / 16 << 2 | negative << 1);
	return pmt_put_varint(p, size << 2 | negative << 1 | 1);
}

static uint8_t *
put_site(uint8_t *p, struct site_slot *site, int line)
{
	p = pmt_put_varint(p, site->id);
	p = pmt_put_varint(p, pmt_zigzag((int64_t)line - site->line));
	site->line = line;
	return p;
}

static uint8_t *
put_rss(struct pmt_compact *compact, uint8_t *p, uint8_t *flags, uint64_t rss,
	int64_t d_rss, uint64_t against)
{
	if (rss != compact->rss) {
		*flags |= PMT_COMPACT_RSS;
		p = pmt_put_varint(p, pmt_zigzag((int64_t)(rss -
							   compact->rss)));
		compact->rss = rss;
	}
	if (d_rss != (int64_t)(rss - against)) {
		*flags |= PMT_COMPACT_D_RSS;
		p = pmt_put_varint(p, pmt_zigzag(d_rss));
	}
	return p;
}

static uint8_t *
put_thread(struct pmt_compact *compact, uint8_t *p, uint8_t *flags,
	   int64_t thread)
{
	if (thread == compact->thread)
		return p;
	*flags |= PMT_COMPACT_THREAD;
	p = pmt_put_varint(p, pmt_zigzag(thread - compact->thread));
	compact->thread = thread;
	return p;
}

static uint8_t *
put_clock(struct pmt_compact *compact, uint8_t *p, uint64_t clock)
{
	p = pmt_put_varint(p, clock - compact->clock);
	compact->clock = clock;
	return p;
}

/* The optional columns of a reference row. */
static uint8_t *
put_extras(struct pmt_compact *compact, uint8_t *p, uint8_t *flags,
	   unsigned int columns, struct type_slot *type, int64_t d_clock,
	   const struct pmt_reference_event *event)
{
	int64_t d_wall = (int64_t)(event->wall - compact->wall);
	uint64_t expected = event->created ? type->size : 0;

	if (columns & PMT_WITH_THREAD)
		p = put_thread(compact, p, flags, event->thread);
	if ((columns & PMT_WITH_WALL) && d_wall != d_clock) {
		*flags |= PMT_COMPACT_WALL;
		p = pmt_put_varint(p, pmt_zigzag(d_wall - d_clock));
	}
	compact->wall = event->wall;
	if ((columns & PMT_WITH_SIZE) && event->size != expected) {
		*flags |= PMT_COMPACT_SIZE;
		p = pmt_put_varint(p, event->size);
	}
	if (event->created)
		type->size = event->size;
	return p;
}

static uint8_t *
put_reference(struct pmt_compact *compact, uint8_t *p, unsigned int columns,
	      const struct pmt_reference_event *event)
{
	int64_t step = event->created ? 1 : -1;
	struct type_slot *type = define_type(compact, event->type,
					     event->live - step, &p);
	struct name function = name_of(event->place.function);
	struct site_slot *site = define_site(compact, event->place.file,
					     &function, &p);
	int64_t d_clock = (int64_t)(event->clock - compact->clock);
	uint8_t *first = p++, flags = PMT_COMPACT_EVENT;

	if (event->created)
		flags |= PMT_COMPACT_CREATED;
	p = put_clock(compact, p, event->clock);
	p = put_address(p, compact->address, event->address);
	compact->address = event->address;
	p = pmt_put_varint(p, type->id);
	p = put_site(p, site, event->place.line);
	p = put_rss(compact, p, &flags, event->rss, event->d_rss,
		    compact->rss);
	if (event->live != type->live + step) {
		flags |= PMT_COMPACT_LIVE;
		p = pmt_put_varint(p, pmt_zigzag(event->live - type->live -
						 step));
	}
	type->live = event->live;
	if (pmt_unlikely(columns != 0))
		p = put_extras(compact, p, &flags, columns, type, d_clock,
			       event);
	*first = flags;
	compact->rows++;
	return p;
}

static uint8_t *
put_profile(struct pmt_compact *compact, uint8_t *p, const char *tag,
	    const struct name *function, const struct pmt_profile_event *event)
{
	static const char tags[][4] = {
		{ 'F', 'R', 'S', 'T' }, { 'N', 'E', 'X', 'T' },
		{ 'P', 'R', 'E', 'V' }, { 'L', 'A', 'S', 'T' },
	};
	struct site_slot *site = define_site(compact, event->file, function,
					     &p);
	uint8_t *first = p++, flags = PMT_COMPACT_PROFILE;
	unsigned int which = 0;

	while (which < 3 && memcmp(tags[which], tag, 4) != 0)
		which++;
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

/* One row, whatever it is. */
struct row {
	enum { REFERENCE, PROFILE, NOTE, END } kind;
	const char *tag;
	unsigned int columns;
	const void *event;
	const struct name *function;
	uint64_t clock;
	const char *text;
	size_t size;		/* bytes that it may need */
	size_t text_size;
};

static uint8_t *
put_row(struct pmt_compact *compact, uint8_t *p, const struct row *row)
{
	switch (row->kind) {
	case REFERENCE:
		return put_reference(compact, p, row->columns, row->event);
	case PROFILE:
		return put_profile(compact, p, row->tag, row->function,
				   row->event);
	case NOTE:
		return put_note(compact, p, row->tag, row->event, row->clock,
				row->text, row->text_size);
	case END:
		*p++ = PMT_COMPACT_END;
	}
	return p;
}

/* A row that is longer than the buffer becomes a block outside of it. */
static void
add_huge(struct pmt_logwrite *log, const struct row *row)
{
	uint8_t *block = NULL, *end;

	if (row->size < PMT_COMPACT_BLOCK_MAX)
		block = calloc(1, PMT_COMPACT_BLOCK_HEADER + row->size);
	if (block == NULL) {
		log->lost++;
		return;
	}
	memcpy(block, PMT_COMPACT_BLOCK, 4);
	end = put_row(log->compact, block + PMT_COMPACT_BLOCK_HEADER, row);
	fill_header(log->compact, block, (size_t)(end - block));
	pmt_logwrite_raw(log, block, (size_t)(end - block));
	free(block);
	pmt_compact_start_block(log);
}

static void
add(struct pmt_logwrite *log, const struct row *row)
{
	if (pmt_unlikely((size_t)(log->end - log->next) < row->size))
		pmt_logwrite_flush(log);
	if (pmt_unlikely((size_t)(log->end - log->next) < row->size)) {
		add_huge(log, row);
		return;
	}
	pmt_logwrite_commit(log, (char *)put_row(log->compact,
						 (uint8_t *)log->next, row));
}

void
pmt_compact_reference(struct pmt_logwrite *log, unsigned int columns,
		      const struct pmt_reference_event *event)
{
	struct row row = {
		.kind = REFERENCE,
		.columns = columns,
		.event = event,
		.size = NUMBERS_MAX + event->type->length +
			event->place.file->length +
			event->place.function->length,
	};

	add(log, &row);
}

/* Names of C functions may be any text, and come without being escaped. */
static void
add_callee(struct pmt_logwrite *log, struct row *row, const char *callee)
{
	char small[256], *escaped = small;
	struct name name = { 0 };
	size_t size = strlen(callee);

	if (PMT_ESCAPED_SIZE(size) > sizeof(small))
		escaped = malloc(PMT_ESCAPED_SIZE(size));
	if (escaped == NULL) {
		log->lost++;
		return;
	}
	name.bytes = escaped;
	name.size = pmt_escape_name(callee, size, escaped);
	row->function = &name;
	row->size += name.size;
	add(log, row);
	if (escaped != small)
		free(escaped);
}

void
pmt_compact_profile(struct pmt_logwrite *log, const char *tag,
		    const struct pmt_profile_event *event)
{
	struct row row = {
		.kind = PROFILE,
		.tag = tag,
		.event = event,
		.size = NUMBERS_MAX + event->file->length,
	};
	struct name function;

	if (event->callee != NULL) {
		add_callee(log, &row, event->callee);
		return;
	}
	function = name_of(event->function);
	row.function = &function;
	row.size += function.size;
	add(log, &row);
}

void
pmt_compact_note(struct pmt_logwrite *log, const char *tag,
		 const struct pmt_profile_event *numbers, uint64_t clock,
		 const char *text, size_t size)
{
	struct row row = {
		.kind = NOTE,
		.tag = tag,
		.event = numbers,
		.clock = clock,
		.text = text,
		.size = NUMBERS_MAX + size,
		.text_size = size,
	};

	add(log, &row);
}

void
pmt_compact_end(struct pmt_logwrite *log)
{
	struct row row = { .kind = END, .size = 1 };

	add(log, &row);
}
