/* SPDX-License-Identifier: MIT */
#include <config.h>

#include "books/told.h"

#include <stdlib.h>
#include <string.h>

#include "books/toldwords.h"
#include "books/words.h"

/* More than that nobody writes; a log may hold anything. */
#define GROUPS_MAX (4 * PMT_TOLD_GROUPS)

static void
begin(struct pmt_told *told, struct pmt_text text)
{
	int64_t numbers[NUMBERS];

	pmt_told_fini(told);
	pmt_words_numbers(text, number_names, numbers, NUMBERS);
	*told = (struct pmt_told){
		.known = true,
		.sizes = numbers[SIZES] != 0,
		.narrow = numbers[NARROW] != 0,
		.clock = numbers[CLOCK],
		.books = pmt_words_count(numbers[BOOKS]),
		.groups = {
			.growing = pmt_words_count(numbers[GROWING]),
			.live = pmt_words_count(numbers[LIVE]),
			.bytes = numbers[BYTES],
		},
	};
}

static bool
read_place(struct pmt_text text, struct pmt_sites *sites,
	   struct pmt_site *key)
{
	struct pmt_site_text site = {
		.type = pmt_words_value(text, "type"),
		.file = pmt_words_value(text, "file"),
		.function = pmt_words_value(text, "function"),
		.line = (uint32_t)strtoul(pmt_words_value(text, "line").bytes,
					  NULL, 10),
	};
	uint32_t number;

	if (site.type.length == 0 || site.file.length == 0 ||
	    site.function.length == 0 ||
	    !pmt_ownplace_parse(pmt_words_value(text, "own"), &site.own) ||
	    pmt_sites_find(sites, &site, &number) != 0)
		return false;
	*key = *pmt_sites_get(sites, number);
	return true;
}

static void
read_history(struct pmt_text text, int64_t *moments)
{
	const char *at = pmt_words_value(text, "history").bytes;
	char *end;

	for (int i = 0; i < PMT_TREND_MOMENTS; i++) {
		moments[i] = strtoll(at, &end, 10);
		at = *end == ',' ? end + 1 : end;
	}
}

/* Rows have numbers from 1 on, groups from 0. */
static uint32_t
owner_of(int64_t row)
{
	return row < 1 || row > GROUPS_MAX ? PMT_NO_PART : (uint32_t)row - 1;
}

/* Where memory is short, or the row makes no sense, there is no group. */
static void
add_group(struct pmt_told *told, struct pmt_text text, struct pmt_sites *sites)
{
	struct pmt_groups *groups = &told->groups;
	int64_t numbers[G_NUMBERS];
	uint32_t row = told->rows;
	struct pmt_group *group;

	if (!told->known || row == GROUPS_MAX)
		return;
	told->rows++;
	if (groups->list == NULL)
		groups->list = calloc(GROUPS_MAX, sizeof(*group));
	if (groups->list == NULL)
		return;
	group = &groups->list[groups->count];
	if (!read_place(text, sites, &group->key))
		return;
	pmt_words_numbers(text, group_names, numbers, G_NUMBERS);
	group->live = pmt_words_count(numbers[G_LIVE]);
	group->made = pmt_words_count(numbers[G_MADE]);
	group->bytes = numbers[G_BYTES];
	group->all_bytes = (double)numbers[G_ALL];
	group->growing = numbers[G_GROWING] != 0;
	group->instances = numbers[G_INSTANCES] != 0;
	group->first = numbers[G_FIRST];
	group->last = numbers[G_LAST];
	group->number = row;
	groups->count++;
	group->owner = owner_of(numbers[G_OWNER]);
	/* Whom, rows to come may say. */
	group->owns = true;
	read_history(text, group->moments);
	group->held_by = pmt_words_holder(text, &group->held_count);
}

bool
pmt_told_note(struct pmt_told told[2], struct pmt_sites *sites,
	      struct pmt_text text)
{
	int when = PMT_AT_END;
	char *copy;

	while (when <= PMT_AT_PEAK && !pmt_words_begin(text, headings[when]) &&
	       !pmt_words_begin(text, group_headings[when]))
		when++;
	if (when > PMT_AT_PEAK)
		return false;
	/* Sites read some bytes beyond a name. */
	copy = calloc(1, text.length + 8);
	if (copy == NULL)
		return true;
	memcpy(copy, text.bytes, text.length);
	if (pmt_words_begin(text, headings[when]))
		begin(&told[when], (struct pmt_text){ copy, text.length });
	else
		add_group(&told[when], (struct pmt_text){ copy, text.length },
			  sites);
	free(copy);
	return true;
}

void
pmt_told_fini(struct pmt_told *told)
{
	for (size_t i = 0; i < told->groups.count; i++)
		free((char *)(uintptr_t)told->groups.list[i].held_by);
	free(told->groups.list);
	memset(told, 0, sizeof(*told));
}
