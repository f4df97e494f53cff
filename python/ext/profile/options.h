/* SPDX-License-Identifier: MIT */
/* options.h - what did the user ask of a Profile or Trace? */
#ifndef PMT_PROFILE_OPTIONS_H
#define PMT_PROFILE_OPTIONS_H

#include "module/compat.h"
#include "module/logoptions.h"
#include "module/patterns.h"
#include "sample/sampler.h"

enum profiler_kind {
	PROFILER_PROFILE,	/* calls and returns, of C functions too */
	PROFILER_TRACE,		/* calls, returns, lines and exceptions */
	PROFILER_KINDS,
};

/* "Profile" or "Trace"; names of logs begin with the first letter. */
const char *profiler_kind_name(enum profiler_kind kind);

/* Who tells us of events. */
enum profiler_engine {
	PROFILER_AUTO,		/* sys.monitoring where there is one */
	PROFILER_MONITORING,	/* CPython 3.12 */
	PROFILER_LEGACY,	/* PyEval_SetProfile(), PyEval_SetTrace() */
};

/* What the user asked for; strings are malloc's and the options' own. */
struct profiler_options {
	int64_t d_rss_trigger;
	struct log_options log;
	unsigned int columns;	/* enum pmt_reference_columns */
	enum pmt_rss_mode rss;
	enum profiler_engine engine;
	bool all_threads;
	bool opcodes;
	struct patterns include_files;
	struct patterns exclude_files;
	struct patterns include_functions;
};

/*
 * Read the arguments of Profile() or Trace() into *OPTIONS, which is all
 * zeroes.  Returns 0, or -1 with a Python exception set;
 * profiler_options_fini() is due in either case.
 */
int profiler_options_init(struct profiler_options *options,
			  enum profiler_kind kind, PyObject *args,
			  PyObject *kwargs);

void profiler_options_fini(struct profiler_options *options);

#endif
