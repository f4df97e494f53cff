/* SPDX-License-Identifier: MIT */
/* textcolumn.h - what does the word in this column of a row say? */
#ifndef PMT_TEXTCOLUMN_H
#define PMT_TEXTCOLUMN_H

#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "base/digits.h"
#include "base/text.h"
#include "log/event.h"
#include "log/sites.h"
#include "log/what.h"
#include "read/textstack.h"

/* All words have PMT_INPUT_SPARE readable bytes behind them. */

static inline bool
pmt_parse_signed(struct pmt_text word, int64_t *out)
{
	bool minus = word.length > 0 && word.bytes[0] == '-';
	size_t sign = minus || (word.length > 0 && word.bytes[0] == '+');
	uint64_t value;

	if (!pmt_decimal(word.bytes + sign, word.length - sign, &value) ||
	    value > (uint64_t)INT64_MAX)
		return false;
	*out = minus ? -(int64_t)value : (int64_t)value;
	return true;
}

static inline bool
pmt_parse_address(struct pmt_text word, uint64_t *out)
{
	return word.length > 2 && word.bytes[0] == '0' &&
	       word.bytes[1] == 'x' &&
	       pmt_hex(word.bytes + 2, word.length - 2, out);
}

/* "12.345678" seconds as nanoseconds. */
static inline bool
pmt_parse_seconds(struct pmt_text word, int64_t *out)
{
	static const unsigned scale[] = {
		1000000000, 100000000, 10000000, 1000000, 100000, 10000, 1000,
		100, 10, 1
	};
	const char *point;
	size_t n;
	size_t digits;
	uint64_t seconds, fraction = 0;

	/* All writers so far have six digits; then the point is found. */
	if (word.length > 7 && word.bytes[word.length - 7] == '.')
		point = word.bytes + word.length - 7;
	else
		point = memchr(word.bytes, '.', word.length);
	n = point == NULL ? word.length : (size_t)(point - word.bytes);
	digits = point == NULL ? 0 : word.length - n - 1;
	if (digits > 9 || (point != NULL &&
			   !pmt_decimal(point + 1, digits, &fraction)))
		return false;
	if (!pmt_decimal(word.bytes, n, &seconds) ||
	    seconds > INT64_MAX / 1000000000 - 1)
		return false;
	*out = (int64_t)(seconds * 1000000000 + fraction * scale[digits]);
	return true;
}

/* The words of a row that name its site. */
struct pmt_row_names {
	struct pmt_text type, file, line, function;
	struct pmt_own_text own;
	struct pmt_text stack;
};

/* Inlined, so that each kind of column is a few instructions. */
static inline __attribute__((always_inline)) bool
pmt_parse_column(enum pmt_log_column column, struct pmt_text word,
		 struct pmt_event *event, struct pmt_row_names *names)
{
	int64_t number;

	switch (column) {
	case PMT_COLUMN_EVENT:
		return pmt_decimal(word.bytes, word.length, &event->event);
	case PMT_COLUMN_D_EVENT:
		return pmt_parse_signed(word, &event->d_event);
	case PMT_COLUMN_CLOCK:
		return pmt_parse_seconds(word, &event->clock);
	case PMT_COLUMN_WHAT:
		return pmt_what_of(word, &event->what);
	case PMT_COLUMN_ADDRESS:
		return pmt_parse_address(word, &event->address);
	case PMT_COLUMN_LIVE:
		return pmt_parse_signed(word, &event->live);
	case PMT_COLUMN_RSS:
		if (!pmt_parse_signed(word, &number) || number < 0)
			return false;
		event->rss = number;
		return true;
	case PMT_COLUMN_D_RSS:
		return pmt_parse_signed(word, &event->d_rss);
	case PMT_COLUMN_THREAD:
		return pmt_parse_signed(word, &event->thread);
	case PMT_COLUMN_WALL:
		return pmt_parse_seconds(word, &event->wall);
	case PMT_COLUMN_SIZE:
		return pmt_parse_signed(word, &event->size);
	case PMT_COLUMN_TYPE:
		names->type = word;
		return true;
	case PMT_COLUMN_FILE:
		names->file = word;
		return true;
	case PMT_COLUMN_LINE:
		names->line = word;
		return true;
	case PMT_COLUMN_FUNCTION:
		names->function = word;
		return true;
	case PMT_COLUMN_OWN:
		return pmt_ownplace_parse(word, &names->own);
	case PMT_COLUMN_STACK:
		names->stack = word;
		return true;
	case PMT_COLUMN_UNKNOWN:
		return true;
	}
	return false;
}

/* Returns 0, -EBADMSG where the line is no number, -ENOMEM. */
static inline int
pmt_find_site(struct pmt_sites *sites, const struct pmt_row_names *names,
	      struct pmt_event *event)
{
	struct pmt_site_text text = {
		.type = names->type, .file = names->file,
		.function = names->function, .own = names->own,
	};
	uint64_t line;

	if (!pmt_decimal(names->line.bytes, names->line.length, &line) ||
	    line > INT32_MAX)
		return -EBADMSG;
	text.line = (uint32_t)line;
	if (names->stack.length > 0) {
		int err = pmt_textstack_read(sites, names->stack, &text.path);

		if (err != 0)
			return err;
	}
	return pmt_sites_find(sites, &text, &event->site);
}

#endif
