/* SPDX-License-Identifier: MIT */
#include <config.h>

#include "books/grown.h"

#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/common.h"
#include "base/escape.h"
#include "books/words.h"

enum { LIVE, BEFORE, BYTES, BYTES_BEFORE, NUMBERS };

static const char *const names[NUMBERS] = {
	"live", "before", "bytes", "bytes_before",
};

static const char heading[] = "Grown at the end:", one[] = "Grown:";
static const char addresses[] = "Blocks of these:";

static void
free_kind(struct pmt_grown_kind *kind)
{
	free(kind->type);
	free(kind->by);
	free(kind->block);
}

/* Where memory is short, or the row makes no sense, there is no kind. */
static void
add_kind(struct pmt_grown *grown, struct pmt_text text, const int64_t *numbers)
{
	struct pmt_text type = pmt_words_value(text, "type");
	struct pmt_grown_kind kind = {
		.type = type.length == 0 ? NULL
					 : strndup(type.bytes, type.length),
		.live = (uint64_t)numbers[LIVE],
		.before = (uint64_t)numbers[BEFORE],
		.bytes = numbers[BYTES],
		.bytes_before = numbers[BYTES_BEFORE],
	};

	kind.by = pmt_words_holder(text, &kind.held);
	if (!grown->known || grown->count == PMT_GROWN_KINDS ||
	    kind.type == NULL || kind.by == NULL) {
		free_kind(&kind);
		grown->passed = true;
		return;
	}
	grown->passed = false;
	kind.type[pmt_unescape(kind.type, type.length, kind.type)] = '\0';
	grown->kind[grown->count++] = kind;
}

/* " 7f12ab 7f12cd", up to what is no number; where memory is short, fewer. */
static void
add_blocks(struct pmt_grown *grown, const char *text)
{
	struct pmt_grown_kind *kind;
	uint64_t address;
	char *end;

	if (grown->count == 0 || grown->passed)
		return;
	kind = &grown->kind[grown->count - 1];
	for (; *text == ' ' && kind->blocks < PMT_GROWN_BLOCKS; text = end) {
		address = strtoull(text + 1, &end, 16);
		if (end == text + 1 ||
		    pmt_array_reserve((void **)&kind->block, sizeof(address),
				      kind->blocks, &kind->block_room) < 0)
			return;
		kind->block[kind->blocks++] = address;
	}
}

static void
begin(struct pmt_grown *grown, const int64_t *numbers)
{
	pmt_grown_fini(grown);
	grown->known = true;
	grown->live = (uint64_t)numbers[LIVE];
	grown->before = (uint64_t)numbers[BEFORE];
	grown->bytes = numbers[BYTES];
}

bool
pmt_grown_note(struct pmt_grown *grown, struct pmt_text text)
{
	bool begins = pmt_words_begin(text, heading);
	int64_t numbers[NUMBERS];
	char *copy;

	if (!begins && !pmt_words_begin(text, one) &&
	    !pmt_words_begin(text, addresses))
		return false;
	copy = strndup(text.bytes, text.length);
	if (copy == NULL)
		return true;
	if (pmt_words_begin(text, addresses)) {
		add_blocks(grown, copy + strlen(addresses));
		free(copy);
		return true;
	}
	text = (struct pmt_text){ copy, strlen(copy) };
	pmt_words_numbers(text, names, numbers, NUMBERS);
	for (size_t i = 0; i < NUMBERS; i++)
		numbers[i] = (int64_t)pmt_words_count(numbers[i]);
	if (begins)
		begin(grown, numbers);
	else
		add_kind(grown, text, numbers);
	free(copy);
	return true;
}

void
pmt_grown_fini(struct pmt_grown *grown)
{
	for (size_t i = 0; i < grown->count; i++)
		free_kind(&grown->kind[i]);
	memset(grown, 0, sizeof(*grown));
}
