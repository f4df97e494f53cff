/* SPDX-License-Identifier: MIT */
#include <config.h>

#include "analyse/show_text.h"

#include <inttypes.h>
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

/* Of native code "libc.so.6 qsort", or "libz.so.1+0x1234". */
void
show_text_site(const struct reading *reading, uint32_t file, uint32_t line,
	       uint32_t function)
{
	struct pmt_text name;

	pmt_print_name(stdout, pmt_file_name(
		pmt_sites_name(reading->sites, file),
		reading->options->full_path), 0);
	if (line != PMT_NO_PART && line != 0)
		printf(":%" PRIu32, line);
	if (function == PMT_NO_PART)
		return;
	name = pmt_sites_name(reading->sites, function);
	if (name.length == 0 || name.bytes[0] != '+')
		putchar(' ');
	pmt_print_name(stdout, name, 0);
}
