/* SPDX-License-Identifier: MIT */
/* show_plot.c - memory over time, and live objects, drawn by gnuplot. */
#include <config.h>

#include <stdio.h>
#include <stdlib.h>

#include "analyse/show.h"
#include "analyse/show_gnuplot.h"
#include "analyse/show_series.h"
#include "cli/cli.h"

/* A picture has no room for the texts of more. */
#define TEXTS_MAX 20

static void
put_profile(FILE *out, const struct analysis *analysis)
{
	const struct reading *reading = analysis->reading;
	const struct profile *profile = analysis->profile;

	gnuplot_put_heading(out, reading);
	fputs("set key off\n", out);
	for (size_t i = 0; i < profile->mark_count; i++) {
		double clock = (double)profile->marks[i].clock / 1e9;

		fprintf(out, "set arrow from first %.6f,graph 0 to "
			"first %.6f,graph 1 nohead dt 3 lc rgb 'gray40'\n",
			clock, clock);
		if (profile->mark_count > TEXTS_MAX)
			continue;
		fputs("set label ", out);
		gnuplot_put_quoted(out, profile->marks[i].text, 60);
		fprintf(out, " at first %.6f,graph 0.02 rotate by 90 "
			"noenhanced font ',8'\n", clock);
	}
	gnuplot_put_curve(out, "rss", profile->curve, reading, 1048576);
	fputs("plot $rss using 1:2 with steps lw 2\n", out);
}

bool
show_plot_profile(const struct analysis *analysis)
{
	if (analysis->profile->curve->count == 0) {
		cli_warn(0, "%s: nothing to plot", analysis->reading->path);
		return false;
	}
	return gnuplot_draw(analysis, put_profile);
}

static void
put_axes(FILE *out, const struct live_curves *curves)
{
	fputs("set key left top noenhanced\n", out);
	if (curves->bytes)
		fputs("set xlabel 'Time (s)'\nset ylabel 'MiB'\n", out);
	else
		fputs("set ytics nomirror\nset y2tics\n"
		      "set y2label 'Live objects'\nset y2range [0:]\n", out);
}

static void
put_live(FILE *out, const struct analysis *analysis)
{
	const struct live_curves *curves = analysis->curves;
	const struct reading *reading = analysis->reading;
	size_t count;
	struct series *series = series_of(analysis, &count);
	char name[32];

	gnuplot_put_heading(out, reading);
	put_axes(out, curves);
	for (size_t i = 0; i < count; i++) {
		snprintf(name, sizeof(name), "series%zu", i);
		gnuplot_put_curve(out, name, series[i].curve, reading,
				  series[i].bytes ? 1048576 : 1);
	}
	fputs("plot ", out);
	for (size_t i = 0; i < count; i++) {
		fprintf(out, "%s$series%zu using 1:2 axes %s with steps lw 2 "
			"title ", i > 0 ? ", " : "", i,
			series[i].bytes ? "x1y1" : "x1y2");
		gnuplot_put_quoted(out, series[i].name, 60);
	}
	putc('\n', out);
	free(series);
}

bool
show_plot_live(const struct analysis *analysis)
{
	if (analysis->curves->rss->count == 0) {
		cli_warn(0, "%s: nothing to plot", analysis->reading->path);
		return false;
	}
	return gnuplot_draw(analysis, put_live);
}
