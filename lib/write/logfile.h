/* SPDX-License-Identifier: MIT */
/* logfile.h - where does a tracer's log go, and whose is it after a fork? */
#ifndef PMT_LOGFILE_H
#define PMT_LOGFILE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/common.h"
#include "log/logname.h"
#include "write/recorder.h"

/* A log that was named by the user, or by us (logname.h).  No locks. */
struct pmt_logfile {
	struct pmt_recorder *log;	/* NULL: closed, or the parent's */
	char *path;			/* absolute */
	char *parent_path;		/* of the log that fork() left behind */
	struct pmt_logname name;
	bool named;			/* by the user */
	pmt_recorder_open *open;	/* in the form asked for */
	uint64_t limit;			/* bytes; 0: none */
	bool ring;
	unsigned int mode;		/* see recorder.h */
	bool inherited;			/* by fork: this process has none yet */
	unsigned int unsettled;		/* rows to be flushed at once */
	uint64_t flushed;		/* ticks of the last flush */
	uint64_t flush_period;		/* ticks */
	uint64_t late_until;		/* ticks: a child's log has no file */
	uint64_t left_out;		/* by its limit, once it has ended */
};

/* PATH seen from the root; the caller's to free.  NULL with errno set. */
char *pmt_logfile_absolute(const char *path);

/*
 * A log that is written already would be written by two if a function with a
 * fixed path calls itself: it logs to PATH.1, PATH.2 then.  *UNUSED becomes
 * the first of them of which IN_USE (it is given an absolute path) is false,
 * absolute, the caller's to free; NULL if PATH is NULL.  Devices are never in
 * use.  Returns 0 or -errno.
 */
int pmt_logfile_unused(const char *path, bool (*in_use)(const char *path),
		       char **unused) PMT_MUST_CHECK;

/* What a log is to be. */
struct pmt_logfile_options {
	struct pmt_logname name;	/* if it has to be generated */
	pmt_recorder_open *open;
	uint64_t limit;			/* bytes, see recorder.h; 0: none */
	bool ring;
	unsigned int mode;		/* see recorder.h */
};

/*
 * Create the log: PATH, or a generated name in PATH if that is a directory, or
 * in the working directory if it is NULL.  An existing log of that name is
 * truncated.  The logs of forked children will be as this one.  Returns 0 or
 * -errno; *failed is then the path (the caller's to free, or NULL) and the file
 * is as it was.
 */
int pmt_logfile_open(struct pmt_logfile *file, const char *path,
		     const struct pmt_logfile_options *options, char **failed)
	PMT_MUST_CHECK;

/*
 * Flush every NS nanoseconds, not after the first rows and then every second;
 * 0: only when told to.
 */
void pmt_logfile_period(struct pmt_logfile *file, uint64_t ns);

/*
 * Close the log, with LAST as in recorder.h, and in a forked child join the
 * tail that its parent left, if that has ended.  Returns 0 or -errno of the
 * first write that failed; the path stays.
 */
int pmt_logfile_close(struct pmt_logfile *file, const struct pmt_note *last);

/* Close, and forget the path.  All zeroes is allowed. */
void pmt_logfile_fini(struct pmt_logfile *file);

/* In the child of fork(2), before anything else: the log is the parent's. */
void pmt_logfile_inherit(struct pmt_logfile *file);

/*
 * In that child: begin its own log, beside the parent's, when it has the first
 * thing to say.  Its file is made at the end, with its 32nd row or the first
 * one 50 ms later: most children that only call _exit(2) leave none.  Returns
 * 0 or -errno, and does not try twice.
 */
int pmt_logfile_open_inherited(struct pmt_logfile *file) PMT_MUST_CHECK;

/* For the inline function: hand over what is written, at TICKS. */
void pmt_logfile_flush(struct pmt_logfile *file, uint64_t ticks);

/*
 * After a row, at TICKS: hand over what is older than the period, for whoever
 * looks on.  Returns true if it was time.
 */
static inline bool
pmt_logfile_flush_old(struct pmt_logfile *file, uint64_t ticks)
{
	if (pmt_likely(ticks - file->flushed < file->flush_period))
		return false;
	pmt_logfile_flush(file, ticks);
	return true;
}

#endif
