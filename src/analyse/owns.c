/* SPDX-License-Identifier: MIT */
#include <config.h>

#include "analyse/owns.h"

#include <stdlib.h>

#include "cli/cli.h"

#define ORDER(a, b) (((a) > (b)) - ((a) < (b)))

/* That of one line together, and of it what moved most first. */
static int
compare(const void *left, const void *right)
{
	const struct entry *a = left, *b = right;
	int order = ORDER(a->own, b->own);

	if (order == 0)
		order = ORDER(a->file, b->file);
	if (order == 0)
		order = ORDER(a->line, b->line);
	if (order == 0)
		order = ORDER(a->function, b->function);
	if (order == 0)
		order = ORDER(llabs(net_change(&b->change)),
			      llabs(net_change(&a->change)));
	return order != 0 ? order : ORDER(a->place, b->place);
}

static struct entry
entry_of(const struct options *options, const struct pmt_growth_own *own)
{
	struct entry entry = {
		.file = own->own_file, .line = own->own_line,
		.function = own->own_function, .place = own,
		.own = own->own_file != PMT_NO_NAME, .change = own->change,
	};

	if (own->imports == 0 || !options->choice.fold_imports)
		return entry;
	entry.file = entry.line = entry.function = PMT_NO_NAME;
	entry.own = true;
	return entry;
}

static bool
same_line(const struct entry *a, const struct entry *b)
{
	return a->own == b->own && a->file == b->file && a->line == b->line &&
	       a->function == b->function;
}

size_t
owns_list(const struct options *options, const struct pmt_growth *growth,
	  struct entry **out)
{
	uint32_t count;
	const struct pmt_growth_own *owns = pmt_growth_owns(growth, &count);
	struct entry *entries = cli_need(calloc(count + 1, sizeof(*entries)));
	size_t joined = 0;

	for (uint32_t i = 0; i < count; i++)
		entries[i] = entry_of(options, &owns[i]);
	qsort(entries, count, sizeof(*entries), compare);
	for (uint32_t i = 0; i < count; i++) {
		if (joined > 0 && same_line(&entries[joined - 1], &entries[i]))
			add_change(&entries[joined - 1].change,
				   &entries[i].change);
		else
			entries[joined++] = entries[i];
	}
	*out = entries;
	return joined;
}
