/* SPDX-License-Identifier: MIT */
/* display.h - a table that is redrawn in place, and keys that steer it. */
#ifndef PMT_CLI_DISPLAY_H
#define PMT_CLI_DISPLAY_H

#include <stddef.h>

/*
 * Take the screen, and keys as they are pressed; cli_display_end(), which exit
 * calls too, puts all back.  Where the keyboard is no terminal there are no
 * keys.
 */
void cli_display_begin(void);
void cli_display_end(void);

/* Where keys come from, for poll(2), or -1. */
int cli_display_keys(void);

/* The keys that wait: into KEYS, returns how many.  A keyboard may go. */
size_t cli_display_read(char *keys, size_t size);

/* How many lines there are. */
int cli_display_lines(void);

/* Put TEXT, lines that end in newlines, on the screen from its top on. */
void cli_display_show(const char *text);

#endif
