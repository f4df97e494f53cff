/* SPDX-License-Identifier: MIT */
/* openmetrics.h - an exposition as OpenMetrics 1.0 has it. */
#ifndef PMT_CLI_OPENMETRICS_H
#define PMT_CLI_OPENMETRICS_H

#include <stddef.h>
#include <stdio.h>

#include "base/common.h"

/* The lines before the samples of NAME; UNIT may be NULL. */
void openmetrics_head(FILE *out, const char *name, const char *type,
		      const char *unit, const char *help);

/* The LENGTH bytes at TEXT as a label's value, between its quotes. */
void openmetrics_value(FILE *out, const char *text, size_t length);

/*
 * What PRINT writes of WHAT into FILE, which is replaced as a whole, for the
 * textfile collector reads at any moment.  MODE is its own; 0: as the umask has
 * it.  Returns 0 or -errno.
 */
int openmetrics_replace(const char *file, unsigned mode,
			void (*print)(FILE *out, const void *what),
			const void *what) PMT_MUST_CHECK;

#endif
