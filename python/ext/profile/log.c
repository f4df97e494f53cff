/* SPDX-License-Identifier: MIT */
#include <config.h>

#include "profile/log.h"

#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "module/location.h"
#include "module/pmtmodule.h"
#include "module/threads.h"
#include "report/recorders.h"

/* The numbers of a row that comes after the latest event. */
static void
number_row(struct profiler *profiler, struct pmt_profile_event *row)
{
	row->event = profiler->trigger.event + 1;
	row->d_event = row->event - profiler->trigger.row_event;
	row->clock = pmt_clock_cpu(&profiler->clock, pmt_ticks()) / 1000;
}

static void
put_text(struct profiler *profiler, bool error, const char *text, size_t size)
{
	struct pmt_profile_event row = { 0 };
	struct pmt_note note = { .error = error, .text = text, .size = size };

	number_row(profiler, &row);
	note.event = row.event;
	note.d_event = row.d_event;
	note.clock = row.clock;
	pmt_recorder_note(profiler->file.log, &note);
}

void
profiler_note(struct profiler *profiler, bool error, const char *format, ...)
{
	va_list args;
	char *text;
	int n;

	va_start(args, format);
	n = vasprintf(&text, format, args);
	va_end(args);
	if (n == -1)
		return;
	put_text(profiler, error, text, (size_t)n);
	free(text);
}

/*
 * FRST and LAST: not events, but where the block begins and ends, so the
 * Python code that runs now.
 */
void
profiler_log_end_row(struct profiler *profiler, enum pmt_row tag,
		     PyThreadState *tstate)
{
	struct pmt_profile_event row = { .what = PMT_WHAT_LINE };
	struct pmt_place place;

	location_current(tstate, &place);
	number_row(profiler, &row);
	row.file = place.file;
	row.function = place.function;
	row.line = place.line;
	pmt_sampler_read(profiler->sampler, pmt_ticks(), tstate);
	row.rss = profiler->sampler->rss;
	row.d_rss = (int64_t)(row.rss - profiler->trigger.row_rss);
	row.thread = compat_thread_id(tstate);
	pmt_recorder_profile(profiler->file.log, tag, &row);
}

/* FRST is event 0, and nothing comes before it. */
void
profiler_log_begin(struct profiler *profiler, PyThreadState *tstate)
{
	static const char *const engines[] = {
		[PROFILER_MONITORING] = "sys.monitoring",
		[PROFILER_LEGACY] = "PyEval_SetProfile/SetTrace",
	};
	struct pmt_trigger *trigger = &profiler->trigger;
	char sampling[512];

	pmt_clock_init(&profiler->clock);
	memset(trigger, 0, sizeof(*trigger));
	trigger->event = UINT64_MAX;
	pmt_sampler_describe(profiler->sampler, sampling, sizeof(sampling));
	pmt_recorder_begin(profiler->file.log,
			   *profiler_kind_name(profiler->kind),
			   profiler->options.all_threads ? PMT_WITH_THREAD : 0,
			   profiler->options.log.message);
	profiler_note(profiler, false, "pmt %s, CPython %s, events from %s, %s",
		      PACKAGE_VERSION, compat_version(),
		      engines[profiler->engine], sampling);
	if (profiler->file.parent_path != NULL)
		profiler_note(profiler, false,
			      "Forked from process %jd, log %s",
			      (intmax_t)getppid(), profiler->file.parent_path);
	profiler_log_end_row(profiler, PMT_ROW_FRST, tstate);
	profiler->first_rss = profiler->sampler->rss;
	pmt_trigger_init(trigger, profiler->options.d_rss_trigger,
			 profiler->sampler->page, profiler->sampler->rss);
}

/* In the child of a fork the first thing to say begins a log of its own. */
bool
profiler_has_log(struct profiler *profiler, PyThreadState *tstate)
{
	if (pmt_likely(profiler->file.log != NULL))
		return true;
	if (!profiler->file.inherited ||
	    pmt_logfile_open_inherited(&profiler->file) < 0)
		return false;
	pmt_sampler_reopen_after_fork(profiler->sampler);
	profiler_log_begin(profiler, tstate);
	return true;
}

