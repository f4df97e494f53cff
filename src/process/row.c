/* SPDX-License-Identifier: MIT */
#include <config.h>

#include "process/row.h"

#include <errno.h>
#include <math.h>
#include <search.h>
#include <stdlib.h>

#include "cli/cli.h"

struct last {
	pid_t pid;
	double elapsed, cpu;
	double faults;		/* NAN: not known */
	double faults_per_s, inst_cpu;
};

struct process_past {
	void *tree;		/* of struct last, by pid */
};

static int
compare(const void *a, const void *b)
{
	const struct last *x = a, *y = b;

	return (x->pid > y->pid) - (x->pid < y->pid);
}

struct process_past *
process_past_new(void)
{
	struct process_past *past = calloc(1, sizeof(*past));

	if (past == NULL)
		cli_die(CLI_FAILED, ENOMEM, "cannot read");
	return past;
}

void
process_past_free(struct process_past *past)
{
	tdestroy(past->tree, free);
	free(past);
}

/* The last record of PID, all of it unknown if this is the first. */
static struct last *
find_last(struct process_past *past, pid_t pid)
{
	struct last key = { .pid = pid }, *fresh;
	struct last **found = tfind(&key, &past->tree, compare);

	if (found != NULL)
		return *found;
	fresh = malloc(sizeof(*fresh));
	if (fresh == NULL)
		cli_die(CLI_FAILED, ENOMEM, "cannot read");
	fresh->pid = pid;
	if (tsearch(fresh, &past->tree, compare) == NULL)
		cli_die(CLI_FAILED, ENOMEM, "cannot read");
	fresh->elapsed = fresh->cpu = fresh->faults = NAN;
	fresh->faults_per_s = fresh->inst_cpu = NAN;
	return fresh;
}

struct process_row
process_row(struct process_past *past, const struct process_record *record)
{
	struct last *last = find_last(past, record->pid);
	double cpu = record->user + record->system;
	double faults = (record->has & PROCESS_FAULTS) == 0 ? NAN :
			(double)(record->minor_faults + record->major_faults);
	double time = record->elapsed - last->elapsed;
	struct process_row row = { .record = record, .cpu = cpu };

	row.mean_cpu = record->elapsed > 0 ? cpu / record->elapsed : NAN;
	if (!(fabs(time) > 0)) {
		/* Also the first of all, whose time is NAN. */
		row.faults_per_s = last->faults_per_s;
		row.inst_cpu = last->inst_cpu;
		if (!isnan(time))
			return row;
	} else if (time > 0) {
		row.faults_per_s = (faults - last->faults) / time;
		row.inst_cpu = (cpu - last->cpu) / time;
	} else {
		/* Its number has gone to another process. */
		row.faults_per_s = row.inst_cpu = NAN;
	}
	last->elapsed = record->elapsed;
	last->cpu = cpu;
	last->faults = faults;
	last->faults_per_s = row.faults_per_s;
	last->inst_cpu = row.inst_cpu;
	return row;
}
