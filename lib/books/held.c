/* SPDX-License-Identifier: MIT */
#include <config.h>

#include "books/held.h"

#include <stdlib.h>
#include <string.h>

#include "base/array.h"

enum { MOST = 1000 };		/* a log can hold any number of rows */

static bool
begins(struct pmt_text text, const char *word)
{
	return text.length >= strlen(word) &&
	       memcmp(text.bytes, word, strlen(word)) == 0;
}

static bool
add(struct pmt_held *held, struct pmt_text type, struct pmt_text by)
{
	struct pmt_held_by entry;

	if (held->count == MOST ||
	    pmt_array_reserve((void **)&held->list, sizeof(*held->list),
			      held->count, &held->room) < 0)
		return false;
	entry.type = strndup(type.bytes, type.length);
	entry.by = strndup(by.bytes, by.length);
	if (entry.type == NULL || entry.by == NULL) {
		free(entry.type);
		free(entry.by);
		return false;
	}
	held->list[held->count++] = entry;
	return true;
}

bool
pmt_held_note(struct pmt_held *held, struct pmt_text text)
{
	static const char word[] = "held: ";
	struct pmt_text type, by;
	const char *colon;

	if (!begins(text, word))
		return false;
	type.bytes = text.bytes + sizeof(word) - 1;
	colon = memmem(type.bytes, text.length - (sizeof(word) - 1), ": ", 2);
	if (colon == NULL)
		return false;
	type.length = (size_t)(colon - type.bytes);
	by.bytes = colon + 2;
	by.length = (size_t)(text.bytes + text.length - by.bytes);
	return add(held, type, by);
}

const char *
pmt_held_find(const struct pmt_held *held, struct pmt_text type, size_t nth)
{
	for (size_t i = 0; i < held->count; i++) {
		const struct pmt_held_by *entry = &held->list[i];

		if (strlen(entry->type) == type.length &&
		    memcmp(entry->type, type.bytes, type.length) == 0 &&
		    nth-- == 0)
			return entry->by;
	}
	return NULL;
}

void
pmt_held_fini(struct pmt_held *held)
{
	for (size_t i = 0; i < held->count; i++) {
		free(held->list[i].type);
		free(held->list[i].by);
	}
	free(held->list);
}