void
profiler_log_inherited(struct profiler *profiler)
{
	events_lock_without_gil();
	(void)profiler_has_log(profiler, PyThreadState_Get());
	events_unlock_without_gil();
}

void
profiler_log_tell_losses(struct profiler *profiler)
{
	const struct pmt_recorder *log = profiler->file.log;

	profiler->file.lost = log->lost;
	profiler_note(profiler, true, "%" PRIu64 " rows were lost here: %s",
		      log->lost, strerror(log->error));
}

bool
profiler_message(struct profiler *profiler, const char *text, size_t size)
{
	bool open;

	events_lock_without_gil();
	open = profiler->entered &&
	       profiler_has_log(profiler, PyThreadState_Get());
	if (open)
		put_text(profiler, false, text, size);
	events_unlock_without_gil();
	return open;
}

static int
open_file(struct profiler *profiler, PyThreadState *tstate, char **failed)
{
	const struct log_options *options = &profiler->options.log;
	const struct pmt_logfile_options file = {
		.name = {
			.kind = *profiler_kind_name(profiler->kind),
			.depth = profiler_depth(profiler->kind, tstate->id),
			.version = compat_version(),
			.encoding = options->encoding,
		},
		.open = pmt_recorder_of(options->encoding),
		.limit = options->limit,
		.ring = options->ring,
	};
	char *path;
	int err = pmt_logfile_unused(options->filepath, profiler_uses, &path);

	pmt_logfile_fini(&profiler->file);
	if (err == 0)
		err = pmt_logfile_open(&profiler->file, path, &file, failed);
	free(path);
	return err;
}

int
profiler_log_open(struct profiler *profiler, PyThreadState *tstate)
{
	enum pmt_rss_mode mode = profiler->options.rss;
	char *failed = NULL;
	int err = pmt_sampler_open(mode, &profiler->sampler);

	if (err == 0)
		err = open_file(profiler, tstate, &failed);
	if (err == 0)
		return 0;
	if (mode == PMT_RSS_RING && profiler->sampler == NULL)
		PyErr_Format(PyExc_OSError, "rss=\"ring\" is not to be had "
			     "here: perf_event_open: %s", strerror(-err));
	else
		set_os_error(err, failed);
	free(failed);
	pmt_sampler_close(profiler->sampler);
	profiler->sampler = NULL;
	return -1;
}

void
profiler_log_fini(struct profiler *profiler)
{
	struct profiler_previous *previous = &profiler->previous;

	location_drop(previous->code);
	free(previous->callee);
	memset(previous, 0, sizeof(*previous));
	if (profiler->sampler != NULL)
		profiler->reads = profiler->sampler->reads;
	pmt_sampler_close(profiler->sampler);
	profiler->sampler = NULL;
}

/* Rows were lost after the last of them that could be told of. */
static int
close_file(struct profiler *profiler)
{
	const struct pmt_recorder *log = profiler->file.log;
	struct pmt_profile_event row = { 0 };
	struct pmt_note last = { .error = true };
	char text[256];

	number_row(profiler, &row);
	last.event = row.event;
	last.d_event = row.d_event;
	last.clock = row.clock;
	last.text = text;
	last.size = (size_t)snprintf(text, sizeof(text),
				     "Rows were lost here: %s",
				     strerror(log->error));
	return pmt_logfile_close(&profiler->file,
				 log->lost > profiler->file.lost ? &last
								 : NULL);
}

int
profiler_log_close(struct profiler *profiler)
{
	struct pmt_logfile *file = &profiler->file;

	if (file->log == NULL)
		return 0;
	if (file->log->left_out > 0)
		profiler_note(profiler, true, "The log is full: %" PRIu64
			      " rows were left out", file->log->left_out);
	pmt_recorder_end(file->log);
	pmt_recorder_flush(file->log);
	return close_file(profiler);
}
