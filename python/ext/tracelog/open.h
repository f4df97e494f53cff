/* SPDX-License-Identifier: MIT */
/* open.h - open a tracer's log as its user asked. */
#ifndef PMT_TRACELOG_OPEN_H
#define PMT_TRACELOG_OPEN_H

#include "module/compat.h"
#include "module/logoptions.h"
#include "write/tracelog.h"

/* What the tracer knows, beside what its user asked. */
struct tracelog_tracer {
	char kind;		/* 'O' objects, 'P' profile, 'T' trace */
	unsigned int depth;	/* how many of its kind it is stacked upon */
	unsigned int columns;	/* enum pmt_reference_columns */
	enum pmt_rss_mode rss;
	const struct pmt_trigger *numbers;	/* of its events, or NULL */
};

/*
 * Open LOG; what OPTIONS has is borrowed until it is closed.  A forked child
 * finds the event lock free and the log inherited.  Returns 0, or -1 with a
 * Python exception set.  Called ONE_AT_A_TIME, without the event lock.
 */
int tracelog_open(struct pmt_tracelog *log, const struct log_options *options,
		  const struct tracelog_tracer *tracer);

#endif
