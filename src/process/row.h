/* SPDX-License-Identifier: MIT */
/* row.h - what two records of a process say together: rates. */
#ifndef PMT_PROCESS_ROW_H
#define PMT_PROCESS_ROW_H

#include "cli/record.h"

/* CPU is user and system time; what is not known is NAN. */
struct process_row {
	const struct process_record *record;
	double faults_per_s;	/* since the record before */
	double cpu;		/* seconds used in all */
	double mean_cpu;	/* of the life of the process, 1 is one CPU */
	double inst_cpu;	/* since the record before */
};

/* Remembers the last record of each process. */
struct process_past;

struct process_past *process_past_new(void);
void process_past_free(struct process_past *past);

/*
 * Compare RECORD with the one before of its pid.  Records of the same moment,
 * such as labels, share the rates of the first.
 */
struct process_row process_row(struct process_past *past,
			       const struct process_record *record);

#endif
