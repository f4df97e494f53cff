/* SPDX-License-Identifier: MIT */
#include <config.h>

#include "analyse/show_text.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/cli.h"
#include "report/reporttext.h"

/* In brief, how RSS was read is not told; the caller's to free. */
static char *
tracer_text(const struct reading *reading)
{
	const char *rss;

	if (reading->tracer == NULL)
		return NULL;
	rss = reading->options->brief ? strstr(reading->tracer, ", RSS from ")
				      : NULL;
	return cli_need(rss == NULL
			? strdup(reading->tracer)
			: strndup(reading->tracer,
				  (size_t)(rss - reading->tracer)));
}

void
show_text_heading(const struct reading *reading)
{
	static bool printed;
	char *tracer = tracer_text(reading);

	if (printed)
		putchar('\n');
	printed = true;
	pmt_print_heading(stdout, reading->path,
			  reading_message(reading),
			  tracer);
	free(tracer);
}
