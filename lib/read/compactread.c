/* SPDX-License-Identifier: MIT */
#include <config.h>

#include "read/compactread.h"

#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define XXH_INLINE_ALL
#include <xxhash.h>

#include "log/compact.h"
#include "log/row.h"
#include "read/compactrow.h"
#include "read/compactrows.h"

_Static_assert(PMT_COMPACT_SPARE <= PMT_INPUT_SPARE, "blocks are in input");

struct pmt_compactread {
	struct pmt_input *input;
	struct pmt_compactrows rows;
	unsigned int columns;	/* enum pmt_reference_columns */
	char *message;
	size_t message_size;
	uint64_t offset;	/* in the file, of input->begin */
	bool done;		/* the file is at its end */
	char problem[256];
	uint64_t block_offset;
	size_t block_size;	/* header included */
	uint64_t hashed;	/* bytes, in vain: of what was no block */
};

/*
 * Of a damaged log at most so many bytes are hashed for each that is skipped,
 * beyond the first ones: false marks cost no more than what they fill.
 */
enum { HASHED_PER_BYTE = 8, HASHED_FIRST = 16 * PMT_COMPACT_BLOCK_MAX };

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
	if (waiting(reader) < PMT_COMPACT_HEADER)
		return -EBADMSG;
	if (header[8] < PMT_COMPACT_VERSION ||
	    header[8] > PMT_COMPACT_VERSION_STACK)
		return -EPROTONOSUPPORT;
	if (memchr("OPT", header[9], 3) == NULL)
		return -EBADMSG;
	/* A second header is of the newer half, or of a log put behind. */
	if (reader->rows.kind != 0 && reader->rows.kind != (char)header[9])
		return -EBADMSG;
	reader->rows.kind = (char)header[9];
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

	if (reader->rows.kind == 'O')
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
	if (reader->columns & PMT_WITH_OWN)
		has |= 1u << PMT_COLUMN_OWN;
	/* One does not go without the other. */
	if (reader->columns & PMT_WITH_STACK)
		has |= 1u << PMT_COLUMN_OWN | 1u << PMT_COLUMN_STACK;
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
	reader->rows.names.sites = sites;
	err = read_header(reader);
	if (err != 0) {
		pmt_compactread_close(reader);
		return err;
	}
	reader->rows.has = row_columns(reader);
	/* The lines of the message, SOF and the header come before. */
	reader->rows.last.line = 2;
	for (size_t i = 0; i < reader->message_size; i++)
		reader->rows.last.line += reader->message[i] == '\n';
	if (reader->message_size > 0 &&
	    reader->message[reader->message_size - 1] != '\n')
		reader->rows.last.line++;
	*out = reader;
	return 0;
}

void
pmt_compactread_close(struct pmt_compactread *reader)
{
	if (reader == NULL)
		return;
	pmt_compactrows_fini(&reader->rows);
	free(reader->message);
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
				     .line = reader->rows.last.line };
	event->text = (struct pmt_text){ reader->problem,
					 strlen(reader->problem) };
	return 1;
}

/* Is there a whole block at the beginning of the input? */
static bool
is_sound(struct pmt_compactread *reader)
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
	if (reader->hashed > HASHED_FIRST + HASHED_PER_BYTE * reader->offset)
		return false;
	if (XXH3_64bits(block + PMT_COMPACT_HASHED,
			size - PMT_COMPACT_HASHED) == pmt_get_le(block + 8, 8))
		return true;
	reader->hashed += size;
	return false;
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
	pmt_compactrows_begin(&reader->rows,
			      bytes(reader) + PMT_COMPACT_BLOCK_HEADER,
			      bytes(reader) + size);
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
			/* The last three may begin it; one goes above. */
			take(reader, reader->input->at_end
					     ? waiting(reader)
					     : waiting(reader) - 4);
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
read_second_header(struct pmt_compactread *reader, struct pmt_event *event)
{
	int err = read_header(reader);

	reader->rows.has = row_columns(reader);
	if (err != -EBADMSG && err != -EPROTONOSUPPORT)
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

	take(reader, reader->block_size);
	reader->block_size = 0;
	reader->rows.p = reader->rows.end = NULL;
	err = have(reader, PMT_COMPACT_HEADER);
	if (err == 0 && pmt_compactread_is(reader->input))
		err = read_second_header(reader, event);
	if (err != 0)
		return err;
	err = have_block(reader);
	if (err != 0)
		return err;
	if (waiting(reader) == 0) {
		reader->done = true;
		return 0;
	}
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

int
pmt_compactread_next(struct pmt_compactread *reader, struct pmt_event *event)
{
	int result;

	while (!reader->done) {
		while (reader->rows.p < reader->rows.end) {
			const uint8_t *record = reader->rows.p;

			result = pmt_compactrows_next(&reader->rows, event);
			if (result > 0)
				return 1;
			if (result == 0)
				continue;
			reader->rows.p = reader->rows.end;
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

size_t
pmt_compactread_quickly(struct pmt_compactread *reader,
			struct pmt_event *events, size_t room)
{
	return pmt_compactrows_read(&reader->rows, events, room);
}

bool
pmt_compactread_ended(const struct pmt_compactread *reader)
{
	return reader->rows.ended;
}

char
pmt_compactread_kind(const struct pmt_compactread *reader)
{
	return reader->rows.kind;
}

unsigned int
pmt_compactread_columns(const struct pmt_compactread *reader)
{
	return reader->rows.has;
}

struct pmt_text
pmt_compactread_message(const struct pmt_compactread *reader)
{
	size_t size = reader->message_size;

	if (size > 0 && reader->message[size - 1] == '\n')
		size--;
	return (struct pmt_text){ reader->message, size };
}
