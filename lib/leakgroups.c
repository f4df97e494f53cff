/* SPDX-License-Identifier: MIT */
#include <config.h>

#include <fnmatch.h>
#include <stdlib.h>
#include <string.h>

#include "analyse.h"

bool
type_matches(const struct options *options, const struct pmt_sites *sites,
	     uint32_t type)
{
	struct pmt_text name = pmt_sites_name(sites, type);

	for (size_t i = 0; i < options->type_count; i++)
		if (fnmatch(options->types[i], name.bytes, 0) == 0)
			return true;
	return options->type_count == 0;
}

/* A site and the group that it belongs to. */
struct member {
	struct pmt_site key;
	uint32_t site;
};

bool
groups_by_type(const struct options *options)
{
	return options->group_by == 0 || (options->group_by & GROUP_TYPE) != 0;
}

bool
groups_by_site(const struct options *options)
{
	return options->group_by != GROUP_TYPE;
}

static struct pmt_site
group_key(const struct pmt_site *site, const struct options *options)
{
	unsigned by = options->group_by == 0 ? GROUP_SITE : options->group_by;
	unsigned lines = GROUP_SITE | GROUP_LINE | GROUP_PATH;
	unsigned functions = lines | GROUP_FUNCTION;

	/* Functions of one name in two files are two functions. */
	return (struct pmt_site){
		.type = groups_by_type(options) ? site->type : NO_PART,
		.file = by & (functions | GROUP_FILE) ? site->file : NO_PART,
		.function = by & functions ? site->function : NO_PART,
		.line = by & lines ? site->line : NO_PART,
	};
}

static int
compare_members(const void *a, const void *b)
{
	return memcmp(a, b, sizeof(struct pmt_site));
}

static void
add_site(struct group *group, const struct pmt_site_life *life,
	 const struct pmt_timeline *timeline)
{
	int64_t samples[GROUP_SAMPLES];

	group->made += life->made;
	group->live += life->live;
	pmt_series_sample(&life->series, timeline, samples, GROUP_SAMPLES);
	for (int i = 0; i < GROUP_SAMPLES; i++)
		group->samples[i] += samples[i];
}

static void
add_objects(struct group *groups, const uint32_t *group_of,
	    const struct pmt_leaks *leaks)
{
	const struct pmt_object *object = NULL;

	while ((object = pmt_leaks_next(leaks, object)) != NULL) {
		struct group *group;

		if (group_of[object->site] == NO_PART)
			continue;
		group = &groups[group_of[object->site]];
		group->bytes += object->size;
		if (object->clock < group->first)
			group->first = object->clock;
		if (object->clock > group->last)
			group->last = object->clock;
	}
}

/*
 * Growing is what rises to its highest at the end, and not in one leap: at
 * least three of the eight steps of the second half go up.
 */
static bool
is_growing(const int64_t *samples)
{
	int64_t end = samples[GROUP_SAMPLES - 1];
	int rises = 0;

	for (int i = 0; i < GROUP_SAMPLES; i++) {
		if (samples[i] > end)
			return false;
		if (i >= GROUP_SAMPLES / 2 && samples[i] > samples[i - 1])
			rises++;
	}
	return rises >= 3;
}

static int
compare_text(struct pmt_text a, struct pmt_text b)
{
	size_t n = a.length < b.length ? a.length : b.length;
	int order = memcmp(a.bytes, b.bytes, n);

	if (order != 0)
		return order;
	return (a.length > b.length) - (a.length < b.length);
}

static int
compare_part(const struct pmt_sites *sites, uint32_t a, uint32_t b)
{
	if (a == b)
		return 0;
	return compare_text(pmt_sites_name(sites, a),
			    pmt_sites_name(sites, b));
}

static int
compare_keys(const struct pmt_sites *sites, const struct pmt_site *a,
	     const struct pmt_site *b)
{
	int order = compare_part(sites, a->type, b->type);

	if (order == 0)
		order = compare_part(sites, a->file, b->file);
	if (order == 0)
		order = (a->line > b->line) - (a->line < b->line);
	if (order == 0)
		order = compare_part(sites, a->function, b->function);
	return order;
}

struct sorting {
	const struct pmt_sites *sites;
	enum sort_key key;
};

#define DESCENDING(a, b) (((a) < (b)) - ((a) > (b)))

