/* SPDX-License-Identifier: MIT */
/*
 * show_pprof.c - call paths as pprof and its kin read them: gzip'd protocol
 * buffers, as profile.proto of https://github.com/google/pprof numbers them.
 */
#include <config.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#include "analyse/names.h"
#include "analyse/output.h"
#include "analyse/show_stacks.h"
#include "cli/cli.h"

/* The numbers of fields. */
enum {
	PROFILE_SAMPLE_TYPE = 1,
	PROFILE_SAMPLE = 2,
	PROFILE_LOCATION = 4,
	PROFILE_FUNCTION = 5,
	PROFILE_STRING = 6,
	PROFILE_DURATION = 10,
	PROFILE_COMMENT = 13,
	PROFILE_DEFAULT_TYPE = 14,
	TYPE_NAME = 1,
	TYPE_UNIT = 2,
	SAMPLE_LOCATIONS = 1,
	SAMPLE_VALUES = 2,
	LOCATION_ID = 1,
	LOCATION_LINE = 4,
	LINE_FUNCTION = 1,
	LINE_NUMBER = 2,
	FUNCTION_ID = 1,
	FUNCTION_NAME = 2,
	FUNCTION_SYSTEM_NAME = 3,
	FUNCTION_FILE = 4,
};

/* Of a field's number, the low bits tell how its value is written. */
enum { VARINT = 0, BYTES = 2 };

/* The longest is a sample's: a varint a frame. */
struct message {
	size_t length;
	uint8_t bytes[STACK_DEPTH * 5 + STACK_MEASURES * 10 + 32];
};

static void
put_varint(struct message *message, uint64_t value)
{
	for (; value >= 0x80; value >>= 7)
		message->bytes[message->length++] = (uint8_t)(value | 0x80);
	message->bytes[message->length++] = (uint8_t)value;
}

static void
put_number(struct message *message, unsigned int field, uint64_t value)
{
	put_varint(message, field << 3 | VARINT);
	put_varint(message, value);
}

static void
put_message(struct message *message, unsigned int field,
	    const struct message *inner)
{
	put_varint(message, field << 3 | BYTES);
	put_varint(message, inner->length);
	memcpy(message->bytes + message->length, inner->bytes, inner->length);
	message->length += inner->length;
}

/* A field of the profile itself; errors of FILE stay until it is closed. */
static void
write_bytes(gzFile file, unsigned int field, const void *bytes, size_t length)
{
	struct message head = { 0 };

	put_varint(&head, field << 3 | BYTES);
	put_varint(&head, length);
	gzwrite(file, head.bytes, (unsigned int)head.length);
	if (length > 0)
		gzwrite(file, bytes, (unsigned int)length);
}

static void
write_message(gzFile file, unsigned int field, const struct message *message)
{
	write_bytes(file, field, message->bytes, message->length);
}

static void
write_number(gzFile file, unsigned int field, uint64_t value)
{
	struct message message = { 0 };

	put_number(&message, field, value);
	gzwrite(file, message.bytes, (unsigned int)message.length);
}

/*
 * The table of strings: the empty one, the log's name, two of each measure,
 * two of each frame.
 */
enum { EMPTY, LOG_NAME, FIRST_MEASURE };

static uint64_t
measure_string(unsigned int measure)
{
	return FIRST_MEASURE + 2 * measure;
}

static uint64_t
frame_string(const struct stacks *stacks, uint32_t frame)
{
	return FIRST_MEASURE + 2 * (stacks->measure_count + (uint64_t)frame);
}

/* Readers insist on UTF-8, which names need not be. */
static void
write_string(gzFile file, struct pmt_text text)
{
	size_t length;
	char *utf8 = name_utf8(text, &length);

	write_bytes(file, PROFILE_STRING, utf8, length);
	free(utf8);
}

