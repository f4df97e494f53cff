/* SPDX-License-Identifier: MIT */
/* metrics.h - live objects of programs as an OpenMetrics exposition. */
#ifndef PMT_TOP_METRICS_H
#define PMT_TOP_METRICS_H

#include <stdio.h>

#include "top/screen.h"

/* What is to be told. */
struct top_metrics {
	const struct top_screen *screen;	/* order, rows, imports */
	const struct top_program *programs;
	size_t count;
};

/* One exposition, "# EOF" included.  METRICS is a struct top_metrics. */
void top_metrics_print(FILE *out, const void *metrics);

#endif
