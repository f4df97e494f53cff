/* SPDX-License-Identifier: MIT */
/* options.h - what pmt-process was asked to do. */
#ifndef PMT_PROCESS_OPTIONS_H
#define PMT_PROCESS_OPTIONS_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

enum process_output {
	PROCESS_DEFAULT,	/* records as JSON, a log as tables */
	PROCESS_JSON,
	PROCESS_CSV,
	PROCESS_CLASSIC,
	PROCESS_OPENMETRICS,
};

/* One of pid, command and log is set. */
struct process_arguments {
	pid_t pid;
	char **command;
	const char *log, *directory;	/* read that, plot there */
	uint64_t interval, duration, count;	/* 0: without end */
	int level;		/* as Python's logging has them */
	const char *output;	/* file, or NULL */
	enum process_output format;
	bool pss;
};

/* Read the command line, or end the program as --help and mistakes do. */
void process_parse_options(int argc, char **argv,
			   struct process_arguments *arguments);

#endif
