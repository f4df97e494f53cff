/* SPDX-License-Identifier: MIT */
/* name.h - how a name that others chose may be shown. */
#ifndef PMT_CLI_NAME_H
#define PMT_CLI_NAME_H

/*
 * TEXT without what a terminal would obey, as base/escape.h has it.  The caller
 * frees it; no memory ends the program.
 */
char *cli_printable(const char *text);

/* PATH from behind its last slash, or PATH where nothing stands there. */
const char *cli_base_name(const char *path);

#endif
