/* SPDX-License-Identifier: MIT */
/* show_json_memory.c - where the memory is, and the verdict, as JSON. */
#include <config.h>

#include "analyse/show_json.h"
#include "base/common.h"
#include "books/shares.h"

json_t *
json_footprint(const struct pmt_footprint *moment)
{
	static const char *const keys[PMT_SHARES] = {
		[PMT_SHARE_PYTHON] = "pymalloc_used",
		[PMT_SHARE_C] = "malloc_used",
		[PMT_SHARE_PYTHON_FREE] = "pymalloc_free",
		[PMT_SHARE_C_FREE] = "malloc_free",
		[PMT_SHARE_OTHER] = "other",
		[PMT_SHARE_FILE] = "files",
		[PMT_SHARE_SHARED] = "shared",
	};
	json_t *json = json_object();
	uint64_t shares[PMT_SHARES];

	pmt_shares_make(&moment->memory, shares);
	json_set(json, "clock", json_seconds(moment->clock));
	json_set(json, "rss", json_integer((json_int_t)moment->memory.rss));
	for (enum pmt_share share = 0; share < PMT_SHARES; share++)
		json_set(json, keys[share],
			 json_integer((json_int_t)shares[share]));
	return json;
}

static json_t *
json_verdict(const struct pmt_verdict *verdict)
{
	static const char *const findings[] = {
		[PMT_FINDING_STEADY] = "steady",
		[PMT_FINDING_GIVEN_BACK] = "given back",
		[PMT_FINDING_COLLECTED] = "collected at exit",
		[PMT_FINDING_FREE] = "free",
		[PMT_FINDING_OBJECTS] = "objects",
		[PMT_FINDING_PARTLY] = "partly objects",
		[PMT_FINDING_ELSEWHERE] = "elsewhere",
		[PMT_FINDING_CODE] = "code",
	};

	return json_pack(
		"{s:s, s:I, s:I, s:I, s:I, s:I, s:b, s:b}",
		"finding", findings[verdict->finding],
		"growth", (json_int_t)verdict->growth,
		"peak_growth", (json_int_t)verdict->peak_growth,
		"collected", (json_int_t)verdict->collected,
		"explained", (json_int_t)verdict->explained,
		"free", (json_int_t)verdict->free,
		"still_growing", verdict->still_growing,
		"narrow", verdict->narrow);
}

/* At evenly spaced moments, the last one being the end. */
static json_t *
json_history(const struct pmt_footprints *footprints)
{
	int64_t samples[PMT_TIMELINE_STEPS];
	json_t *list = json_array();

	pmt_footprints_curve(footprints, samples, PMT_TIMELINE_STEPS);
	for (unsigned int i = 0; i < PMT_TIMELINE_STEPS; i++)
		json_array_append_new(list, json_integer(samples[i]));
	return list;
}

static json_t *
json_noted(const struct pmt_footprints *footprints)
{
	json_t *list = json_array();

	for (unsigned int i = 0; i < footprints->noted_count; i++)
		json_array_append_new(list,
				      json_footprint(&footprints->noted[i]));
	return list;
}

static json_t *
json_sharing(const struct pmt_footprints *footprints)
{
	const struct pmt_memory *end = &footprints->end.memory;
	uint64_t unshared;
	json_t *json = json_pack("{s:I, s:I}", "pss", (json_int_t)end->pss,
				 "private", (json_int_t)end->private);

	if (pmt_footprints_unshared(footprints, &unshared))
		json_set(json, "unshared", json_integer((json_int_t)unshared));
	return json;
}

void
json_memory(json_t *json, const struct pmt_footprints *footprints,
	    const struct pmt_verdict *verdict)
{
	if (footprints->peak_rss > 0) {
		json_set(json, "rss", json_pack(
			"{s:I, s:I, s:I}",
			"first", (json_int_t)footprints->first_rss,
			"peak", (json_int_t)footprints->peak_rss,
			"last", (json_int_t)footprints->last_rss));
		json_set(json, "rss_history", json_history(footprints));
	}
	if (footprints->start.noted) {
		json_set(json, "memory", json_pack(
			"{s:o, s:o, s:o}",
			"start", json_footprint(&footprints->start),
			"peak", json_footprint(&footprints->peak),
			"end", json_footprint(&footprints->end)));
		json_set(json, "memory_noted", json_noted(footprints));
	}
	if (footprints->end.noted &&
	    footprints->end.memory.pss != PMT_MEMORY_UNKNOWN &&
	    footprints->end.memory.private != PMT_MEMORY_UNKNOWN)
		json_set(json, "sharing", json_sharing(footprints));
	if (verdict->finding != PMT_FINDING_NONE)
		json_set(json, "verdict", json_verdict(verdict));
}
