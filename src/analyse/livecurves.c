/* SPDX-License-Identifier: MIT */
#include <config.h>

#include "analyse/livecurves.h"

#include <fnmatch.h>
#include <stdlib.h>

#include "cli/cli.h"

static struct pmt_curve *
new_curve(void)
{
	return cli_need(calloc(1, sizeof(struct pmt_curve)));
}

struct live_curves *
live_curves_new(const struct pmt_choice *choice)
{
	struct live_curves *curves = cli_need(calloc(1, sizeof(*curves)));
	size_t count = choice->type_count > 0 ? choice->type_count : 1;

	curves->choice = choice;
	curves->rss = new_curve();
	curves->allocated = new_curve();
	curves->list = cli_need(calloc(count, sizeof(*curves->list)));
	for (; curves->count < count; curves->count++) {
		curves->list[curves->count].name = choice->type_count > 0
			? choice->types[curves->count] : "all types";
		curves->list[curves->count].curve = new_curve();
	}
	return curves;
}

struct live_curves *
live_curves_new_of_bytes(void)
{
	static const struct pmt_choice all = { .type_count = 0 };
	struct live_curves *curves = live_curves_new(&all);

	curves->bytes = true;
	curves->list[0].name = "allocated";
	return curves;
}

void
live_curves_free(struct live_curves *curves)
{
	if (curves == NULL)
		return;
	for (size_t i = 0; i < curves->count; i++)
		free(curves->list[i].curve);
	free(curves->list);
	free(curves->rss);
	free(curves->allocated);
	free(curves);
}

static void
count(struct live_curves *curves, const struct pmt_sites *sites, uint32_t site,
      int64_t change, int64_t clock)
{
	uint32_t type = pmt_sites_get(sites, site)->type;
	const char *name = pmt_sites_name(sites, type).bytes;

	for (size_t i = 0; i < curves->count; i++) {
		struct live_curve *one = &curves->list[i];

		if (curves->choice->type_count > 0 &&
		    fnmatch(one->name, name, 0) != 0)
			continue;
		one->live += change;
		pmt_curve_add(one->curve, clock, one->live);
	}
}

/* It stands still at most rows, and points are for where it moves. */
static void
add_rss(struct pmt_curve *curve, int64_t clock, int64_t rss)
{
	if (curve->count == 0 || curve->points[curve->count - 1].last != rss)
		pmt_curve_add(curve, clock, rss);
}

void
live_curves_add(struct live_curves *curves, const struct pmt_sites *sites,
		const struct pmt_event *event, const struct pmt_object *former)
{
	if (PMT_HAS(event, RSS))
		add_rss(curves->rss, event->clock, event->rss);
	if (former->address != 0)
		count(curves, sites, former->site, -1, event->clock);
	if (event->row == PMT_ROW_NEW)
		count(curves, sites, event->site, 1, event->clock);
}
