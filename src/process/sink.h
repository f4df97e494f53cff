/* SPDX-License-Identifier: MIT */
/* sink.h - where a recorder's samples go, one whole line at a time. */
#ifndef PMT_PROCESS_SINK_H
#define PMT_PROCESS_SINK_H

#include <stdbool.h>

#include "process/options.h"
#include "cli/record.h"

struct process_sink;

/* Open what ARGUMENTS name, or end the program with a message. */
struct process_sink *process_sink_open(
	const struct process_arguments *arguments);

/*
 * Write RECORD of the process called NAME.  Returns false, after a message,
 * when that has failed: the process to watch is not to suffer from it.
 */
bool process_sink_write(struct process_sink *sink,
			const struct process_record *record, const char *name);

/* Returns false, after a message, when not all could be written. */
bool process_sink_close(struct process_sink *sink);

#endif
