/* SPDX-License-Identifier: MIT */
#include <config.h>

#include "analyse/show_series.h"

#include <stdlib.h>

#include "cli/cli.h"

static void
add(struct series *list, size_t *count, const char *name, bool bytes,
    const struct pmt_curve *curve)
{
	if (curve->count > 0)
		list[(*count)++] = (struct series){ name, bytes, curve };
}

struct series *
series_of(const struct analysis *analysis, size_t *count)
{
	const struct live_curves *curves = analysis->curves;
	size_t most = curves != NULL ? curves->count + 1 : 1;
	struct series *list = cli_need(calloc(most, sizeof(*list)));

	*count = 0;
	add(list, count, "RSS", true,
	    curves != NULL ? curves->rss : analysis->profile->curve);
	for (size_t i = 0; curves != NULL && i < curves->count; i++)
		add(list, count, curves->list[i].name, curves->bytes,
		    curves->list[i].curve);
	return list;
}
