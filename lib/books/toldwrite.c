/* SPDX-License-Identifier: MIT */
/* The writer of what told.h declares. */
#include <config.h>

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/escape.h"
#include "books/told.h"
#include "books/toldwords.h"

static void
put_numbers(FILE *out, const char *heading, const char *const *names,
	    const int64_t *numbers, size_t count)
{
	fputs(heading, out);
	for (size_t i = 0; i < count; i++)
		fprintf(out, " %s=%" PRId64, names[i], numbers[i]);
}

static void
put_name(FILE *out, const struct pmt_sites *sites, uint32_t name)
{
	struct pmt_text text = pmt_sites_name(sites, name);
	char *escaped = malloc(PMT_ESCAPED_SIZE(text.length));

	if (escaped == NULL)
		return;
	pmt_escape_name(text.bytes, text.length, escaped);
	fputs(escaped, out);
	free(escaped);
}

static void
put_place(FILE *out, const struct pmt_sites *sites, const struct pmt_site *key)
{
	static const char *const imports[] = { "", "imported:", "import:" };

	fputs(" type=", out);
	put_name(out, sites, key->type);
	fputs(" file=", out);
	put_name(out, sites, key->file);
	fputs(" function=", out);
	put_name(out, sites, key->function);
	fprintf(out, " line=%" PRIu32 " own=%s", key->line,
		imports[key->imports]);
	if (key->own_file == PMT_NO_PART) {
		putc('-', out);
	} else {
		put_name(out, sites, key->own_file);
		fprintf(out, ":%" PRIu32 ":", key->own_line);
		put_name(out, sites, key->own_function);
	}
}

/* The row of the group with this number, from 1 on, or 0. */
static int64_t
row_of(const struct pmt_groups *groups, uint32_t number)
{
	for (size_t i = 0; number != PMT_NO_PART && i < groups->count &&
	     i < PMT_TOLD_GROUPS; i++)
		if (groups->list[i].number == number)
			return (int64_t)i + 1;
	return 0;
}

static void
put_group(FILE *out, const struct pmt_sites *sites,
	  const struct pmt_groups *groups, const struct pmt_group *group,
	  const char *heading)
{
	bool huge = group->all_bytes >= 0x1p62;
	const int64_t numbers[G_NUMBERS] = {
		[G_LIVE] = (int64_t)group->live,
		[G_MADE] = (int64_t)group->made,
		[G_BYTES] = group->bytes,
		[G_ALL] = huge ? INT64_MAX : (int64_t)group->all_bytes,
		[G_GROWING] = group->growing,
		[G_INSTANCES] = group->instances,
		[G_FIRST] = group->first,
		[G_LAST] = group->last,
		[G_OWNER] = row_of(groups, group->owner),
	};

	put_numbers(out, heading, group_names, numbers, G_NUMBERS);
	fputs(" history=", out);
	for (int i = 0; i < PMT_TREND_MOMENTS; i++)
		fprintf(out, "%s%" PRId64, i == 0 ? "" : ",",
			group->moments[i]);
	put_place(out, sites, &group->key);
	/* It may hold blanks: nothing follows. */
	if (group->held_by != NULL)
		fprintf(out, " held=%" PRIu64 " by %s", group->held_count,
			group->held_by);
}

/* GROUP: NULL for the heading. */
static int
tell(const struct pmt_told *told, enum pmt_when when,
     const struct pmt_sites *sites, const struct pmt_group *group,
     pmt_told_put *put, void *arg)
{
	const struct pmt_groups *groups = &told->groups;
	const int64_t numbers[NUMBERS] = {
		[CLOCK] = told->clock,
		[LIVE] = (int64_t)groups->live,
		[BYTES] = groups->bytes,
		[GROWING] = (int64_t)groups->growing,
		[BOOKS] = (int64_t)told->books,
		[SIZES] = told->sizes,
		[NARROW] = told->narrow,
	};
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	if (out == NULL)
		return -ENOMEM;
	if (group == NULL)
		put_numbers(out, headings[when], number_names, numbers,
			    NUMBERS);
	else
		put_group(out, sites, groups, group, group_headings[when]);
	if (fclose(out) == EOF) {
		free(text);
		return -ENOMEM;
	}
	put(arg, text, size);
	free(text);
	return 0;
}

int
pmt_told_write(const struct pmt_told *told, enum pmt_when when,
	       const struct pmt_sites *sites, pmt_told_put *put, void *arg)
{
	const struct pmt_groups *groups = &told->groups;
	int err = tell(told, when, sites, NULL, put, arg);

	for (size_t i = 0; err == 0 && i < groups->count &&
	     i < PMT_TOLD_GROUPS; i++)
		err = tell(told, when, sites, &groups->list[i], put, arg);
	return err;
}
