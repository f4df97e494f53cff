/* SPDX-License-Identifier: MIT */
/* dtrace.h - which script shall listen to our probes, run by which tool? */
#ifndef PMT_RUN_DTRACE_H
#define PMT_RUN_DTRACE_H

#include <stdbool.h>
#include <sys/types.h>

#include "base/common.h"

/* A script of pmt-dtrace(7), or a user's own, and who runs it. */
struct run_dtrace {
	char *script;		/* its path */
	bool d;			/* in D, for dtrace; else for bpftrace */
	char *tool;		/* path of bpftrace or dtrace */
	unsigned int probes;	/* those that it names: RUN_PROBE() of each */
	bool objects;		/* blocks of Python's own allocator, too */
	bool no_pymalloc;	/* Python shall do without that allocator */
	bool whole_paths;
	const char *output;	/* NULL: standard error */
};

/*
 * Find the script called NAME, or the file NAME if that has a slash, and the
 * tool for it; one in both languages goes to bpftrace if that is here.  What
 * is missing ends the process with RUN_FAILED, and a line that says how to get
 * it.
 */
void run_dtrace_find(struct run_dtrace *dtrace, const char *name);

/* Print what scripts there are. */
void run_dtrace_list(void);

/*
 * Become the tool, looking at PID; fires its probes by provider PROVIDER.
 * Only returns, a negative errno, if it cannot.
 */
int run_dtrace_exec(const struct run_dtrace *dtrace, pid_t pid,
		    const char *provider) PMT_MUST_CHECK;

/* The same for a process that runs already; ends in either case. */
void run_dtrace_attach(const struct run_dtrace *dtrace, pid_t pid)
	__attribute__((noreturn));

void run_dtrace_free(struct run_dtrace *dtrace);

#endif
