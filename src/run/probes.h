/* SPDX-License-Identifier: MIT */
/* probes.h - which probes does a script listen to? */
#ifndef PMT_RUN_PROBES_H
#define PMT_RUN_PROBES_H

#include <stdbool.h>

#include "base/common.h"

/* The probes of pmt-dtrace(7), as SystemTap has them: "malloc__site". */
enum run_probe {
	RUN_FUNCTION_ENTRY, RUN_FUNCTION_RETURN, RUN_RSS_CHANGE,
	RUN_OBJECT_NEW, RUN_OBJECT_DEL, RUN_MALLOC_SITE, RUN_FREE_SITE,
	RUN_PROBES,
};
#define RUN_PROBE(probe) (1U << (probe))
enum {
	RUN_OF_FUNCTIONS = RUN_PROBE(RUN_FUNCTION_ENTRY) |
			   RUN_PROBE(RUN_FUNCTION_RETURN),
	RUN_OF_LIBRARY = RUN_PROBE(RUN_MALLOC_SITE) | RUN_PROBE(RUN_FREE_SITE),
};
const char *run_probe_name(enum run_probe probe);

/*
 * RUN_PROBE() of each that SCRIPT, a file's path, listens to; of one in D, that
 * the preprocessor leaves of it.  Ends the process with RUN_FAILED and a
 * message if it cannot be read.
 */
unsigned int run_probes_of(const char *script, bool d);

#endif
