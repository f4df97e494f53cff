/* SPDX-License-Identifier: MIT */
/* screen.h - the table of what grows, by program, type and place. */
#ifndef PMT_TOP_SCREEN_H
#define PMT_TOP_SCREEN_H

#include <stdbool.h>
#include <stdio.h>

#include "top/program.h"

enum top_order { TOP_BY_GROWTH, TOP_BY_LIVE, TOP_BY_BYTES, TOP_BY_MADE };

/* "growth" and the like; false when NAME is none. */
bool top_order_named(const char *name, enum top_order *order);

/* The names, for help. */
#define TOP_ORDERS "growth, live, bytes or made"

/* What KEY, one pressed, orders by; false: it is no such key. */
bool top_order_of_key(char key, enum top_order *order);

struct top_screen {
	enum top_order order;
	size_t rows;		/* at most */
	int width;		/* columns; what is longer is cut */
	bool imports;		/* what imports made has rows, too */
	bool utf8, colour;
};

/* A site, and whose it is. */
struct top_row {
	const struct top_program *program;
	const struct top_site *site;
};

/*
 * The sites of COUNT programs where anything is alive, by ORDER; *ROWS of them.
 * The caller frees the list.
 */
struct top_row *top_rows(const struct top_program *programs, size_t count,
			 const struct top_screen *screen, size_t *rows);

/* Everything, in lines. */
void top_screen_print(FILE *out, const struct top_screen *screen,
		      const struct top_program *programs, size_t count);

#endif
