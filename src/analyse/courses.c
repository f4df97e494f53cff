/* SPDX-License-Identifier: MIT */
#include <config.h>

#include "analyse/courses.h"

#include <stdlib.h>

#include "base/array.h"
#include "base/hashtext.h"
#include "cli/cli.h"

struct key {
	enum course_kind kind;
	uint32_t file, line, function;
	bool in_c;
	uint32_t node;
};

struct course {
	struct key key;
	struct pmt_series series;
};

static uint32_t
hash_of(const struct key *key)
{
	uint64_t place = (uint64_t)key->file << 32 | key->line;
	uint64_t code = (uint64_t)key->function << 1 | key->in_c;
	uint64_t rest = (uint64_t)key->node << 3 | key->kind;

	return (uint32_t)pmt_hash_mix(place + 0x9e3779b97f4a7c15u,
				      code ^ rest * 0xbf58476d1ce4e5b9u);
}

static bool
same_key(const struct key *a, const struct key *b)
{
	return a->kind == b->kind && a->file == b->file &&
	       a->line == b->line && a->function == b->function &&
	       a->in_c == b->in_c && a->node == b->node;
}

static struct course *
find(const struct courses *courses, const struct key *key)
{
	uint32_t wanted = hash_of(key), place = wanted, found;

	while ((found = pmt_hash_next(&courses->by_key, wanted, &place)) != 0)
		if (same_key(&courses->list[found - 1].key, key))
			return &courses->list[found - 1];
	return NULL;
}

static void
add(struct courses *courses, const struct key *key, int64_t clock,
    int64_t change)
{
	struct course *course = find(courses, key);

	if (course == NULL) {
		if (pmt_hash_reserve(&courses->by_key,
				     (uint32_t)courses->count) != 0 ||
		    pmt_array_reserve((void **)&courses->list,
				      sizeof(*courses->list), courses->count,
				      &courses->room) != 0)
			cli_need(NULL);
		course = &courses->list[courses->count];
		*course = (struct course){ .key = *key };
		pmt_hash_insert(&courses->by_key, hash_of(key),
				(uint32_t)courses->count++);
	}
	pmt_series_set(&course->series, &courses->timeline, clock,
		       course->series.now.value + change);
}

/* For which line of own code; in logs without paths for none. */
static void
add_own(struct courses *courses, int64_t clock,
	const struct pmt_growth *growth, const struct pmt_growth_step *step)
{
	const struct pmt_growth_own *own;
	uint32_t count;

	if (step->own == PMT_NO_NAME)
		return;
	own = &pmt_growth_owns(growth, &count)[step->own];
	add(courses, &(struct key){
		.kind = COURSE_OWN, .file = own->own_file,
		.line = own->own_line, .function = own->own_function,
	}, clock, step->change);
}

void
courses_add(struct courses *courses, int64_t start, int64_t clock,
	    const struct pmt_growth *growth,
	    const struct pmt_growth_step *step)
{
	uint32_t count;
	const struct pmt_growth_node *node =
		&pmt_growth_nodes(growth, &count)[step->node];
	int64_t change = step->change;

	if (courses->timeline.shift == 0) {
		if (pmt_hash_init(&courses->by_key) != 0)
			cli_need(NULL);
		pmt_timeline_init(&courses->timeline, start);
	}
	pmt_timeline_reach(&courses->timeline, clock);
	if (change == 0)
		return;
	add(courses, &(struct key){
		.kind = COURSE_FUNCTION, .file = node->file,
		.line = PMT_NO_NAME, .function = node->function,
		.in_c = node->in_c,
	}, clock, change);
	add(courses, &(struct key){
		.kind = COURSE_LINE, .file = step->file, .line = step->line,
		.function = PMT_NO_NAME,
	}, clock, change);
	add(courses, &(struct key){
		.kind = COURSE_FILE, .file = step->file, .line = PMT_NO_NAME,
		.function = PMT_NO_NAME,
	}, clock, change);
	add(courses, &(struct key){
		.kind = change > 0 ? COURSE_GROWN : COURSE_RELEASED,
		.node = step->node,
	}, clock, change > 0 ? change : -change);
	add_own(courses, clock, growth, step);
}

bool
courses_find(const struct courses *courses, enum course_kind kind,
	     const struct entry *entry, int64_t samples[PMT_TIMELINE_STEPS])
{
	struct key key = { .kind = kind, .node = entry->node };
	const struct course *course;

	if (kind < COURSE_GROWN)
		key = (struct key){
			.kind = kind, .file = entry->file,
			.line = entry->line, .function = entry->function,
			.in_c = entry->in_c,
		};
	course = courses->count == 0 ? NULL : find(courses, &key);
	if (course == NULL)
		return false;
	pmt_series_sample(&course->series, &courses->timeline, samples,
			  PMT_TIMELINE_STEPS);
	return true;
}

void
courses_clocks(const struct courses *courses,
	       int64_t clocks[PMT_TIMELINE_STEPS])
{
	pmt_timeline_moments(&courses->timeline, clocks, PMT_TIMELINE_STEPS);
}

void
courses_fini(struct courses *courses)
{
	pmt_hash_fini(&courses->by_key);
	free(courses->list);
}
