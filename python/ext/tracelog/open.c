/* SPDX-License-Identifier: MIT */
#include <config.h>

#include "tracelog/open.h"

#include <stdlib.h>
#include <string.h>

#include "module/pmtmodule.h"
#include "module/pymalloc.h"
#include "module/threads.h"
#include "report/recorders.h"

#define THREAD_IN_NAME "PMT_THREAD_IN_LOG_NAME"

static int
open_unused(struct pmt_tracelog *log,
	    const struct pmt_tracelog_options *options, const char *filepath,
	    char **failed)
{
	char *path;
	int err;

	events_lock();
	err = pmt_tracelog_unused(filepath, &path);
	events_unlock();
	if (err == 0)
		err = pmt_tracelog_open(log, options, path, failed);
	free(path);
	return err;
}

int
tracelog_open(struct pmt_tracelog *log, const struct log_options *options,
	      const struct tracelog_tracer *tracer)
{
	const struct pmt_tracelog_options asked = {
		.file = {
			.name = {
				.kind = tracer->kind,
				.depth = tracer->depth,
				.version = compat_version(),
				.encoding = options->encoding,
				.thread = getenv(THREAD_IN_NAME) != NULL,
			},
			.open = pmt_recorder_of(options->encoding),
			.limit = options->limit,
			.ring = options->ring,
			.mode = options->mode,
		},
		.message = options->message,
		.columns = tracer->columns,
		.rss = tracer->rss,
		.interval = options->interval,
		.summary = pmt_encoding_keeps_books(options->encoding),
		.memory = options->memory ? pymalloc_read : NULL,
		.numbers = tracer->numbers,
	};
	char *failed = NULL;
	int err = threads_prepare_fork();

	if (err == 0)
		err = open_unused(log, &asked, options->filepath, &failed);
	if (err == 0)
		return 0;
	/* Without a file that failed it is the ring of page faults. */
	if (failed == NULL && tracer->rss == PMT_RSS_RING)
		PyErr_Format(PyExc_OSError, "rss=\"ring\" is not to be had "
			     "here: perf_event_open: %s", strerror(-err));
	else
		set_os_error(err, failed != NULL ? failed : "/proc/self/statm");
	free(failed);
	return -1;
}
