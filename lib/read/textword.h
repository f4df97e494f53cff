/* SPDX-License-Identifier: MIT */
/* textword.h - what are the words of a line, from either end? */
#ifndef PMT_TEXTWORD_H
#define PMT_TEXTWORD_H

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

#include "base/text.h"

static inline bool
pmt_is_word(struct pmt_text word, const char *text)
{
	return word.length == strlen(text) &&
	       memcmp(word.bytes, text, word.length) == 0;
}

static inline void
pmt_skip(struct pmt_text *rest, size_t n)
{
	rest->bytes += n;
	rest->length -= n;
}

static inline void
pmt_skip_blanks(struct pmt_text *rest)
{
	while (rest->length > 0 && rest->bytes[0] == ' ')
		pmt_skip(rest, 1);
}

/* The next word of *REST, which then begins behind it; empty at the end. */
static inline struct pmt_text
pmt_take_word(struct pmt_text *rest)
{
	struct pmt_text word;

	pmt_skip_blanks(rest);
	word = (struct pmt_text){ rest->bytes, 0 };
	while (word.length < rest->length && word.bytes[word.length] != ' ')
		word.length++;
	pmt_skip(rest, word.length);
	return word;
}

static inline struct pmt_text
pmt_trim_end(struct pmt_text text)
{
	while (text.length > 0 && (text.bytes[text.length - 1] == ' ' ||
				   text.bytes[text.length - 1] == '\r'))
		text.length--;
	return text;
}

/* The last word of *REST, which then ends before it. */
static inline struct pmt_text
pmt_take_last_word(struct pmt_text *rest)
{
	struct pmt_text word = { 0 };

	*rest = pmt_trim_end(*rest);
	while (rest->length > 0 && rest->bytes[rest->length - 1] != ' ') {
		rest->length--;
		word.length++;
	}
	word.bytes = rest->bytes + rest->length;
	*rest = pmt_trim_end(*rest);
	return word;
}

#endif
