/* SPDX-License-Identifier: MIT */
/* recordlog.h - the process records in a log of any kind, plain or gzip'd. */
#ifndef PMT_CLI_RECORDLOG_H
#define PMT_CLI_RECORDLOG_H

#include <stdint.h>

#include "cli/record.h"

/* What there was beside good records. */
struct process_log_stats {
	uint64_t records, broken;
	uint64_t first_broken;	/* its line, counted from 1 */
};

/*
 * Call TAKE for each record in the file PATH, "-" for standard input, in
 * constant memory.  Lines that hold none are other people's.  What cannot be
 * read any further is reported, and what was read so far stands.  Ends the
 * program when the file cannot be opened.
 */
void process_log_read(const char *path, struct process_log_stats *stats,
		      void (*take)(const struct process_record *, void *),
		      void *with);

#endif
