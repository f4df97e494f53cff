/* SPDX-License-Identifier: MIT */
#include <config.h>

#include "books/held.h"

#include <stdlib.h>
#include <string.h>

#include "base/array.h"

/* A log can hold any number of rows. */
enum { MOST_WAYS = 1000, MOST_CHAINS = 20000 };

/* Does TEXT begin with WORD?  Then step over it. */
static bool
skip(struct pmt_text *text, const char *word)
{
	size_t length = strlen(word);

	if (text->length < length || memcmp(text->bytes, word, length) != 0)
		return false;
	text->bytes += length;
	text->length -= length;
	return true;
}

static bool
skip_number(struct pmt_text *text, unsigned int base, uint64_t *number)
{
	size_t digits = 0;

	for (*number = 0; digits < text->length && digits < 16; digits++) {
		char c = text->bytes[digits];
		unsigned int digit = c >= '0' && c <= '9' ? (unsigned)(c - '0')
			: c >= 'a' && c <= 'f' ? (unsigned)(c - 'a' + 10) : 16;

		if (digit >= base)
			break;
		*number = *number * base + digit;
	}
	text->bytes += digits;
	text->length -= digits;
	return digits > 0;
}

static void
add_way(struct pmt_held *held, struct pmt_text type, struct pmt_text rest)
{
	struct pmt_held_way way = { .count = 0 };

	if (!skip_number(&rest, 10, &way.count) || !skip(&rest, " by ") ||
	    held->way_count == MOST_WAYS ||
	    pmt_array_reserve((void **)&held->ways, sizeof(way),
			      held->way_count, &held->way_room) < 0)
		return;
	way.type = strndup(type.bytes, type.length);
	way.by = strndup(rest.bytes, rest.length);
	if (way.type != NULL && way.by != NULL) {
		held->ways[held->way_count++] = way;
		return;
	}
	free(way.type);
	free(way.by);
}

static void
note_way(struct pmt_held *held, struct pmt_text text)
{
	const char *colon = memmem(text.bytes, text.length, ": ", 2);
	struct pmt_text type = text;

	if (colon == NULL)
		return;
	type.length = (size_t)(colon - text.bytes);
	text.bytes = colon + 2;
	text.length -= type.length + 2;
	add_way(held, type, text);
}

/* "7f12ab!<7f12cd": an instance, held by what is none. */
static bool
take_chain(struct pmt_text *text, struct pmt_held_chain *chain,
	   const struct pmt_held *held, pmt_held_site *site, const void *books)
{
	uint64_t address;

	do {
		if (chain->length == PMT_HELD_CHAIN ||
		    !skip_number(text, 16, &address))
			return false;
		chain->site[chain->length] = site(books, address,
						  held->youngest);
		if (skip(text, "!"))
			chain->instances |= 1u << chain->length;
		chain->length++;
	} while (skip(text, "<"));
	return true;
}

static void
note_chains(struct pmt_held *held, struct pmt_text text, pmt_held_site *site,
	    const void *books)
{
	while (held->way_count > 0 && skip(&text, " ")) {
		struct pmt_held_chain chain = {
			.way = (uint32_t)held->way_count - 1,
		};

		if (!take_chain(&text, &chain, held, site, books) ||
		    held->chain_count == MOST_CHAINS ||
		    pmt_array_reserve((void **)&held->chains, sizeof(chain),
				      held->chain_count,
				      &held->chain_room) < 0)
			return;
		held->chains[held->chain_count++] = chain;
		held->ways[chain.way].chains++;
	}
}

static void
forget(struct pmt_held *held)
{
	for (size_t i = 0; i < held->way_count; i++) {
		free(held->ways[i].type);
		free(held->ways[i].by);
	}
	held->way_count = held->chain_count = 0;
}

bool
pmt_held_looks(struct pmt_text text)
{
	return skip(&text, "Looking who holds what is alive");
}

bool
pmt_held_begins(struct pmt_text text)
{
	return skip(&text, "Who holds what is alive:");
}

bool
pmt_held_note(struct pmt_held *held, struct pmt_text text,
	      pmt_held_site *site, const void *books)
{
	if (skip(&text, "held: "))
		note_way(held, text);
	else if (skip(&text, "held so:"))
		note_chains(held, text, site, books);
	else if (pmt_held_begins(text))
		forget(held);
	else
		return false;
	return true;
}

bool
pmt_held_growth(const char *by, struct pmt_held_growth *growth)
{
	static const char its[] = "; its ", grew[] = " grew from ";
	const char *start = NULL, *end;
	struct pmt_text rest;

	for (const char *at = strstr(by, its); at != NULL;
	     at = strstr(at + 1, its))
		start = at + strlen(its);
	end = start != NULL ? strstr(start, grew) : NULL;
	if (end == NULL)
		return false;
	growth->path = (size_t)(start - by) - strlen(its);
	growth->what = (struct pmt_text){ start, (size_t)(end - start) };
	rest = (struct pmt_text){ end, strlen(end) };
	return skip(&rest, grew) && skip_number(&rest, 10, &growth->from) &&
	       skip(&rest, " to ") && skip_number(&rest, 10, &growth->to) &&
	       rest.length == 0;
}

size_t
pmt_held_memory(const struct pmt_held *held)
{
	return held->way_room * sizeof(*held->ways) +
	       held->chain_room * sizeof(*held->chains);
}

void
pmt_held_fini(struct pmt_held *held)
{
	forget(held);
	free(held->ways);
	free(held->chains);
}