static void
write_strings(gzFile file, const struct stacks *stacks, const char *path)
{
	write_string(file, (struct pmt_text){ "", 0 });
	write_string(file, (struct pmt_text){ path, strlen(path) });
	for (unsigned int i = 0; i < stacks->measure_count; i++) {
		const struct stack_measure *measure = &stacks->measures[i];

		write_string(file, (struct pmt_text){
			measure->name, strlen(measure->name) });
		write_string(file, (struct pmt_text){
			measure->unit, strlen(measure->unit) });
	}
	for (uint32_t i = 0; i < stacks->frame_count; i++) {
		write_string(file, stacks->frames[i].function);
		write_string(file, stacks->frames[i].file);
	}
}

static void
write_types(gzFile file, const struct stacks *stacks)
{
	for (unsigned int i = 0; i < stacks->measure_count; i++) {
		struct message message = { 0 };

		put_number(&message, TYPE_NAME, measure_string(i));
		put_number(&message, TYPE_UNIT, measure_string(i) + 1);
		write_message(file, PROFILE_SAMPLE_TYPE, &message);
	}
	write_number(file, PROFILE_DEFAULT_TYPE,
		     measure_string(stacks->chosen));
}

/* A frame is a location and a function, whose numbers begin with 1. */
static void
write_frame(gzFile file, const struct stacks *stacks, uint32_t frame)
{
	struct message line = { 0 }, location = { 0 }, function = { 0 };

	put_number(&line, LINE_FUNCTION, frame + 1);
	put_number(&line, LINE_NUMBER, stacks->frames[frame].line);
	put_number(&location, LOCATION_ID, frame + 1);
	put_message(&location, LOCATION_LINE, &line);
	write_message(file, PROFILE_LOCATION, &location);
	put_number(&function, FUNCTION_ID, frame + 1);
	put_number(&function, FUNCTION_NAME, frame_string(stacks, frame));
	put_number(&function, FUNCTION_SYSTEM_NAME,
		   frame_string(stacks, frame));
	put_number(&function, FUNCTION_FILE, frame_string(stacks, frame) + 1);
	write_message(file, PROFILE_FUNCTION, &function);
}

static void
write_sample(gzFile file, const struct stacks *stacks, uint32_t node)
{
	struct message sample = { 0 };
	uint32_t path[STACK_DEPTH], depth;
	bool cut;

	depth = stacks_path(stacks, node, path, &cut);
	for (uint32_t i = 0; i < depth; i++)
		put_number(&sample, SAMPLE_LOCATIONS, path[i] + 1);
	for (unsigned int i = 0; i < stacks->measure_count; i++)
		put_number(&sample, SAMPLE_VALUES,
			   stacks->nodes[node].values[i]);
	write_message(file, PROFILE_SAMPLE, &sample);
}

static bool
has_values(const struct stacks *stacks, uint32_t node)
{
	for (unsigned int i = 0; i < stacks->measure_count; i++)
		if (stacks->nodes[node].values[i] != 0)
			return true;
	return false;
}

static void
write_profile(gzFile file, const struct stacks *stacks,
	      const struct reading *reading)
{
	write_types(file, stacks);
	for (uint32_t i = 0; i < stacks->node_count; i++)
		if (has_values(stacks, i))
			write_sample(file, stacks, i);
	for (uint32_t i = 0; i < stacks->frame_count; i++)
		write_frame(file, stacks, i);
	write_strings(file, stacks, reading->path);
	write_number(file, PROFILE_DURATION,
		     (uint64_t)(reading->last_clock - reading->first_clock));
	write_number(file, PROFILE_COMMENT, LOG_NAME);
}

bool
show_pprof(const struct stacks *stacks, const struct reading *reading)
{
	const char *path = reading->options->out;
	int fd = output_create(path), status;
	gzFile file;

	if (fd == -1)
		return false;
	file = cli_need(gzdopen(fd, "wb"));
	write_profile(file, stacks, reading);
	status = gzclose(file);
	if (status == Z_OK)
		return true;
	cli_warn(status == Z_ERRNO ? errno : EIO, "cannot write '%s'", path);
	return false;
}
