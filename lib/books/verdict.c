/* SPDX-License-Identifier: MIT */
#include <config.h>

#include "books/verdict.h"

#include <string.h>

#include "books/leaktypes.h"
#include "books/shares.h"
#include "books/trend.h"

enum { MIB = 1 << 20 };

static uint64_t
above(uint64_t a, uint64_t b)
{
	return a > b ? a - b : 0;
}

static uint64_t
least(uint64_t a, uint64_t b)
{
	return a < b ? a : b;
}

/* How much more is free at the end than at the start. */
static void
find_free(struct pmt_verdict *verdict, const struct pmt_footprints *footprints)
{
	uint64_t start[PMT_SHARES], end[PMT_SHARES];

	if (!footprints->start.noted)
		return;
	pmt_shares_make(&footprints->start.memory, start);
	pmt_shares_make(&footprints->end.memory, end);
	verdict->c_free = least(above(end[PMT_SHARE_C_FREE],
				      start[PMT_SHARE_C_FREE]),
				verdict->growth);
	verdict->free = least(above(pmt_shares_free(end),
				    pmt_shares_free(start)), verdict->growth);
}

static enum pmt_finding
finding_of(const struct pmt_verdict *verdict, uint64_t first, int64_t bytes)
{
	uint64_t least_growth = first / 20 > MIB ? first / 20 : MIB;
	/* Objects cannot lie in what is free. */
	uint64_t used = pmt_verdict_used(verdict);

	if (verdict->peak_growth < least_growth + verdict->books)
		return PMT_FINDING_STEADY;
	if (verdict->growth < verdict->peak_growth / 2)
		return verdict->collected >= verdict->peak_growth / 4
			? PMT_FINDING_COLLECTED : PMT_FINDING_GIVEN_BACK;
	if (verdict->free + verdict->books >= verdict->growth / 2 &&
	    verdict->collected >= above(verdict->peak_growth,
					verdict->books) / 2)
		return PMT_FINDING_COLLECTED;
	if (verdict->free >= verdict->growth / 2)
		return PMT_FINDING_FREE;
	if (bytes == PMT_VERDICT_CODE)
		return PMT_FINDING_CODE;
	if (verdict->explained >= used / 2)
		return PMT_FINDING_OBJECTS;
	return verdict->explained >= used / 10 ? PMT_FINDING_PARTLY
					       : PMT_FINDING_ELSEWHERE;
}

/* What came and went between two rows, only the kernel has seen. */
static uint64_t
peak_of(const struct pmt_footprints *footprints)
{
	uint64_t before = footprints->start.memory.peak_rss;
	uint64_t after = footprints->end.memory.peak_rss;
	uint64_t peak = (uint64_t)footprints->peak_rss;

	if (footprints->start.noted && after != PMT_MEMORY_UNKNOWN &&
	    after > before && after > peak)
		peak = after;
	return peak;
}

/*
 * By a 16th of GROWTH, which imports had no part in, or of 4 MiB, if there were
 * so many with them.  What a full cache adds by the holes between its entries
 * is no growth, nor is a page now and then.
 */
static bool
is_growing(const int64_t *rss, uint64_t growth, uint64_t imports)
{
	struct pmt_trend trend = pmt_trend_of(rss);
	uint64_t whole = least(growth + imports, 4 * MIB);
	double rise = trend.slope * (PMT_TREND_MOMENTS / 2);

	return trend.grows &&
	       rise >= (double)(growth > whole ? growth : whole) / 16;
}

uint64_t
pmt_verdict_used(const struct pmt_verdict *verdict)
{
	return verdict->growth - verdict->free - verdict->books;
}

/*
 * What was freed after the program's last line.  RSS may not tell: a block at
 * the top of malloc's heap keeps all that is free below it.
 */
static uint64_t
collected(const struct pmt_footprints *footprints)
{
	uint64_t used = above(footprints->exit_used, pmt_footprints_used(
				      &footprints->end.memory));
	uint64_t rss = 0;

	if (footprints->exit_rss > footprints->last_rss)
		rss = (uint64_t)(footprints->exit_rss - footprints->last_rss);
	return used > rss && footprints->end.noted ? used : rss;
}

struct pmt_verdict
pmt_verdict_of(const struct pmt_footprints *footprints, int64_t bytes,
	       uint64_t books)
{
	uint64_t first = (uint64_t)footprints->first_rss;
	int64_t rss[PMT_TREND_MOMENTS];
	struct pmt_verdict verdict = { 0 };

	if (footprints->first_rss <= 0 || footprints->last_rss <= 0)
		return verdict;
	verdict.growth = above((uint64_t)footprints->last_rss, first);
	verdict.peak_growth = above(peak_of(footprints), first);
	verdict.collected = collected(footprints);
	verdict.code = bytes == PMT_VERDICT_CODE;
	verdict.sizes = bytes >= 0;
	find_free(&verdict, footprints);
	verdict.books = least(books, verdict.growth - verdict.free);
	verdict.explained = least(bytes > 0 ? (uint64_t)bytes : 0,
				  pmt_verdict_used(&verdict));
	pmt_footprints_curve(footprints, rss, PMT_TREND_MOMENTS);
	verdict.imports = least(footprints->imports, verdict.growth);
	verdict.still_growing = is_growing(rss, verdict.peak_growth -
					   verdict.imports, verdict.imports);
	verdict.finding = finding_of(&verdict, first, bytes);
	return verdict;
}

struct pmt_verdict
pmt_verdict_of_objects(const struct pmt_leaks *leaks,
		       const struct pmt_groups *groups, bool sizes,
		       uint64_t books, const char *tracer)
{
	struct pmt_verdict verdict = pmt_verdict_of(
		pmt_leaks_footprints(leaks),
		sizes ? groups->bytes : PMT_VERDICT_NO_SIZES, books);

	verdict.narrow = tracer != NULL &&
			 strstr(tracer, PMT_WITHOUT_BUILTINS) != NULL;
	return verdict;
}

static uint64_t
live_at_peak(const struct pmt_leaks *leaks, const struct pmt_sites *sites,
	     const struct pmt_choice *choice)
{
	uint64_t live = 0;

	for (uint32_t i = 0; i < pmt_sites_count(sites); i++)
		if (pmt_type_chosen(choice, sites,
				    pmt_sites_get(sites, i)->type))
			live += pmt_leaks_at_peak(leaks, i).count;
	return live * pmt_leaks_sample(leaks);
}

bool
pmt_verdict_peak_matters(const struct pmt_verdict *verdict, uint64_t live,
			 const struct pmt_leaks *leaks,
			 const struct pmt_sites *sites,
			 const struct pmt_choice *choice)
{
	uint64_t fallen = verdict->peak_growth - verdict->growth;
	uint64_t before = live_at_peak(leaks, sites, choice);

	return (verdict->peak_growth > verdict->growth && fallen >= 2 << 20 &&
		fallen >= verdict->peak_growth / 5) ||
	       (before >= 1000 && live < before / 2);
}
