/* SPDX-License-Identifier: MIT */
#include <config.h>

#include "compactread.h"

#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define XXH_INLINE_ALL
#include <xxhash.h>

#include "compact.h"
#include "escape.h"
#include "referencelog.h"

enum { CACHE = 4096 };		/* a power of two */

struct type {
	struct pmt_text name;	/* escaped */
	int64_t live;
	uint64_t size;
};

struct place {
	struct pmt_text file, function;
	int64_t line;
};

/* Which site is (type, place, line)?  Saves looking the names up. */
struct cached {
	uint32_t block, type, place;
	int64_t line;
	uint32_t site;
};

struct pmt_compactread {
	struct pmt_input *input;
	struct pmt_sites *sites;
	char kind;
	unsigned int columns;
	unsigned int has;	/* of each row */
	char *message;
	size_t message_size;

	uint64_t offset;	/* in the file, of input->begin */
	uint64_t line;		/* of the text that this log stands for */
	bool ended, done;	/* by an END record; by the file */
	char problem[256];
	char *text;		/* of the last message, not escaped */

	/* The block that is being read. */
	const uint8_t *p, *end;
	uint64_t block_offset;
	size_t block_size;	/* header included */
	uint32_t block;		/* counts blocks, for the cache */
	struct type *type;
	size_t types, types_room;
	struct place *place;
	size_t places, places_room;
	int64_t clock, rss, wall, thread, number, row_number, row_rss;
	uint64_t address;
	struct cached cache[CACHE];
};

static size_t
waiting(const struct pmt_compactread *reader)
{
	return (size_t)(reader->input->end - reader->input->begin);
}

static const uint8_t *
bytes(const struct pmt_compactread *reader)
{
	return (const uint8_t *)reader->input->begin;
}

static void
take(struct pmt_compactread *reader, size_t size)
{
	reader->input->begin += size;
	reader->offset += size;
}

/* Have SIZE bytes, or all there are.  Returns 0 or -errno. */
static int
have(struct pmt_compactread *reader, size_t size)
{
	while (waiting(reader) < size && !reader->input->at_end) {
		int err = pmt_input_more(reader->input);

		if (err != 0)
			return err;
	}
	return 0;
}

bool
pmt_compactread_is(const struct pmt_input *input)
{
	return input->end - input->begin >= 8 &&
	       memcmp(input->begin, PMT_COMPACT_MAGIC, 8) == 0;
}

static int
read_header(struct pmt_compactread *reader)
{
	int err = have(reader, PMT_COMPACT_HEADER);
	const uint8_t *header = bytes(reader);
	size_t size;

	if (err != 0)
		return err;
	if (waiting(reader) < PMT_COMPACT_HEADER ||
	    header[8] != PMT_COMPACT_VERSION ||
	    memchr("OPT", header[9], 3) == NULL)
		return -EBADMSG;
	/* A second header is of the newer half, or of a log put behind. */
	if (reader->kind != 0 && reader->kind != (char)header[9])
		return -EBADMSG;
	reader->kind = (char)header[9];
	reader->columns = (unsigned int)pmt_get_le(header + 10, 2);
	size = pmt_get_le(header + 12, 4);
	take(reader, PMT_COMPACT_HEADER);
	if (size > PMT_INPUT_LINE / 2)
		return -EBADMSG;
	err = have(reader, size);
	if (err != 0)
		return err;
	if (waiting(reader) < size)
		return -EBADMSG;
	free(reader->message);
	reader->message = malloc(size + 1);
	if (reader->message == NULL)
		return -ENOMEM;
	memcpy(reader->message, reader->input->begin, size);
	reader->message_size = size;
	take(reader, size);
	return 0;
}

