/* SPDX-License-Identifier: MIT */
#include <config.h>

#include "books/leakgroups.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/saturate.h"
#include "books/grouporder.h"
#include "books/leaktypes.h"
#include "books/owners.h"

/* A site and the group that it belongs to. */
struct member {
	struct pmt_site key;
	uint32_t site;
};

bool
pmt_groups_by_type(const struct pmt_choice *choice)
{
	return choice->group_by == 0 ||
	       (choice->group_by & PMT_GROUP_TYPE) != 0;
}

bool
pmt_groups_by_site(const struct pmt_choice *choice)
{
	return choice->group_by != PMT_GROUP_TYPE;
}

static struct pmt_site
group_key(const struct pmt_site *site, const struct pmt_choice *choice)
{
	unsigned by = choice->group_by == 0 ? PMT_GROUP_SITE
					    : choice->group_by;
	unsigned lines = PMT_GROUP_SITE | PMT_GROUP_LINE | PMT_GROUP_PATH;
	unsigned functions = lines | PMT_GROUP_FUNCTION;

	/* Functions of one name in two files are two functions. */
	return (struct pmt_site){
		.type = pmt_groups_by_type(choice) ? site->type : PMT_NO_PART,
		.file = by & (functions | PMT_GROUP_FILE) ? site->file
							  : PMT_NO_PART,
		.function = by & functions ? site->function : PMT_NO_PART,
		.line = by & lines ? site->line : PMT_NO_PART,
		.own_file = by & lines ? site->own_file : PMT_NO_PART,
		.own_function = by & lines ? site->own_function : PMT_NO_PART,
		.own_line = by & lines ? site->own_line : PMT_NO_PART,
		.imports = by & lines ? site->imports : 0,
		.path = by & PMT_GROUP_PATH ? site->path : PMT_PATH_UNKNOWN,
	};
}

static int
compare_members(const void *a, const void *b)
{
	return memcmp(a, b, sizeof(struct pmt_site));
}

static void
add_site(struct pmt_group *group, const struct pmt_leaks *leaks,
	 uint32_t site, enum pmt_when when)
{
	const struct pmt_site_life *life = pmt_leaks_site(leaks, site);
	struct pmt_alive alive = { life->live, life->bytes };
	struct pmt_timeline axis = pmt_footprints_axis(
		pmt_leaks_footprints(leaks), pmt_leaks_timeline(leaks));
	struct pmt_series series = pmt_sparse_series_whole(&life->series);
	int64_t moments[PMT_TREND_MOMENTS], lows[PMT_TREND_MOMENTS];

	if (when == PMT_AT_PEAK)
		alive = pmt_leaks_at_peak(leaks, site);
	group->made += life->made;
	group->live += alive.count;
	group->bytes = pmt_add_saturated(group->bytes, alive.bytes);
	pmt_series_sample_lows(&series, &axis, moments, lows,
			       PMT_TREND_MOMENTS);
	for (int i = 0; i < PMT_TREND_MOMENTS; i++) {
		group->moments[i] = pmt_add_saturated(group->moments[i],
						      moments[i]);
		group->lows[i] = pmt_add_saturated(group->lows[i], lows[i]);
	}
}

static void
add_objects(struct pmt_group *groups, const uint32_t *group_of,
	    const struct pmt_leaks *leaks)
{
	const struct pmt_object *object = NULL;

	while ((object = pmt_leaks_next(leaks, object)) != NULL) {
		struct pmt_group *group;

		if (group_of[object->site] == PMT_NO_PART)
			continue;
		group = &groups[group_of[object->site]];
		if (object->clock < group->first)
			group->first = object->clock;
		if (object->clock > group->last)
			group->last = object->clock;
	}
}

/* Sites where something was made, sorted so that groups stand together. */
static struct member *
list_members(const struct pmt_leaks *leaks, const struct pmt_sites *sites,
	     const struct pmt_choice *choice, size_t *count)
{
	uint32_t site_count = pmt_sites_count(sites);
	struct member *members = calloc(site_count + 1, sizeof(*members));

	*count = 0;
	for (uint32_t i = 0; members != NULL && i < site_count; i++) {
		const struct pmt_site_life *life = pmt_leaks_site(leaks, i);
		const struct pmt_site *site = pmt_sites_get(sites, i);

		if (life == NULL || life->made == 0 ||
		    !pmt_type_chosen(choice, sites, site->type))
			continue;
		members[(*count)++] = (struct member){
			group_key(site, choice), i
		};
	}
	if (members != NULL)
		qsort(members, *count, sizeof(*members), compare_members);
	return members;
}

/* Each site's life goes to its group, whose number group_of[] keeps. */
static void
join_members(struct pmt_groups *groups, uint32_t *group_of,
	     const struct member *members, size_t count,
	     const struct pmt_leaks *leaks, enum pmt_when when)
{
	for (size_t i = 0; i < count; i++) {
		if (i == 0 || compare_members(&members[i],
					      &members[i - 1]) != 0)
			groups->list[groups->count++] = (struct pmt_group){
				.key = members[i].key,
				.first = INT64_MAX, .last = INT64_MIN,
			};
		group_of[members[i].site] = (uint32_t)groups->count - 1;
		add_site(&groups->list[groups->count - 1], leaks,
			 members[i].site, when);
	}
	add_objects(groups->list, group_of, leaks);
}

