/* SPDX-License-Identifier: MIT */
/* Whatever a program shows in its live table, pmt-top prints it whole. */
/* Needs src/top/program.c src/top/screen.c src/top/metrics.c */
/* Needs src/cli/cli.c src/cli/commandline.c src/cli/display.c */
/* Needs src/cli/openmetrics.c */
#include <config.h>

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "top/metrics.h"
#include "top/program.h"
#include "top/screen.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { HEADER = offsetof(struct pmt_livetable, rows), MOST_ROWS = 64,
       MOST_NAMES = 4096, RARE = 0x5a5a };

/* Of one process at a time, for whose sake none of it is cleared. */
static struct pmt_livetable table;

/* The counts and a few rows come first, as they are; the rest are names. */
static void
fill(const uint8_t *data, size_t size)
{
	size_t part = size < HEADER ? size : HEADER;

	memcpy(&table, data, part);
	data += part;
	size -= part;
	/* All that there is room for would take seconds. */
	if (table.row_count % 65536 != RARE)
		table.row_count %= MOST_ROWS;
	table.name_bytes %= MOST_NAMES;
	part = table.row_count % MOST_ROWS * sizeof(*table.rows);
	if (part > size)
		part = size;
	memcpy(table.rows, data, part);
	data += part;
	size -= part;
	if (size > sizeof(table.names))
		abort();
	memcpy(table.names, data, size);
}

/* Lines that nothing in them can end or steer a terminal by. */
static void
check_text(const char *text, size_t size)
{
	for (size_t i = 0; i < size; i++)
		if (((unsigned char)text[i] < ' ' && text[i] != '\n') ||
		    text[i] == '\177')
			abort();
}

static void
show(struct top_program *program)
{
	const struct top_screen screen = { TOP_BY_GROWTH, 100, 80, true,
					   true, false };
	const struct top_metrics metrics = { &screen, program, 1 };
	char *text = NULL;
	size_t size = 0;
	FILE *out = open_memstream(&text, &size);

	if (out == NULL)
		abort();
	top_screen_print(out, &screen, program, 1);
	top_metrics_print(out, &metrics);
	fclose(out);
	check_text(text, size);
	free(text);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct top_program program = { .pid = getpid(), .table = &table };
	static struct pmt_procfs *fs;

	if (fs == NULL && pmt_procfs_open(NULL, &fs) < 0)
		abort();
	/* While it is looked at, it changes. */
	fill(data, size / 2);
	program.sizes = table.with_sizes != 0;
	if (top_program_look(&program, fs) < 0)
		abort();
	show(&program);
	fill(data + size / 2, size - size / 2);
	if (top_program_look(&program, fs) < 0)
		abort();
	show(&program);
	free(program.names);
	free(program.sites);
	free(program.command);
	return 0;
}