static unsigned int
row_columns(const struct pmt_compactread *reader)
{
	unsigned int has = 1u << PMT_COLUMN_CLOCK | 1u << PMT_COLUMN_FILE |
			   1u << PMT_COLUMN_LINE | 1u << PMT_COLUMN_FUNCTION |
			   1u << PMT_COLUMN_RSS | 1u << PMT_COLUMN_D_RSS;

	if (reader->kind == 'O')
		has |= 1u << PMT_COLUMN_ADDRESS | 1u << PMT_COLUMN_LIVE |
		       1u << PMT_COLUMN_TYPE;
	else
		has |= 1u << PMT_COLUMN_EVENT | 1u << PMT_COLUMN_D_EVENT |
		       1u << PMT_COLUMN_WHAT;
	if (reader->columns & PMT_WITH_THREAD)
		has |= 1u << PMT_COLUMN_THREAD;
	if (reader->columns & PMT_WITH_WALL)
		has |= 1u << PMT_COLUMN_WALL;
	if (reader->columns & PMT_WITH_SIZE)
		has |= 1u << PMT_COLUMN_SIZE;
	return has;
}

int
pmt_compactread_open(struct pmt_input *input, struct pmt_sites *sites,
		     struct pmt_compactread **out)
{
	struct pmt_compactread *reader = calloc(1, sizeof(*reader));
	int err;

	if (reader == NULL)
		return -ENOMEM;
	reader->input = input;
	reader->sites = sites;
	err = read_header(reader);
	if (err != 0) {
		pmt_compactread_close(reader);
		return err;
	}
	reader->has = row_columns(reader);
	/* The lines of the message, SOF and the header come before. */
	reader->line = 2;
	for (size_t i = 0; i < reader->message_size; i++)
		reader->line += reader->message[i] == '\n';
	if (reader->message_size > 0 &&
	    reader->message[reader->message_size - 1] != '\n')
		reader->line++;
	*out = reader;
	return 0;
}

void
pmt_compactread_close(struct pmt_compactread *reader)
{
	if (reader == NULL)
		return;
	free(reader->message);
	free(reader->text);
	free(reader->type);
	free(reader->place);
	free(reader);
}

static int problem(struct pmt_compactread *reader, struct pmt_event *event,
		   const char *format, ...) PMT_PRINTF(3, 4);

static int
problem(struct pmt_compactread *reader, struct pmt_event *event,
	const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(reader->problem, sizeof(reader->problem), format, args);
	va_end(args);
	*event = (struct pmt_event){ .row = PMT_ROW_PROBLEM,
				     .line = reader->line };
	event->text = (struct pmt_text){ reader->problem,
					 strlen(reader->problem) };
	return 1;
}

/* Is there a whole block at the beginning of the input? */
static bool
is_sound(const struct pmt_compactread *reader)
{
	const uint8_t *block = bytes(reader);
	size_t size;

	if (waiting(reader) < PMT_COMPACT_BLOCK_HEADER ||
	    memcmp(block, PMT_COMPACT_BLOCK, 4) != 0)
		return false;
	size = PMT_COMPACT_BLOCK_HEADER + (size_t)pmt_get_le(block + 4, 4);
	if (size > waiting(reader))
		return false;
#ifdef FUZZING_BUILD_MODE_UNSAFE_FOR_PRODUCTION
	/* A fuzzer would hardly ever guess a checksum, and learn nothing. */
	if (pmt_get_le(block + 4, 4) != 0)
		return true;
#endif
	return XXH3_64bits(block + PMT_COMPACT_HASHED,
			   size - PMT_COMPACT_HASHED) ==
		       pmt_get_le(block + 8, 8);
}

/* The bytes that this block claims, as far as they are at all likely. */
static int
have_block(struct pmt_compactread *reader)
{
	int err = have(reader, PMT_COMPACT_BLOCK_HEADER);
	uint64_t size;

	if (err != 0 || waiting(reader) < PMT_COMPACT_BLOCK_HEADER)
		return err;
	size = pmt_get_le(bytes(reader) + 4, 4);
	if (memcmp(bytes(reader), PMT_COMPACT_BLOCK, 4) != 0 ||
	    size > PMT_COMPACT_BLOCK_MAX)
		return 0;
	return have(reader, PMT_COMPACT_BLOCK_HEADER + size);
}

