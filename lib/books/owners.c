/* SPDX-License-Identifier: MIT */
#include <config.h>

#include "books/owners.h"

#include <errno.h>
#include <stdlib.h>

/* Fewer objects are no group of owners, but hold the others. */
enum { FEW = 10 };

/* What one chain says of a group; WEIGHT is how many objects it stands for. */
struct vote {
	uint32_t group, owner, way;
	double weight;
};

struct finding {
	struct pmt_group *list;
	const uint32_t *group_of;
	const struct pmt_held *held;
	double *alive;			/* of each group, when HELD was told */
	struct vote *votes;
	size_t count;
};

static uint32_t
group_at(const struct finding *finding, uint32_t site)
{
	return site == PMT_NO_PART ? PMT_NO_PART : finding->group_of[site];
}

/* What imports made and does not grow is a row of its own. */
static bool
may_own(const struct pmt_group *owner, const struct pmt_group *group)
{
	return owner->live >= FEW &&
	       (owner->growing ||
		(!group->growing && owner->key.imports == 0));
}

static uint32_t
owner_by(const struct finding *finding, const struct pmt_held_chain *chain,
	 uint32_t group)
{
	bool instance = chain->instances & 1;
	uint32_t owner = PMT_NO_PART;

	for (uint32_t i = 1; i < chain->length; i++) {
		uint32_t above = group_at(finding, chain->site[i]);
		bool ends = chain->instances >> i & 1;

		if (above != PMT_NO_PART && above != group &&
		    (ends || !instance) &&
		    may_own(&finding->list[above], &finding->list[group]))
			owner = above;
		if (ends)
			break;
	}
	return owner;
}

static void
vote(struct finding *finding)
{
	const struct pmt_held *held = finding->held;

	for (size_t i = 0; i < held->chain_count; i++) {
		const struct pmt_held_chain *chain = &held->chains[i];
		const struct pmt_held_way *way = &held->ways[chain->way];
		uint32_t group = group_at(finding, chain->site[0]);

		if (group == PMT_NO_PART)
			continue;
		if (chain->instances & 1)
			finding->list[group].instances = true;
		finding->votes[finding->count++] = (struct vote){
			group, owner_by(finding, chain, group), chain->way,
			(double)way->count / (double)way->chains,
		};
	}
}

static int
compare(uint32_t a, uint32_t b)
{
	return (a > b) - (a < b);
}

static int
compare_ways(const void *left, const void *right)
{
	const struct vote *a = left, *b = right;
	int order = compare(a->group, b->group);

	return order != 0 ? order : compare(a->way, b->way);
}

static int
compare_owners(const void *left, const void *right)
{
	const struct vote *a = left, *b = right;
	int order = compare(a->group, b->group);

	return order != 0 ? order : compare(a->owner, b->owner);
}

/*
 * Would the owner of an owner ... of GROUP be GROUP?  Yes, too, where so many
 * own each other that the books of a stranger would take for ever.
 */
static bool
is_owned_by(const struct pmt_group *list, uint32_t owner, uint32_t group)
{
	for (int above = 0; owner != PMT_NO_PART && owner != group; above++) {
		if (above == PMT_OWNERS_ABOVE)
			return true;
		owner = list[owner].owner;
	}
	return owner == group;
}

static void
set_way(struct finding *finding, const struct vote *vote, double weight)
{
	struct pmt_group *group = &finding->list[vote->group];
	uint64_t count = (uint64_t)(weight + 0.5);

	if (count > group->live)
		count = group->live;
	if (count <= group->held_count)
		return;
	group->held_count = count;
	group->held_by = finding->held->ways[vote->way].by;
}

static void
set_owner(struct finding *finding, const struct vote *vote, double weight)
{
	struct pmt_group *group = &finding->list[vote->group];

	if (vote->owner != PMT_NO_PART &&
	    2 * weight > finding->alive[vote->group] &&
	    !is_owned_by(finding->list, vote->owner, vote->group))
		group->owner = vote->owner;
}

static void
count_alive(struct finding *finding, size_t count, bool held_before)
{
	for (size_t i = 0; i < count && !held_before; i++)
		finding->alive[i] = (double)finding->list[i].live;
	for (size_t i = 0; i < finding->count && held_before; i++)
		finding->alive[finding->votes[i].group] +=
			finding->votes[i].weight;
}

/* Votes that are equal count together. */
static void
count_votes(struct finding *finding, int (*order)(const void *, const void *),
	    void (*set)(struct finding *, const struct vote *, double))
{
	const struct vote *votes = finding->votes;

	qsort(finding->votes, finding->count, sizeof(*votes), order);
	for (size_t i = 0, next; i < finding->count; i = next) {
		double weight = 0;

		for (next = i; next < finding->count &&
			       order(&votes[i], &votes[next]) == 0; next++)
			weight += votes[next].weight;
		set(finding, &votes[i], weight);
	}
}

int
pmt_owners_find(struct pmt_group *list, size_t count,
		const uint32_t *group_of, const struct pmt_held *held,
		bool held_before)
{
	struct finding finding = {
		.list = list, .group_of = group_of, .held = held,
	};
	int err = -ENOMEM;

	for (size_t i = 0; i < count; i++)
		list[i].owner = PMT_NO_PART;
	finding.votes = calloc(held->chain_count + 1, sizeof(*finding.votes));
	finding.alive = calloc(count + 1, sizeof(*finding.alive));
	if (finding.votes != NULL && finding.alive != NULL) {
		vote(&finding);
		count_alive(&finding, count, held_before);
		count_votes(&finding, compare_ways, set_way);
		count_votes(&finding, compare_owners, set_owner);
		err = 0;
	}
	free(finding.votes);
	free(finding.alive);
	return err;
}
