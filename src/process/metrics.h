/* SPDX-License-Identifier: MIT */
/* metrics.h - processes as an OpenMetrics exposition. */
#ifndef PMT_PROCESS_METRICS_H
#define PMT_PROCESS_METRICS_H

#include "base/common.h"
#include "cli/record.h"

/* The last record of each process. */
struct process_metrics;

struct process_metrics *process_metrics_new(void);

/* RECORD takes the place of the last one; NAME is its comm, or NULL. */
void process_metrics_set(struct process_metrics *metrics,
			 const struct process_record *record, const char *name);

/* One exposition, "# EOF" included. */
void process_metrics_print(const struct process_metrics *metrics, FILE *out);

/*
 * The same into FILE, which is replaced as a whole, for the textfile collector
 * reads at any moment.  MODE is its own; 0: as the umask has it.  Returns 0 or
 * -errno.
 */
int process_metrics_replace(const struct process_metrics *metrics,
			    const char *file, unsigned mode) PMT_MUST_CHECK;

void process_metrics_free(struct process_metrics *metrics);

#endif