static void
enter_block(struct pmt_compactread *reader, size_t size)
{
	reader->block_offset = reader->offset;
	reader->block_size = size;
	reader->p = bytes(reader) + PMT_COMPACT_BLOCK_HEADER;
	reader->end = bytes(reader) + size;
	if (++reader->block == 0) {
		memset(reader->cache, 0, sizeof(reader->cache));
		reader->block = 1;
	}
	reader->types = reader->places = 0;
	reader->clock = reader->rss = reader->wall = reader->thread = 0;
	reader->number = reader->row_number = reader->row_rss = 0;
	reader->address = 0;
}

/* Look for the next whole block; what lies before it is lost. */
static int
skip_damage(struct pmt_compactread *reader, struct pmt_event *event)
{
	uint64_t from = reader->offset;
	int err;

	do {
		const char *mark;

		take(reader, 1);
		err = have(reader, PMT_COMPACT_BLOCK_HEADER);
		if (err != 0)
			return err;
		mark = memmem(reader->input->begin, waiting(reader),
			      PMT_COMPACT_BLOCK, 4);
		if (mark == NULL) {
			/* The mark may begin in the last three bytes. */
			take(reader, waiting(reader) < 4 ||
				     reader->input->at_end
					     ? waiting(reader)
					     : waiting(reader) - 3);
			continue;
		}
		take(reader, (size_t)(mark - reader->input->begin));
		err = have_block(reader);
		if (err != 0)
			return err;
	} while (!is_sound(reader) &&
		 !(reader->input->at_end && waiting(reader) == 0));
	return problem(reader, event, "damaged: %" PRIu64 " bytes from byte %"
		       PRIu64 " on were skipped", reader->offset - from, from);
}

/* The writer died with this block in its hands. */
static bool
is_unfinished(const struct pmt_compactread *reader)
{
	static const uint8_t nothing[16];

	return waiting(reader) >= PMT_COMPACT_BLOCK_HEADER &&
	       memcmp(bytes(reader), PMT_COMPACT_BLOCK, 4) == 0 &&
	       memcmp(bytes(reader) + 4, nothing, 12) == 0;
}

static int
at_end(struct pmt_compactread *reader, struct pmt_event *event)
{
	reader->done = true;
	if (reader->ended)
		return 0;
	return problem(reader, event, "torn: the log ends here, without EOF; "
		       "what came later is lost");
}

static int
read_second_header(struct pmt_compactread *reader, struct pmt_event *event)
{
	int err = read_header(reader);

	reader->has = row_columns(reader);
	if (err != -EBADMSG)
		return err;
	reader->done = true;
	return problem(reader, event, "a log of another kind begins here; "
		       "nothing below was read");
}

/* Returns 0 with a block to read, 1 with a problem, -errno; done at the end. */
static int
next_block(struct pmt_compactread *reader, struct pmt_event *event)
{
	int err;

	if (reader->p != NULL)
		take(reader, reader->block_size);
	reader->p = reader->end = NULL;
	err = have(reader, PMT_COMPACT_HEADER);
	if (err == 0 && pmt_compactread_is(reader->input))
		err = read_second_header(reader, event);
	if (err != 0)
		return err;
	err = have_block(reader);
	if (err != 0)
		return err;
	if (waiting(reader) == 0)
		return at_end(reader, event);
	if (is_sound(reader)) {
		enter_block(reader, PMT_COMPACT_BLOCK_HEADER +
			    (size_t)pmt_get_le(bytes(reader) + 4, 4));
		return 0;
	}
	if (is_unfinished(reader)) {
		err = have(reader, PMT_INPUT_LINE / 2);
		if (err != 0)
			return err;
		if (reader->input->at_end) {
			enter_block(reader, waiting(reader));
			return 0;
		}
	}
	return skip_damage(reader, event);
}

static bool
get(struct pmt_compactread *reader, uint64_t *value)
{
	const uint8_t *p = reader->p;

	if (pmt_likely(p < reader->end && *p < 0x80)) {
		*value = *p;
		reader->p = p + 1;
		return true;
	}
	p = pmt_get_varint(p, reader->end, value);
	if (p == NULL)
		return false;
	reader->p = p;
	return true;
}

