/* SPDX-License-Identifier: MIT */
/* options.h - what pmt-top is asked for. */
#ifndef PMT_TOP_OPTIONS_H
#define PMT_TOP_OPTIONS_H

#include <stdint.h>

#include "cli/watched.h"
#include "top/screen.h"

struct top_arguments {
	struct watched_options watched;	/* pid 0: all programs */
	struct top_screen screen;	/* rows 0: as many as fit */
	const char *openmetrics;	/* a file, or NULL */
	uint16_t port;			/* instead of a file, or 0 */
	unsigned int mode;		/* of the file; 0: as umask says */
};

/* Ends the program with a usage error if they are wrong. */
void top_parse_options(int argc, char **argv, struct top_arguments *arguments);

#endif
