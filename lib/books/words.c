/* SPDX-License-Identifier: MIT */
#include <config.h>

#include "books/words.h"

#include <stdlib.h>
#include <string.h>

struct pmt_text
pmt_words_value(struct pmt_text text, const char *name)
{
	const char *end = text.bytes + text.length, *word = text.bytes;
	size_t length = strlen(name);

	while (word != NULL && word < end) {
		const char *blank = memchr(word, ' ', (size_t)(end - word));
		size_t size = (size_t)((blank == NULL ? end : blank) - word);

		if (size > length && word[length] == '=' &&
		    memcmp(word, name, length) == 0)
			return (struct pmt_text){ word + length + 1,
						  size - length - 1 };
		word = blank == NULL ? NULL : blank + 1;
	}
	return (struct pmt_text){ "", 0 };
}

void
pmt_words_numbers(struct pmt_text text, const char *const *names,
		  int64_t *numbers, size_t count)
{
	for (size_t i = 0; i < count; i++)
		numbers[i] = strtoll(pmt_words_value(text, names[i]).bytes,
				     NULL, 10);
}

bool
pmt_words_begin(struct pmt_text text, const char *word)
{
	size_t length = strlen(word);

	return text.length >= length &&
	       memcmp(text.bytes, word, length) == 0;
}

char *
pmt_words_holder(struct pmt_text text, uint64_t *count)
{
	const char *held = memmem(text.bytes, text.length, " held=", 6);
	int64_t number;
	char *by;

	if (held == NULL)
		return NULL;
	number = strtoll(held + 6, &by, 10);
	*count = pmt_words_count(number);
	return strncmp(by, " by ", 4) == 0 ? strdup(by + 4) : NULL;
}
