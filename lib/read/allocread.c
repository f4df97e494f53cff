/* SPDX-License-Identifier: MIT */
#include <config.h>

#include "read/allocread.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "read/allocrecords.h"

/* No record is longer; what is has been damaged. */
enum { RECORD_MAX = 16 << 10, HEADER_FLAGS = 10, HEADER_LENGTH = 12 };

struct pmt_allocread {
	struct pmt_input *input;
	unsigned int flags;
	bool damaged;
	char *message;
	size_t message_length;
	struct pmt_allocrecords records;
};

bool
pmt_allocread_is(const struct pmt_input *input)
{
	return input->end - input->begin > HEADER_FLAGS &&
	       memcmp(input->begin, PMT_COMPACT_MAGIC, 8) == 0 &&
	       input->begin[9] == PMT_ALLOCLOG_KIND;
}

/* Have SIZE bytes, or all there are. */
static int
want(struct pmt_input *input, size_t size)
{
	int err = 0;

	while (err == 0 && !input->at_end &&
	       (size_t)(input->end - input->begin) < size)
		err = pmt_input_more(input);
	return err;
}

static int
read_header(struct pmt_allocread *reader)
{
	struct pmt_input *input = reader->input;
	const uint8_t *p;
	size_t length;
	int err = want(input, PMT_COMPACT_HEADER);

	if (err < 0)
		return err;
	if (input->end - input->begin < PMT_COMPACT_HEADER)
		return -EBADMSG;
	p = (const uint8_t *)input->begin;
	if (p[8] != PMT_COMPACT_VERSION)
		return -EPROTONOSUPPORT;
	reader->flags = (unsigned int)pmt_get_le(p + HEADER_FLAGS, 2);
	length = (size_t)pmt_get_le(p + HEADER_LENGTH, 4);
	if (length > RECORD_MAX)
		return -EBADMSG;
	err = want(input, PMT_COMPACT_HEADER + length);
	if (err < 0)
		return err;
	if ((size_t)(input->end - input->begin) < PMT_COMPACT_HEADER + length)
		return -EBADMSG;
	reader->message = malloc(length + 1);
	if (reader->message == NULL)
		return -ENOMEM;
	memcpy(reader->message, input->begin + PMT_COMPACT_HEADER, length);
	reader->message_length = length;
	input->begin += PMT_COMPACT_HEADER + length;
	return 0;
}

int
pmt_allocread_open(struct pmt_input *input, struct pmt_sites *sites,
		   struct pmt_allocread **out)
{
	struct pmt_allocread *reader = calloc(1, sizeof(*reader));
	int err;

	if (reader == NULL)
		return -ENOMEM;
	reader->input = input;
	reader->records.names.sites = sites;
	err = read_header(reader);
	reader->records.names.native = reader->flags & PMT_ALLOCLOG_NATIVE;
	if (err < 0) {
		pmt_allocread_close(reader);
		return err;
	}
	*out = reader;
	return 0;
}

void
pmt_allocread_close(struct pmt_allocread *reader)
{
	if (reader == NULL)
		return;
	pmt_allocnames_fini(&reader->records.names);
	free(reader->message);
	free(reader);
}

int
pmt_allocread_next(struct pmt_allocread *reader,
		   struct pmt_alloc_event *event)
{
	struct pmt_input *input = reader->input;
	int result = 0;

	while (result == 0) {
		struct pmt_cursor cursor;
		int err = want(input, RECORD_MAX);

		if (err < 0)
			return err;
		if (input->begin == input->end || reader->damaged)
			return 0;
		cursor = (struct pmt_cursor){
			(const uint8_t *)input->begin,
			(const uint8_t *)input->end, false,
		};
		result = pmt_allocrecords_read(&reader->records, &cursor,
					       event);
		/* Nothing behind it could be understood. */
		reader->damaged = result < 0;
		input->begin = (const char *)cursor.p;
	}
	return result;
}

struct pmt_text
pmt_allocread_message(const struct pmt_allocread *reader)
{
	return (struct pmt_text){ reader->message, reader->message_length };
}

const struct pmt_allocnames *
pmt_allocread_names(const struct pmt_allocread *reader)
{
	return &reader->records.names;
}

void
pmt_allocread_name_by(struct pmt_allocread *reader,
		      pmt_name_symbol *name_symbol, void *arg)
{
	reader->records.names.name_symbol = name_symbol;
	reader->records.names.name_arg = arg;
}
