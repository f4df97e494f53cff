/* SPDX-License-Identifier: MIT */
#include <config.h>

#include "read/textrow.h"

#include <errno.h>

#include "read/textcolumn.h"
#include "read/textword.h"

static bool
is_number(struct pmt_text word)
{
	uint64_t number;

	return pmt_decimal(word.bytes, word.length, &number);
}

/*
 * A name that was padded to WIDTH.  One that is longer has a single blank
 * behind it, and we must hope that it holds none itself.
 */
static struct pmt_text
take_padded(struct pmt_text *rest, size_t width)
{
	struct pmt_text name = { rest->bytes, width };

	if (rest->length <= width || rest->bytes[width] != ' ')
		return pmt_take_word(rest);
	pmt_skip(rest, width);
	return pmt_trim_end(name);
}

static bool
split_by_width(const struct pmt_header *header, struct pmt_text rest,
	       struct pmt_row_names *names)
{
	pmt_skip_blanks(&rest);
	if (header->type_width > 0) {
		names->type = take_padded(&rest, header->type_width);
		pmt_skip_blanks(&rest);
	}
	names->file = take_padded(&rest, header->file_width);
	names->line = pmt_take_word(&rest);
	pmt_skip_blanks(&rest);
	names->function = pmt_trim_end(rest);
	return is_number(names->line);
}

/*
 * The line number is the last number that has a word behind it: functions
 * seldom hold blanks, and file names do.
 */
static bool
split_at_number(const struct pmt_header *header, struct pmt_text rest,
		struct pmt_row_names *names)
{
	struct pmt_text whole = pmt_trim_end(rest);
	struct pmt_text word = pmt_take_last_word(&rest);

	do {
		names->function = (struct pmt_text){
			word.bytes,
			(size_t)(whole.bytes + whole.length - word.bytes)
		};
		word = pmt_take_last_word(&rest);
		if (word.length == 0)
			return false;
	} while (!is_number(word));
	names->line = word;
	if (header->type_width > 0)
		names->type = pmt_take_word(&rest);
	pmt_skip_blanks(&rest);
	names->file = rest;
	return true;
}

int
pmt_row_parse(const struct pmt_header *header, struct pmt_sites *sites,
	      struct pmt_text line, struct pmt_event *event)
{
	struct pmt_row_names names = { .type = { "", 0 } };
	struct pmt_text rest = pmt_trim_end(line);
	int err;

	pmt_take_word(&rest);
	for (int i = 0; i < header->count; i++) {
		if (i == header->names)
			break;
		/* Old PREV rows behind a message end after the clock. */
		if (pmt_trim_end(rest).length == 0 &&
		    event->row == PMT_ROW_PREV && i > 0 &&
		    header->column[i - 1] == PMT_COLUMN_CLOCK) {
			event->has = 1u << PMT_COLUMN_EVENT |
				     1u << PMT_COLUMN_D_EVENT |
				     1u << PMT_COLUMN_CLOCK;
			return 0;
		}
		if (!pmt_parse_column(header->column[i],
				      pmt_take_word(&rest), event, &names))
			return -EBADMSG;
	}
	if (header->names >= 0) {
		for (int i = header->count - 1; i >= header->names_end; i--)
			if (!pmt_parse_column(header->column[i],
					      pmt_take_last_word(&rest),
					      event, &names))
				return -EBADMSG;
		if (!split_by_width(header, rest, &names) &&
		    !split_at_number(header, rest, &names))
			return -EBADMSG;
	} else if (pmt_trim_end(rest).length > 0) {
		return -EBADMSG;
	}
	err = pmt_find_site(sites, &names, event);
	if (err == 0)
		event->has = header->has;
	return err;
}

int
pmt_row_parse_message(const struct pmt_header *header, struct pmt_text line,
		      struct pmt_event *event)
{
	struct pmt_text rest = line;

	pmt_take_word(&rest);
	if (header->kind == PMT_LOG_PROFILE) {
		struct pmt_text number = pmt_take_word(&rest);

		if (!pmt_decimal(number.bytes, number.length,
				    &event->event) ||
		    !pmt_parse_signed(pmt_take_word(&rest), &event->d_event))
			return -EBADMSG;
		event->has = 1u << PMT_COLUMN_EVENT | 1u << PMT_COLUMN_D_EVENT;
	}
	if (!pmt_parse_seconds(pmt_take_word(&rest), &event->clock))
		return -EBADMSG;
	event->has |= 1u << PMT_COLUMN_CLOCK;
	pmt_skip_blanks(&rest);
	if (rest.length > 0 && rest.bytes[0] == '#') {
		pmt_skip(&rest, 1);
		if (rest.length > 0 && rest.bytes[0] == ' ')
			pmt_skip(&rest, 1);
	}
	event->text = rest;
	return 0;
}