static int
compare_groups(const void *left, const void *right, void *context)
{
	const struct group *a = left, *b = right;
	const struct sorting *sorting = context;
	int order = 0;

	switch (sorting->key) {
	case SORT_BYTES:
		order = DESCENDING(a->bytes, b->bytes);
		break;
	case SORT_MADE:
		order = DESCENDING(a->made, b->made);
		break;
	case SORT_FIRST:
		order = -DESCENDING(a->first, b->first);
		break;
	case SORT_LAST:
		order = DESCENDING(a->last, b->last);
		break;
	case SORT_NAME:
		break;
	default:
		order = DESCENDING(a->live, b->live);
	}
	if (order == 0 && sorting->key != SORT_NAME)
		order = DESCENDING(a->live, b->live);
	return order != 0 ? order :
		compare_keys(sorting->sites, &a->key, &b->key);
}

/* Sites where something was made, sorted so that groups stand together. */
static struct member *
list_members(const struct pmt_leaks *leaks, const struct pmt_sites *sites,
	     const struct options *options, size_t *count)
{
	uint32_t site_count = pmt_sites_count(sites);
	struct member *members = need(calloc(site_count + 1,
					     sizeof(*members)));

	*count = 0;
	for (uint32_t i = 0; i < site_count; i++) {
		const struct pmt_site_life *life = pmt_leaks_site(leaks, i);
		const struct pmt_site *site = pmt_sites_get(sites, i);

		if (life == NULL || life->made == 0 ||
		    !type_matches(options, sites, site->type))
			continue;
		members[(*count)++] = (struct member){
			group_key(site, options), i
		};
	}
	qsort(members, *count, sizeof(*members), compare_members);
	return members;
}

struct groups
make_groups(const struct pmt_leaks *leaks, const struct pmt_sites *sites,
	    const struct options *options)
{
	size_t member_count, kept = 0;
	struct member *members = list_members(leaks, sites, options,
					      &member_count);
	uint32_t *group_of = need(malloc(sizeof(*group_of) *
					 (pmt_sites_count(sites) + 1)));
	struct groups groups = { 0 };
	struct sorting sorting = { sites, options->sort };

	memset(group_of, 0xff, sizeof(*group_of) * pmt_sites_count(sites));
	groups.list = need(calloc(member_count + 1, sizeof(*groups.list)));
	for (size_t i = 0; i < member_count; i++) {
		if (i == 0 || compare_members(&members[i],
					      &members[i - 1]) != 0)
			groups.list[groups.count++] = (struct group){
				.key = members[i].key,
				.first = INT64_MAX, .last = INT64_MIN,
			};
		group_of[members[i].site] = (uint32_t)groups.count - 1;
		add_site(&groups.list[groups.count - 1],
			 pmt_leaks_site(leaks, members[i].site),
			 pmt_leaks_timeline(leaks));
	}
	add_objects(groups.list, group_of, leaks);
	for (size_t i = 0; i < groups.count; i++) {
		struct group *group = &groups.list[i];

		if (group->live == 0)
			continue;
		group->growing = is_growing(group->samples);
		groups.live += group->live;
		groups.bytes += group->bytes;
		groups.list[kept++] = *group;
	}
	groups.count = kept;
	qsort_r(groups.list, kept, sizeof(*groups.list), compare_groups,
		&sorting);
	free(members);
	free(group_of);
	return groups;
}

static int
compare_types(const void *left, const void *right, void *context)
{
	const struct type_count *a = left, *b = right;

	return compare_part(context, a->type, b->type);
}

struct type_count *
count_types(const struct pmt_leaks *leaks, const struct pmt_sites *sites,
	    const struct options *options, size_t *count)
{
	struct type_count *types = need(calloc(pmt_sites_names(sites),
					       sizeof(*types)));

	for (uint32_t i = 0; i < pmt_sites_count(sites); i++) {
		const struct pmt_site_life *life = pmt_leaks_site(leaks, i);
		uint32_t type = pmt_sites_get(sites, i)->type;

		if (life == NULL)
			continue;
		types[type].made += life->made;
		types[type].destroyed += life->destroyed;
		types[type].untracked += life->untracked;
		types[type].past += life->past;
	}
	*count = 0;
	for (uint32_t type = 0; type < pmt_sites_names(sites); type++) {
		if (types[type].made + types[type].destroyed == 0 ||
		    !type_matches(options, sites, type))
			continue;
		types[*count] = types[type];
		types[(*count)++].type = type;
	}
	qsort_r(types, *count, sizeof(*types), compare_types, (void *)sites);
	return types;
}
