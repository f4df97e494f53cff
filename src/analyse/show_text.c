/* SPDX-License-Identifier: MIT */
#include <config.h>

#include "analyse/show_text.h"

#include <stdio.h>

#include "report/reporttext.h"

void
show_text_heading(const struct reading *reading)
{
	static bool printed;

	if (printed)
		putchar('\n');
	printed = true;
	pmt_print_heading(stdout, reading->path,
			  pmt_log_introduction(reading->log),
			  reading->tracer);
}
