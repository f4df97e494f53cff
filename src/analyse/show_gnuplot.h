/* SPDX-License-Identifier: MIT */
/* show_gnuplot.h - how does gnuplot draw a picture, and do nothing else? */
#ifndef ANALYSE_SHOW_GNUPLOT_H
#define ANALYSE_SHOW_GNUPLOT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "analyse/show.h"
#include "books/curve.h"

/*
 * A string in single quotes, in which gnuplot knows no escapes but the doubled
 * quote: no log and no path can put commands into the program.  What a terminal
 * would not show is a question mark.
 */
void gnuplot_put_quoted(FILE *out, const char *text, size_t max);

/* Which file to draw, of which log: the lines above the curves. */
void gnuplot_put_heading(FILE *out, const struct reading *reading);

/* The data of $NAME, values divided by PER, up to the last clock read. */
void gnuplot_put_curve(FILE *out, const char *name,
		       const struct pmt_curve *curve,
		       const struct reading *reading, double per);

/*
 * Have gnuplot run the program that PUT prints, which draws options->plot.
 * Returns false, after a message, when it could not.
 */
bool gnuplot_draw(const struct analysis *analysis,
		  void (*put)(FILE *out, const struct analysis *analysis));

#endif