static bool
get_signed(struct pmt_compactread *reader, int64_t *value)
{
	uint64_t zigzag;

	if (!get(reader, &zigzag))
		return false;
	*value = pmt_unzigzag(zigzag);
	return true;
}

/* Add a signed difference to *VALUE, which must not overflow. */
static bool
get_difference(struct pmt_compactread *reader, int64_t *value)
{
	int64_t difference;

	return get_signed(reader, &difference) &&
	       !__builtin_add_overflow(*value, difference, value);
}

static bool
get_bytes(struct pmt_compactread *reader, struct pmt_text *text)
{
	uint64_t size;

	if (!get(reader, &size) ||
	    size > (uint64_t)(reader->end - reader->p))
		return false;
	*text = (struct pmt_text){ (const char *)reader->p, size };
	reader->p += size;
	return true;
}

static bool
define_type(struct pmt_compactread *reader)
{
	struct type *type;

	if (reader->types == reader->types_room) {
		size_t room = reader->types_room * 2 + 64;

		type = reallocarray(reader->type, room, sizeof(*type));
		if (type == NULL)
			return false;
		reader->type = type;
		reader->types_room = room;
	}
	type = &reader->type[reader->types];
	type->size = 0;
	if (!get_signed(reader, &type->live) ||
	    !get_bytes(reader, &type->name))
		return false;
	reader->types++;
	return true;
}

static bool
define_place(struct pmt_compactread *reader)
{
	struct place *place;

	if (reader->places == reader->places_room) {
		size_t room = reader->places_room * 2 + 64;

		place = reallocarray(reader->place, room, sizeof(*place));
		if (place == NULL)
			return false;
		reader->place = place;
		reader->places_room = room;
	}
	place = &reader->place[reader->places];
	place->line = 0;
	if (!get_bytes(reader, &place->file) ||
	    !get_bytes(reader, &place->function))
		return false;
	reader->places++;
	return true;
}

static bool
get_clock(struct pmt_compactread *reader, struct pmt_event *event)
{
	uint64_t difference;
	int64_t ns;

	if (!get(reader, &difference) || difference > INT64_MAX ||
	    __builtin_add_overflow(reader->clock, (int64_t)difference,
				   &reader->clock) ||
	    __builtin_mul_overflow(reader->clock, 1000, &ns))
		return false;
	event->clock = ns;
	return true;
}

static bool
get_address(struct pmt_compactread *reader, struct pmt_event *event)
{
	uint64_t value, size;

	if (!get(reader, &value))
		return false;
	size = value >> 2;
	if ((value & 1) == 0)
		size *= 16;
	reader->address += value & 2 ? -size : size;
	event->address = reader->address;
	return true;
}

/* The site of a row: type (-1: none), place and line. */
static bool
find_site(struct pmt_compactread *reader, uint32_t type, uint32_t place,
	  int64_t line, uint32_t *site)
{
	static const struct pmt_text none = { "\0\0\0\0\0\0\0", 0 };
	uint32_t hash = (type * 31 + place) * 0x9e3779b1u + (uint32_t)line;
	struct cached *cached = &reader->cache[hash % CACHE];

	if (pmt_likely(cached->block == reader->block &&
		       cached->type == type && cached->place == place &&
		       cached->line == line)) {
		*site = cached->site;
		return true;
	}
	if (line < 0 || line > INT32_MAX ||
	    pmt_sites_find(reader->sites,
			   type == UINT32_MAX ? none : reader->type[type].name,
			   reader->place[place].file, (uint32_t)line,
			   reader->place[place].function, site) != 0)
		return false;
	*cached = (struct cached){ reader->block, type, place, line, *site };
	return true;
}

static bool
get_site(struct pmt_compactread *reader, uint32_t type,
	 struct pmt_event *event)
{
	uint64_t id;

