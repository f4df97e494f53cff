/* SPDX-License-Identifier: MIT */
#include <config.h>

#include "analyse/courses.h"

#include <stdlib.h>

#include "base/array.h"
#include "base/hashtext.h"
#include "cli/cli.h"

struct course {
	struct entry entry;	/* what it is of; no numbers */
	struct pmt_series net;
};

static uint32_t
hash_of(const struct entry *entry)
{
	uint64_t place = (uint64_t)entry->file << 32 | entry->line;
	uint64_t code = (uint64_t)entry->function << 1 | entry->in_c;

	return (uint32_t)pmt_hash_mix(place + 0x9e3779b97f4a7c15u,
				      code ^ 0xbf58476d1ce4e5b9u);
}

static struct course *
find(const struct courses *courses, const struct entry *entry)
{
	uint32_t wanted = hash_of(entry), place = wanted, found;

	while ((found = pmt_hash_next(&courses->by_entry, wanted,
				      &place)) != 0) {
		const struct entry *is = &courses->list[found - 1].entry;

		if (is->file == entry->file && is->line == entry->line &&
		    is->function == entry->function &&
		    is->in_c == entry->in_c)
			return &courses->list[found - 1];
	}
	return NULL;
}

static void
add(struct courses *courses, const struct entry *entry, int64_t clock,
    int64_t change)
{
	struct course *course = find(courses, entry);

	if (course == NULL) {
		if (pmt_hash_reserve(&courses->by_entry,
				     (uint32_t)courses->count) != 0 ||
		    pmt_array_reserve((void **)&courses->list,
				      sizeof(*courses->list), courses->count,
				      &courses->room) != 0)
			cli_need(NULL);
		course = &courses->list[courses->count];
		*course = (struct course){ .entry = *entry };
		pmt_hash_insert(&courses->by_entry, hash_of(entry),
				(uint32_t)courses->count++);
	}
	pmt_series_set(&course->net, &courses->timeline, clock,
		       course->net.now + change);
}

void
courses_add(struct courses *courses, int64_t start, int64_t clock,
	    const struct pmt_growth *growth,
	    const struct pmt_growth_step *step)
{
	uint32_t count;
	const struct pmt_growth_node *node =
		&pmt_growth_nodes(growth, &count)[step->node];

	if (courses->timeline.shift == 0) {
		if (pmt_hash_init(&courses->by_entry) != 0)
			cli_need(NULL);
		pmt_timeline_init(&courses->timeline, start);
	}
	pmt_timeline_reach(&courses->timeline, clock);
	if (step->change == 0)
		return;
	add(courses, &(struct entry){
		.file = node->file, .line = PMT_NO_NAME,
		.function = node->function, .in_c = node->in_c,
	}, clock, step->change);
	add(courses, &(struct entry){
		.file = step->file, .line = step->line,
		.function = PMT_NO_NAME,
	}, clock, step->change);
	add(courses, &(struct entry){
		.file = step->file, .line = PMT_NO_NAME,
		.function = PMT_NO_NAME,
	}, clock, step->change);
}

bool
courses_find(const struct courses *courses, const struct entry *entry,
	     int64_t samples[PMT_TIMELINE_STEPS])
{
	const struct course *course = courses->count == 0
					      ? NULL : find(courses, entry);

	if (course == NULL)
		return false;
	pmt_series_sample(&course->net, &courses->timeline, samples,
			  PMT_TIMELINE_STEPS);
	return true;
}

void
courses_fini(struct courses *courses)
{
	pmt_hash_fini(&courses->by_entry);
	free(courses->list);
}
