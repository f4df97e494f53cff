/* SPDX-License-Identifier: MIT */
/* tool.h - how does one program of the suite start another? */
#ifndef PMT_CLI_TOOL_H
#define PMT_CLI_TOOL_H

#include <limits.h>

/*
 * The directory that our program stands in; in SELF.  Where the kernel does not
 * tell, "/", where nothing of ours is.
 */
const char *cli_here(char self[PATH_MAX]);

/*
 * Become NAME, "pmt-run", with the arguments ARGV, of which the first is
 * replaced: that of our directory or else of PATH.  Ends the program, with 127
 * or 126 and a message, if that cannot be.
 */
void cli_become(char *name, char **argv) __attribute__((noreturn));

/* Run it, and wait.  Returns its exit status, 128 more than a signal. */
int cli_run_tool(char *name, char **argv);

#endif