static void
judge(struct pmt_group *group)
{
	struct pmt_trend trend = pmt_trend_of(group->moments);

	/* The phase of a cache that is emptied again and again is no trend. */
	group->growing = group->live > 0 && trend.grows &&
			 (trend.steadily || pmt_trend_rises(group->lows));
	group->slope = trend.slope;
}

/*
 * Whatever a module imports is made once, and is no leak if it seems to grow.
 * A function may import again and again, a module's code run for ever.
 */
static bool
is_import(const struct pmt_sites *sites, const struct pmt_group *group)
{
	if (!group->growing || group->key.imports == 0)
		return group->key.imports > 0;
	return pmt_sites_imports_once(sites, group->key.imports,
				      group->key.own_function);
}

/* What a group grows by in a moment: bytes if they are known, else objects. */
static double
weight(const struct pmt_group *group)
{
	if (group->bytes <= 0 || group->live == 0)
		return group->slope;
	return group->slope * ((double)group->bytes / (double)group->live);
}

/* A log can hold any numbers. */
static int64_t
times(int64_t count, uint64_t sample)
{
	int64_t result;

	if (sample > INT64_MAX ||
	    __builtin_mul_overflow(count, (int64_t)sample, &result))
		return count < 0 ? INT64_MIN : INT64_MAX;
	return result;
}

/* From what was seen to an estimate of all. */
static void
scale(struct pmt_group *group, uint64_t sample)
{
	group->live *= sample;
	group->made *= sample;
	group->bytes = times(group->bytes, sample);
	group->slope *= (double)sample;
	for (int i = 0; i < PMT_TREND_MOMENTS; i++) {
		group->moments[i] = times(group->moments[i], sample);
		group->lows[i] = times(group->lows[i], sample);
	}
}

/* Each group counts with its owner, and with the owner of that. */
static void
add_to_owners(struct pmt_group *list, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		uint32_t above = (uint32_t)i;

		for (int j = 0; above != PMT_NO_PART && j <= PMT_OWNERS_ABOVE;
		     j++) {
			list[above].all_slope += weight(&list[i]);
			list[above].all_bytes += (double)list[i].bytes;
			above = list[above].owner;
		}
		if (list[i].owner != PMT_NO_PART)
			list[list[i].owner].owns = true;
	}
}

static void
add_up(struct pmt_groups *groups, const struct pmt_group *group)
{
	groups->live += group->live;
	groups->bytes = pmt_add_saturated(groups->bytes, group->bytes);
	if (group->folded) {
		groups->imports.count += group->live;
		groups->imports.bytes = pmt_add_saturated(
			groups->imports.bytes, group->bytes);
		groups->folded++;
	} else if (group->growing) {
		groups->growing++;
	}
}

/* Only what has live objects, added up and sorted. */
static void
finish_groups(struct pmt_groups *groups, const struct pmt_sites *sites,
	      const struct pmt_choice *choice)
{
	size_t kept = 0;

	for (size_t i = 0; i < groups->count; i++) {
		struct pmt_group *group = &groups->list[i];

		if (group->live == 0)
			continue;
		group->folded = choice->fold_imports &&
				is_import(sites, group);
		group->number = (uint32_t)i;
		add_up(groups, group);
		groups->list[kept++] = *group;
	}
	pmt_groups_sort(groups->list, kept, sites, choice->order);
	groups->count = kept - groups->folded;
}

int
pmt_groups_make(const struct pmt_leaks *leaks, const struct pmt_sites *sites,
		const struct pmt_choice *choice, struct pmt_groups *groups)
{
	size_t count, map_size = (pmt_sites_count(sites) + 1) *
				 sizeof(uint32_t);
	struct member *members = list_members(leaks, sites, choice, &count);
	uint32_t *group_of = malloc(map_size);
	uint64_t sample = pmt_leaks_sample(leaks);
	bool at_peak = choice->when == PMT_AT_PEAK;
	int err = -ENOMEM;

	*groups = (struct pmt_groups){
		.list = calloc(count + 1, sizeof(*groups->list)),
		.sample = sample,
	};
	if (members == NULL || group_of == NULL || groups->list == NULL)
		goto exit;
	memset(group_of, 0xff, map_size);
	join_members(groups, group_of, members, count, leaks, choice->when);
	for (size_t i = 0; i < groups->count; i++)
		judge(&groups->list[i]);
	for (size_t i = 0; sample > 1 && i < groups->count; i++)
		scale(&groups->list[i], sample);
	err = pmt_owners_find(groups->list, groups->count, group_of,
			      at_peak ? pmt_leaks_held_at_peak(leaks)
				      : pmt_leaks_held(leaks), at_peak);
	if (err != 0)
		goto exit;
	add_to_owners(groups->list, groups->count);
	finish_groups(groups, sites, choice);
exit:
	free(members);
	free(group_of);
	if (err != 0)
		free(groups->list);
	return err;
}

size_t
pmt_groups_numbers(const struct pmt_groups *groups)
{
	size_t numbers = 0;

	for (size_t i = 0; i < groups->count; i++) {
		const struct pmt_group *group = &groups->list[i];

		if (group->number >= numbers)
			numbers = group->number + (size_t)1;
		if (group->owner != PMT_NO_PART && group->owner >= numbers)
			numbers = group->owner + (size_t)1;
	}
	return numbers;
}
