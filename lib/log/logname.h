/* SPDX-License-Identifier: MIT */
/* logname.h - what is a log called when nobody named it? */
#ifndef PMT_LOGNAME_H
#define PMT_LOGNAME_H

#include <stdbool.h>
#include <stddef.h>

#include "base/common.h"
#include "log/encoding.h"

/* What the name tells beside the time (UTC), the process and the ordinal. */
struct pmt_logname {
	char kind;		/* P profile, T trace, O objects */
	unsigned int depth;	/* how many of its kind it is stacked upon */
	const char *version;	/* of Python */
	enum pmt_encoding encoding;	/* tells how the name ends */
	bool thread;		/* the thread that begins it, too */
};

/*
 * Write "DIRECTORY/YYYYMMDD_HHMMSS_<ordinal>_<pid>_<kind>_<depth>_PY<version>
 * .log" (or .pmt, .txt) to PATH; if asked for it is <pid>_<thread>, as
 * pymemtrace 0.6.2 and newer have it.  The ordinal counts the names made in
 * this process, from 0.  Returns 0 or -errno: -ENAMETOOLONG.
 */
int pmt_logname_make(const struct pmt_logname *name, const char *directory,
		     char *path, size_t size) PMT_MUST_CHECK;

#endif
