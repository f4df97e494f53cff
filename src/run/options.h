/* SPDX-License-Identifier: MIT */
/* options.h - what does the command line of pmt-run ask for? */
#ifndef PMT_RUN_OPTIONS_H
#define PMT_RUN_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/common.h"
#include "run/board.h"

/* As env(1) and timeout(1) have it. */
enum {
	RUN_FAILED = 125,	/* pmt-run itself */
	RUN_CANNOT = 126,	/* the interpreter is there, but does not run */
	RUN_MISSING = 127,	/* there is no such interpreter */
};

/* The strings are argv's. */
struct run_options {
	const char *python;	/* what --python says, or NULL */
	const char **argv;	/* [0]: room for the interpreter; its options */
				/* and the program follow; NULL-terminated */
	const char *script;	/* NULL: a module or code */
	bool quiet;
};

/*
 * Read the command line; what the tracer must know goes on BOARD.  A wrong one
 * ends the process with a usage error.  OPTIONS->argv is the caller's to free.
 */
void run_options_parse(int argc, char **argv, struct run_board *board,
		       struct run_options *options);

/* Put a setting on the board, or end the process with RUN_FAILED. */
void run_options_set(struct run_board *board, const char *key,
		     const char *value);

#endif