	if (!get(reader, &id) || id >= reader->places ||
	    !get_difference(reader, &reader->place[id].line))
		return false;
	return find_site(reader, type, (uint32_t)id, reader->place[id].line,
			 &event->site);
}

static bool
get_rss(struct pmt_compactread *reader, unsigned int flags, int64_t against,
	struct pmt_event *event)
{
	if ((flags & PMT_COMPACT_RSS) &&
	    !get_difference(reader, &reader->rss))
		return false;
	event->rss = reader->rss;
	if (flags & PMT_COMPACT_D_RSS)
		return get_signed(reader, &event->d_rss);
	return !__builtin_sub_overflow(event->rss, against, &event->d_rss);
}

static bool
get_live(struct pmt_compactread *reader, unsigned int flags,
	 struct type *type, struct pmt_event *event)
{
	int64_t step = flags & PMT_COMPACT_CREATED ? 1 : -1;

	if (__builtin_add_overflow(type->live, step, &type->live) ||
	    ((flags & PMT_COMPACT_LIVE) &&
	     !get_difference(reader, &type->live)))
		return false;
	event->live = type->live;
	return true;
}

static bool
get_thread(struct pmt_compactread *reader, unsigned int flags,
	   struct pmt_event *event)
{
	if ((flags & PMT_COMPACT_THREAD) &&
	    !get_difference(reader, &reader->thread))
		return false;
	event->thread = reader->thread;
	return true;
}

static bool
get_wall(struct pmt_compactread *reader, unsigned int flags, int64_t d_clock,
	 struct pmt_event *event)
{
	if (__builtin_add_overflow(reader->wall, d_clock, &reader->wall) ||
	    ((flags & PMT_COMPACT_WALL) &&
	     !get_difference(reader, &reader->wall)))
		return false;
	return !__builtin_mul_overflow(reader->wall, 1000, &event->wall);
}

static bool
get_size(struct pmt_compactread *reader, unsigned int flags,
	 struct type *type, struct pmt_event *event)
{
	uint64_t size = flags & PMT_COMPACT_CREATED ? type->size : 0;

	if (((flags & PMT_COMPACT_SIZE) && !get(reader, &size)) ||
	    size > INT64_MAX)
		return false;
	if (flags & PMT_COMPACT_CREATED)
		type->size = size;
	event->size = (int64_t)size;
	return true;
}

static bool
get_reference(struct pmt_compactread *reader, unsigned int flags,
	      struct pmt_event *event)
{
	int64_t clock = reader->clock, rss = reader->rss;
	struct type *type;
	uint64_t id;

	*event = (struct pmt_event){
		.row = flags & PMT_COMPACT_CREATED ? PMT_ROW_NEW : PMT_ROW_DEL,
		.has = reader->has,
	};
	if (!get_clock(reader, event) || !get_address(reader, event) ||
	    !get(reader, &id) || id >= reader->types ||
	    !get_site(reader, (uint32_t)id, event) ||
	    !get_rss(reader, flags, rss, event))
		return false;
	type = &reader->type[id];
	return get_live(reader, flags, type, event) &&
	       get_thread(reader, flags, event) &&
	       get_wall(reader, flags, reader->clock - clock, event) &&
	       get_size(reader, flags, type, event);
}

static bool
get_profile(struct pmt_compactread *reader, unsigned int flags,
	    struct pmt_event *event)
{
	unsigned int tag = flags >> PMT_COMPACT_TAG_SHIFT & 3;
	uint64_t what, d_event;

	*event = (struct pmt_event){
		.row = PMT_ROW_FRST + tag,
		.has = reader->has,
	};
	if (!get(reader, &what) || what > PMT_WHAT_OPCODE ||
	    !get_difference(reader, &reader->number) || reader->number < 0 ||
	    !get_clock(reader, event) ||
	    !get_site(reader, UINT32_MAX, event) ||
	    !get_rss(reader, flags, reader->row_rss, event))
		return false;
	event->what = (enum pmt_what)what;
	event->event = (uint64_t)reader->number;
	event->d_event = reader->number - reader->row_number;
	if (flags & PMT_COMPACT_D_EVENT) {
		if (!get(reader, &d_event) || d_event > INT64_MAX)
			return false;
		event->d_event = (int64_t)d_event;
	}
	if (!get_thread(reader, flags, event))
		return false;
	if (tag < 2) {
		reader->row_number = reader->number;
		reader->row_rss = reader->rss;
	}
	return true;
}

