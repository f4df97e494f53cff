/* SPDX-License-Identifier: MIT */
/* settings.h - what does pmt-run want of the library, and what is it told? */
#ifndef PMT_ALLOC_SETTINGS_H
#define PMT_ALLOC_SETTINGS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/common.h"

/*
 * Through the file that PMT_RUN names (run/board.h): KEY=VALUE entries, each
 * ended by a NUL.  The texts lie in the library's own memory and stay.
 */
struct pmt_settings {
	const char *output;	/* file or directory, or NULL */
	const char *message;	/* "" if there is none */
	uint64_t sample;	/* bytes between two samples, or 0 */
	uint64_t interval;	/* of summaries, ns, or 0 */
	bool follow;		/* the programs that this one starts, too */
	unsigned int mode;	/* of the files, or 0 */
	bool objects;
	bool native;
	bool summary;
	bool probes;		/* no log: probes alone tell */
};

/*
 * Read them.  Returns 0 or -errno; -ENOENT: pmt-run did not start this
 * process, or asks for another tracer.
 */
PMT_HIDDEN int pmt_settings_read(struct pmt_settings *settings)
	PMT_MUST_CHECK;

/* Add a result, unless the program has closed the file. */
PMT_HIDDEN void pmt_settings_tell(const char *key, const char *value);

/* Have programs that this one starts run as they would without us. */
PMT_HIDDEN void pmt_settings_unload(void);

#endif
