/* SPDX-License-Identifier: MIT */
/* options.h - what pmt-process was asked to do. */
#ifndef PMT_PROCESS_OPTIONS_H
#define PMT_PROCESS_OPTIONS_H

#include <stdbool.h>

#include "cli/watched.h"

enum process_output {
	PROCESS_DEFAULT,	/* records as JSON, a log as tables */
	PROCESS_JSON,
	PROCESS_CSV,
	PROCESS_CLASSIC,
	PROCESS_OPENMETRICS,
};

/* One of watched.pid, watched.command and log is set. */
struct process_arguments {
	struct watched_options watched;
	const char *log, *directory;	/* read that, plot there */
	int level;		/* as Python's logging has them */
	const char *output;	/* file, or NULL */
	unsigned mode;		/* of that file, or 0: as the umask has it */
	int format;		/* enum process_output */
	bool pss;
};

/* Read the command line, or end the program as --help and mistakes do. */
void process_parse_options(int argc, char **argv,
			   struct process_arguments *arguments);

#endif
