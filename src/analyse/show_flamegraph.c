/* SPDX-License-Identifier: MIT */
/* show_flamegraph.c - call paths as a picture: who calls is below. */
#include <config.h>

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "analyse/allocations.h"
#include "analyse/names.h"
#include "analyse/output.h"
#include "analyse/show_stacks.h"
#include "base/units.h"
#include "cli/cli.h"
#include "report/reporttext.h"

/* Pixels; a character of the font is LETTER wide. */
enum { WIDTH = 1200, ROW = 18, TOP = 44, BOTTOM = 28, LETTER = 7 };

/* What is narrower than a thousandth is left out. */
enum { SMALLEST = 1000 };

struct picture {
	FILE *out;
	const struct stacks *stacks;
	uint64_t *totals;		/* of each node, with what it calls */
	uint64_t *left;			/* of each node: where it begins */
	uint32_t *depth;		/* of each node; 0 is all */
	uint32_t deepest;
	bool bytes;
};

static bool
is_drawn(const struct picture *picture, uint32_t node)
{
	return picture->depth[node] <= STACK_DEPTH &&
	       picture->totals[node] >=
			picture->totals[0] / SMALLEST +
			(picture->totals[0] % SMALLEST != 0) &&
	       picture->totals[node] > 0;
}

/* A caller's number is lower: one pass places what it calls within it. */
static void
lay_out(struct picture *picture)
{
	const struct stacks *stacks = picture->stacks;
	uint32_t count = stacks->node_count;
	uint64_t *next = cli_need(calloc(count, sizeof(*next)));

	for (uint32_t i = 1; i < count; i++) {
		uint32_t caller = stacks->nodes[i].caller;

		picture->left[i] = next[caller];
		next[i] = next[caller];
		next[caller] += picture->totals[i];
		picture->depth[i] = picture->depth[caller] + 1;
		if (is_drawn(picture, i) &&
		    picture->depth[i] > picture->deepest)
			picture->deepest = picture->depth[i];
	}
	free(next);
}

static void
put_name(FILE *out, struct pmt_text name, size_t max)
{
	static const struct name_escape markup[] = {
		{ '<', "&lt;" }, { '>', "&gt;" }, { '&', "&amp;" }, { 0 },
	};

	name_print(out, name, max, markup);
}

/* Whose code is it: the program's, a package's or Python's, or C? */
static const char *
kind_of(const struct stack_frame *frame)
{
	if (frame->file.length == 0)
		return "c";
	return allocations_is_own(frame->file) ? "own" : "lib";
}

static void
put_value(const struct picture *picture, uint64_t value)
{
	char size[PMT_SIZE_TEXT], count[PMT_NUMBER_TEXT];

	fprintf(picture->out, "%s, %.1f%%", picture->bytes ?
		pmt_format_size((int64_t)value, size) :
		pmt_format_count(value, count),
		100.0 * (double)value / (double)picture->totals[0]);
}

static void
put_node(const struct picture *picture, uint32_t node)
{
	const struct stack_node *is = &picture->stacks->nodes[node];
	const struct stack_frame all = { .function = { "all", 3 } };
	const struct stack_frame *frame = node == 0 ? &all :
		&picture->stacks->frames[is->frame];
	double scale = (double)WIDTH / (double)picture->totals[0];
	double x = (double)picture->left[node] * scale;
	double width = (double)picture->totals[node] * scale;
	uint32_t y = TOP + (picture->deepest - picture->depth[node]) * ROW;
	size_t letters = (size_t)(width / LETTER);

	fputs("<g><title>", picture->out);
	put_name(picture->out, frame->function, SIZE_MAX);
	if (frame->file.length > 0) {
		fputs(" ", picture->out);
		put_name(picture->out, frame->file, SIZE_MAX);
		if (frame->line > 0)
			fprintf(picture->out, ":%" PRIu32, frame->line);
	}
	fputs(": ", picture->out);
	put_value(picture, picture->totals[node]);
	fprintf(picture->out, "</title><rect class=\"%s\" x=\"%.2f\" "
		"y=\"%" PRIu32 "\" width=\"%.2f\" height=\"%d\" rx=\"2\"/>",
		node == 0 ? "all" : kind_of(frame), x, y,
		width > 1 ? width - 0.5 : width, ROW - 1);
	if (letters >= 3) {
		fprintf(picture->out, "<text x=\"%.2f\" y=\"%" PRIu32 "\">",
			x + 3, y + ROW - 5);
		put_name(picture->out, frame->function, letters - 1);
		fputs("</text>", picture->out);
	}
	fputs("</g>\n", picture->out);
}

static void
put_head(const struct picture *picture, const struct reading *reading)
{
	const struct stacks *stacks = picture->stacks;
	uint32_t height = TOP + (picture->deepest + 1) * ROW + BOTTOM;

	fprintf(picture->out, "<svg xmlns=\"http://www.w3.org/2000/svg\" "
		"viewBox=\"0 0 %d %" PRIu32 "\" width=\"%d\" "
		"font-family=\"monospace\" font-size=\"11\">\n<style>"
		"svg{background:#fff;color:#222}text{fill:#222}"
		".own{fill:#f4a259}.lib{fill:#a8c5da}.c{fill:#c9c9c9}"
		".all{fill:#e3e3e3}g:hover rect{stroke:#000}"
		"</style>\n", WIDTH, height, WIDTH);
	fputs("<text x=\"3\" y=\"18\" font-size=\"14\">", picture->out);
	put_name(picture->out, (struct pmt_text){
		reading->path, strlen(reading->path) }, 120);
	fprintf(picture->out, ": %s", stacks->measures[stacks->chosen].name);
	fprintf(picture->out, "</text>\n<text x=\"3\" y=\"34\">orange: the "
		"program's own code; blue: Python's and packages'; grey: C; "
		"paths below a thousandth are left out</text>\n");
}

static void
draw(struct picture *picture, const struct reading *reading)
{
	lay_out(picture);
	put_head(picture, reading);
	for (uint32_t i = 0; i < picture->stacks->node_count; i++)
		if (is_drawn(picture, i))
			put_node(picture, i);
	fputs("</svg>\n", picture->out);
}

bool
show_flamegraph(const struct stacks *stacks, const struct reading *reading)
{
	const char *path = reading->options->out;
	uint32_t count = stacks->node_count;
	struct picture picture = {
		.out = output_open(path), .stacks = stacks,
		.bytes = stacks->measures[stacks->chosen].unit[0] == 'b',
	};

	if (picture.out == NULL)
		return false;
	picture.totals = stacks_totals(stacks, stacks->chosen);
	picture.left = cli_need(calloc(count, sizeof(*picture.left)));
	picture.depth = cli_need(calloc(count, sizeof(*picture.depth)));
	draw(&picture, reading);
	free(picture.totals);
	free(picture.left);
	free(picture.depth);
	return output_close(picture.out, path);
}
