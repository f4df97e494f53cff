/* SPDX-License-Identifier: MIT */
/* words.h - which value has a name in a message of words "NAME=VALUE"? */
#ifndef PMT_BOOKS_WORDS_H
#define PMT_BOOKS_WORDS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/text.h"

/* The value of NAME in TEXT; empty: none. */
struct pmt_text pmt_words_value(struct pmt_text text, const char *name);

/*
 * COUNT numbers, each called as NAMES has it; what is no number, or too large a
 * one, is 0.  TEXT ends in a NUL.
 */
void pmt_words_numbers(struct pmt_text text, const char *const *names,
		       int64_t *numbers, size_t count);

/* What no number of things can be is 0. */
static inline uint64_t
pmt_words_count(int64_t number)
{
	return number < 0 ? 0 : (uint64_t)number;
}

/* Does TEXT begin so? */
bool pmt_words_begin(struct pmt_text text, const char *word);

/*
 * "held=COUNT by PATH", which ends TEXT and a NUL follows: a copy of PATH, for
 * the caller to free, or NULL.
 */
char *pmt_words_holder(struct pmt_text text, uint64_t *count);

#endif
