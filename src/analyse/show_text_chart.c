/* SPDX-License-Identifier: MIT */
/* show_text_chart.c - the RSS of a profile over time, drawn with characters. */
#include <config.h>

#include <stdio.h>
#include <string.h>

#include "analyse/show_text.h"
#include "base/units.h"
#include "report/reporttext.h"

#define WIDTH 64
#define HEIGHT 8
#define EIGHTHS (8 * HEIGHT)

struct chart {
	int64_t start, end;	/* clock */
	int64_t bottom, top;	/* bytes */
	int64_t highs[WIDTH];	/* -1: the column before goes on */
	bool marks[WIDTH];
};

static unsigned
column_of(const struct chart *chart, int64_t clock)
{
	double part = chart->end == chart->start ? 0 :
		(double)(clock - chart->start) /
		(double)(chart->end - chart->start);

	if (part <= 0)
		return 0;
	return part >= 1 ? WIDTH - 1 : (unsigned)(part * WIDTH);
}

static void
fill_chart(struct chart *chart, const struct reading *reading,
	   const struct profile *profile)
{
	const struct pmt_curve *curve = profile->curve;
	int64_t last = curve->points[0].high;

	*chart = (struct chart){
		.start = curve->points[0].clock, .end = reading->last_clock,
		.bottom = INT64_MAX, .top = profile->footprints.peak_rss,
	};
	memset(chart->highs, 0xff, sizeof(chart->highs));
	for (unsigned i = 0; i < curve->count; i++) {
		const struct pmt_curve_point *point = &curve->points[i];
		unsigned column = column_of(chart, point->clock);

		if (point->low < chart->bottom)
			chart->bottom = point->low;
		if (point->high > chart->highs[column])
			chart->highs[column] = point->high;
	}
	/* In a column without rows the last RSS before it goes on. */
	for (unsigned column = 0, i = 0; column < WIDTH; column++) {
		for (; i < curve->count &&
		     column_of(chart, curve->points[i].clock) <= column; i++)
			last = curve->points[i].last;
		if (chart->highs[column] < 0)
			chart->highs[column] = last;
	}
	for (size_t i = 0; i < profile->mark_count; i++)
		chart->marks[column_of(chart, profile->marks[i].clock)] = true;
}

/* How many eighths of a line of text a value fills; at least one. */
static int
eighths(const struct chart *chart, int64_t value)
{
	double part = (double)(value - chart->bottom) /
		      (double)(chart->top - chart->bottom);

	return 1 + (int)(part * (EIGHTHS - 1));
}

static void
print_line(const struct chart *chart, int line, bool utf8)
{
	static const char *const blocks[] = {
		" ", "▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"
	};
	char label[PMT_SIZE_TEXT] = "";

	if (line == HEIGHT - 1)
		pmt_format_size(chart->top, label);
	else if (line == 0)
		pmt_format_size(chart->bottom, label);
	printf("%9s |", label);
	for (unsigned i = 0; i < WIDTH; i++) {
		int level = eighths(chart, chart->highs[i]) - 8 * line;

		level = level < 0 ? 0 : level > 8 ? 8 : level;
		if (utf8)
			fputs(blocks[level], stdout);
		else
			putchar(level >= 4 ? '#' : level > 0 ? '.' : ' ');
	}
	putchar('\n');
}

void
show_text_chart(const struct reading *reading, const struct profile *profile)
{
	char start[PMT_NUMBER_TEXT], end[PMT_NUMBER_TEXT];
	struct chart chart;

	if (profile->curve->count == 0)
		return;
	fill_chart(&chart, reading, profile);
	if (chart.top == chart.bottom)
		return;
	putchar('\n');
	for (int line = HEIGHT; line-- > 0;)
		print_line(&chart, line, reading->options->utf8);
	printf("%9s +", "");
	for (unsigned i = 0; i < WIDTH; i++)
		putchar(chart.marks[i] ? '^' : '-');
	pmt_format_clock(chart.start, start);
	pmt_format_clock(chart.end, end);
	printf("\n%9s  %s s%*s%s s\n", "", start,
	       WIDTH - 4 - (int)strlen(start) - (int)strlen(end), "", end);
	if (profile->mark_count > 0)
		printf("%9s  ^ a message\n", "");
}
