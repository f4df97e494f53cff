/* SPDX-License-Identifier: MIT */
/* options.h - what does the command line of pmt-run ask for? */
#ifndef PMT_RUN_OPTIONS_H
#define PMT_RUN_OPTIONS_H

#include "run/board.h"
#include "run/settings.h"

/*
 * Read the command line; what the tracer must know goes on BOARD.  A wrong one
 * ends the process with a usage error.  OPTIONS->argv is the caller's to free.
 */
void run_options_parse(int argc, char **argv, struct run_board *board,
		       struct run_options *options);

#endif
