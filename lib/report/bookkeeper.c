/* SPDX-License-Identifier: MIT */
#include <config.h>

#include "report/bookkeeper.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "log/sampled.h"

int
pmt_bookkeeper_init(struct pmt_bookkeeper *keeper)
{
	keeper->sites = pmt_sites_new();
	keeper->leaks = pmt_leaks_new(INT64_MIN, false);
	if (keeper->sites == NULL || keeper->leaks == NULL)
		return -ENOMEM;
	pmt_leaks_set_sites(keeper->leaks, keeper->sites);
	return 0;
}

void
pmt_bookkeeper_fini(struct pmt_bookkeeper *keeper)
{
	pmt_leaks_free(keeper->leaks);
	pmt_sites_free(keeper->sites);
	free(keeper->tracer);
	free(keeper->error);
}

static void
count_row(struct pmt_bookkeeper *keeper, uint64_t microseconds)
{
	int64_t clock = (int64_t)microseconds * 1000;

	if (keeper->rows++ == 0)
		keeper->first_clock = clock;
	keeper->last_clock = clock;
}

static struct pmt_text
bare_name(const struct pmt_column *column)
{
	return (struct pmt_text){ column->text + 1, pmt_column_bare(column) };
}

static struct pmt_recent_site
key_of(const struct pmt_reference_event *event)
{
	const struct pmt_own *own = &event->own;

	return (struct pmt_recent_site){
		.type = event->type->serial,
		.file = event->place.file->serial,
		.function = event->place.function->serial,
		.line = event->place.line,
		.own_kind = own->kind,
		.own_function = pmt_own_is_caller(own->kind)
					? own->function->serial : 0,
		.own_line = own->line,
	};
}

static struct pmt_site_text
text_of(const struct pmt_reference_event *event)
{
	struct pmt_site_text text = {
		.type = bare_name(event->type),
		.file = bare_name(event->place.file),
		.function = bare_name(event->place.function),
		.line = (uint32_t)event->place.line,
		.own = {
			.kind = event->own.kind,
			.line = (uint32_t)event->own.line,
		},
	};

	if (pmt_own_is_caller(text.own.kind)) {
		text.own.file = bare_name(event->own.file);
		text.own.function = bare_name(event->own.function);
	}
	return text;
}

static int
find_site(struct pmt_bookkeeper *keeper,
	  const struct pmt_reference_event *event, uint32_t *site)
{
	struct pmt_recent_site key = key_of(event);
	uint32_t hash = (key.type * 0x9e3779b1u) ^ (key.function * 0x85ebca6bu)
			^ ((uint32_t)key.line * 0xc2b2ae35u)
			^ ((key.own_function + (uint32_t)key.own_line) *
			   0x27d4eb2fu);
	struct pmt_recent_site *recent =
		&keeper->recent[hash >> 8 & (PMT_BOOKKEEPER_RECENT - 1)];
	struct pmt_site_text text;
	int err;

	if (memcmp(recent, &key, offsetof(struct pmt_recent_site, site)) == 0) {
		*site = recent->site;
		return 0;
	}
	text = text_of(event);
	err = pmt_sites_find(keeper->sites, &text, &key.site);
	if (err == 0)
		*recent = key;
	*site = key.site;
	return err;
}

int
pmt_bookkeeper_enter(struct pmt_bookkeeper *keeper,
		     const struct pmt_reference_event *event,
		     uint32_t *site, struct pmt_object *former)
{
	struct pmt_event entry = {
		.row = event->created ? PMT_ROW_NEW : PMT_ROW_DEL,
		.has = 1u << PMT_COLUMN_CLOCK | 1u << PMT_COLUMN_ADDRESS |
		       1u << PMT_COLUMN_LIVE | 1u << PMT_COLUMN_RSS,
		.clock = (int64_t)event->clock * 1000,
		.address = event->address,
		.live = event->live,
		.rss = (int64_t)event->rss,
		.size = (int64_t)event->size,
	};
	int err = find_site(keeper, event, &entry.site);

	*site = entry.site;
	if (keeper->sizes)
		entry.has |= 1u << PMT_COLUMN_SIZE;
	count_row(keeper, event->clock);
	entry.line = keeper->rows;
	return err < 0 ? err : pmt_leaks_add(keeper->leaks, &entry, former);
}

int
pmt_bookkeeper_note(struct pmt_bookkeeper *keeper, const struct pmt_note *note)
{
	bool first = keeper->tracer == NULL && keeper->rows == 0;
	char **place = note->error ? &keeper->error : &keeper->tracer;
	char *copy;

	if (!note->error &&
	    pmt_leaks_note(keeper->leaks, (int64_t)note->clock * 1000,
			   (struct pmt_text){ note->text, note->size }))
		return 0;
	if (note->error || !first)
		count_row(keeper, note->clock);
	if (!note->error && !first)
		return 1;
	copy = strndup(note->text, note->size);
	if (copy == NULL)
		return -ENOMEM;
	free(*place);
	*place = copy;
	if (!note->error)
		pmt_leaks_set_sample(keeper->leaks, pmt_sampled(
			(struct pmt_text){ note->text, note->size }));
	return note->error || !first;
}

size_t
pmt_bookkeeper_memory(const struct pmt_bookkeeper *keeper)
{
	return sizeof(*keeper) + pmt_sites_memory(keeper->sites) +
	       pmt_leaks_memory(keeper->leaks);
}