static bool
get_note(struct pmt_compactread *reader, unsigned int record,
	 struct pmt_event *event)
{
	int64_t clock = reader->clock;
	uint64_t d_event = 0;
	struct pmt_text text;
	char *copy;

	*event = (struct pmt_event){
		.row = record == PMT_COMPACT_ERR ? PMT_ROW_ERR : PMT_ROW_MSG,
		.has = 1u << PMT_COLUMN_CLOCK,
	};
	if (!get_difference(reader, &clock) ||
	    __builtin_mul_overflow(clock, 1000, &event->clock))
		return false;
	if (reader->kind != 'O') {
		if (!get(reader, &event->event) || !get(reader, &d_event) ||
		    d_event > INT64_MAX)
			return false;
		event->d_event = (int64_t)d_event;
		event->has |= 1u << PMT_COLUMN_EVENT |
			      1u << PMT_COLUMN_D_EVENT;
	}
	if (!get_bytes(reader, &text))
		return false;
	copy = realloc(reader->text, text.length + 1);
	if (copy == NULL)
		return false;
	memcpy(copy, text.bytes, text.length);
	reader->text = copy;
	event->text = (struct pmt_text){ copy, text.length };
	return true;
}

/* Returns 1 with a row, 0 after a definition, -EBADMSG. */
static int
next_record(struct pmt_compactread *reader, struct pmt_event *event)
{
	unsigned int record = *reader->p++;
	bool good;

	if (record >= PMT_COMPACT_EVENT)
		good = reader->kind == 'O' &&
		       get_reference(reader, record, event);
	else if (record >= PMT_COMPACT_PROFILE)
		good = reader->kind != 'O' &&
		       get_profile(reader, record, event);
	else if (record == PMT_COMPACT_TYPE)
		return define_type(reader) ? 0 : -EBADMSG;
	else if (record == PMT_COMPACT_SITE)
		return define_place(reader) ? 0 : -EBADMSG;
	else if (record == PMT_COMPACT_MSG || record == PMT_COMPACT_ERR)
		good = get_note(reader, record, event);
	else if (record == PMT_COMPACT_END)
		return reader->ended = true, 0;
	else
		return -EBADMSG;
	if (!good)
		return -EBADMSG;
	event->line = ++reader->line;
	return 1;
}

int
pmt_compactread_next(struct pmt_compactread *reader, struct pmt_event *event)
{
	int result;

	while (!reader->done) {
		while (reader->p < reader->end) {
			const uint8_t *record = reader->p;

			result = next_record(reader, event);
			if (pmt_likely(result > 0))
				return 1;
			if (result == 0)
				continue;
			reader->p = reader->end;
			return problem(reader, event, "damaged: a bad record "
				       "at byte %" PRIu64 "; the rest of its "
				       "block was skipped",
				       reader->block_offset + (uint64_t)
				       (record - bytes(reader)));
		}
		result = next_block(reader, event);
		if (result != 0)
			return result;
	}
	return 0;
}

bool
pmt_compactread_ended(const struct pmt_compactread *reader)
{
	return reader->ended;
}

char
pmt_compactread_kind(const struct pmt_compactread *reader)
{
	return reader->kind;
}

unsigned int
pmt_compactread_columns(const struct pmt_compactread *reader)
{
	return reader->has;
}

struct pmt_text
pmt_compactread_message(const struct pmt_compactread *reader)
{
	size_t size = reader->message_size;

	if (size > 0 && reader->message[size - 1] == '\n')
		size--;
	return (struct pmt_text){ reader->message, size };
}
