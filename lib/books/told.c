/* SPDX-License-Identifier: MIT */
#include <config.h>

#include "books/told.h"

#include <stdlib.h>
#include <string.h>

#include "books/toldwords.h"

/* More than that nobody writes; a log may hold anything. */
#define GROUPS_MAX (4 * PMT_TOLD_GROUPS)

/* The value of NAME in TEXT, whose words are "NAME=VALUE"; empty: none. */
static struct pmt_text
value_of(struct pmt_text text, const char *name)
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

/* What is no number, or too large a one, is 0; TEXT ends in a NUL. */
static void
read_numbers(struct pmt_text text, const char *const *names, int64_t *numbers,
	     size_t count)
{
	for (size_t i = 0; i < count; i++)
		numbers[i] = strtoll(value_of(text, names[i]).bytes, NULL, 10);
}

static uint64_t
count_of(int64_t number)
{
	return number < 0 ? 0 : (uint64_t)number;
}

static void
begin(struct pmt_told *told, struct pmt_text text)
{
	int64_t numbers[NUMBERS];

	pmt_told_fini(told);
	read_numbers(text, number_names, numbers, NUMBERS);
	*told = (struct pmt_told){
		.known = true,
		.sizes = numbers[SIZES] != 0,
		.narrow = numbers[NARROW] != 0,
		.clock = numbers[CLOCK],
		.books = count_of(numbers[BOOKS]),
		.groups = {
			.growing = count_of(numbers[GROWING]),
			.live = count_of(numbers[LIVE]),
			.bytes = numbers[BYTES],
		},
	};
}

static bool
read_place(struct pmt_text text, struct pmt_sites *sites,
	   struct pmt_site *key)
{
	struct pmt_site_text site = {
		.type = value_of(text, "type"),
		.file = value_of(text, "file"),
		.function = value_of(text, "function"),
		.line = (uint32_t)strtoul(value_of(text, "line").bytes, NULL,
					  10),
	};
	uint32_t number;

	if (site.type.length == 0 || site.file.length == 0 ||
	    site.function.length == 0 ||
	    !pmt_ownplace_parse(value_of(text, "own"), &site.own) ||
	    pmt_sites_find(sites, &site, &number) != 0)
		return false;
	*key = *pmt_sites_get(sites, number);
	return true;
}

static void
read_history(struct pmt_text text, int64_t *moments)
{
	const char *at = value_of(text, "history").bytes;
	char *end;

	for (int i = 0; i < PMT_TREND_MOMENTS; i++) {
		moments[i] = strtoll(at, &end, 10);
		at = *end == ',' ? end + 1 : end;
	}
}

static void
read_holder(struct pmt_text text, struct pmt_group *group)
{
	const char *held = memmem(text.bytes, text.length, " held=", 6);
	char *by;

	if (held == NULL)
		return;
	group->held_count = strtoull(held + 6, &by, 10);
	if (strncmp(by, " by ", 4) == 0)
		group->held_by = strdup(by + 4);
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
	struct pmt_group *group;

	if (!told->known || groups->count == GROUPS_MAX)
		return;
	if (groups->list == NULL)
		groups->list = calloc(GROUPS_MAX, sizeof(*group));
	if (groups->list == NULL)
		return;
	group = &groups->list[groups->count];
	if (!read_place(text, sites, &group->key))
		return;
	read_numbers(text, group_names, numbers, G_NUMBERS);
	group->live = count_of(numbers[G_LIVE]);
	group->made = count_of(numbers[G_MADE]);
	group->bytes = numbers[G_BYTES];
	group->grown = numbers[G_GROWN];
	group->all_bytes = (double)numbers[G_ALL];
	group->growing = numbers[G_GROWING] != 0;
	group->instances = numbers[G_INSTANCES] != 0;
	group->first = numbers[G_FIRST];
	group->last = numbers[G_LAST];
	group->number = (uint32_t)groups->count++;
	group->owner = owner_of(numbers[G_OWNER]);
	/* Whom, rows to come may say. */
	group->owns = true;
	read_history(text, group->moments);
	read_holder(text, group);
}

static bool
begins_with(struct pmt_text text, const char *word)
{
	size_t length = strlen(word);

	return text.length >= length &&
	       memcmp(text.bytes, word, length) == 0;
}

bool
pmt_told_note(struct pmt_told told[2], struct pmt_sites *sites,
	      struct pmt_text text)
{
	int when = PMT_AT_END;
	char *copy;

	while (when <= PMT_AT_PEAK && !begins_with(text, headings[when]) &&
	       !begins_with(text, group_headings[when]))
		when++;
	if (when > PMT_AT_PEAK)
		return false;
	/* Sites read some bytes beyond a name. */
	copy = calloc(1, text.length + 8);
	if (copy == NULL)
		return true;
	memcpy(copy, text.bytes, text.length);
	if (begins_with(text, headings[when]))
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
