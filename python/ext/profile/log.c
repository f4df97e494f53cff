/* SPDX-License-Identifier: MIT */
#include <config.h>

#include "profile/log.h"

#include <string.h>

#include "module/location.h"
#include "module/threads.h"
#include "profile/paths.h"
#include "tracelog/open.h"

int
profiler_log_open(struct profiler *profiler, PyThreadState *tstate)
{
	const struct profiler_options *options = &profiler->options;
	const struct tracelog_tracer tracer = {
		.kind = *profiler_kind_name(profiler->kind),
		.depth = profiler_depth(profiler->kind, tstate->id),
		.columns = options->columns,
		.rss = options->rss,
		.numbers = &profiler->trigger,
	};

	return tracelog_open(&profiler->log, &options->log, &tracer);
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
	row.event = profiler->trigger.event + 1;
	row.d_event = row.event - profiler->trigger.row_event;
	row.clock = pmt_clock_cpu(&profiler->log.clock, pmt_ticks()) / 1000;
	row.file = place.file;
	row.function = place.function;
	row.line = place.line;
	profiler_paths_find(profiler, tstate);
	profiler_paths_place(profiler, &row);
	pmt_sampler_read(profiler->log.sampler, pmt_ticks(), tstate);
	row.rss = profiler->log.sampler->rss;
	row.d_rss = (int64_t)(row.rss - profiler->trigger.row_rss);
	row.thread = compat_thread_id(tstate);
	pmt_recorder_profile(profiler->log.file.log, tag, &row);
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
	struct pmt_sampler *sampler = profiler->log.sampler;
	char sampling[512];

	memset(trigger, 0, sizeof(*trigger));
	trigger->event = UINT64_MAX;
	pmt_sampler_describe(sampler, sampling, sizeof(sampling));
	pmt_tracelog_begin(&profiler->log,
			   "pmt %s, CPython %s, events from %s, %s",
			   PACKAGE_VERSION, compat_version(),
			   engines[profiler->engine], sampling);
	profiler_log_end_row(profiler, PMT_ROW_FRST, tstate);
	profiler->switches = profiler->options.all_threads
		? 0 : compat_thread_switches(tstate);
	pmt_recorder_flush(profiler->log.file.log);
	profiler->first_rss = sampler->rss;
	pmt_trigger_init(trigger, profiler->options.d_rss_trigger,
			 sampler->page, sampler->rss);
}

/* In the child of a fork the first thing to say begins a log of its own. */
bool
profiler_has_log(struct profiler *profiler, PyThreadState *tstate)
{
	if (pmt_likely(profiler->log.file.log != NULL))
		return true;
	if (pmt_tracelog_open_inherited(&profiler->log) < 0)
		return false;
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

bool
profiler_message(struct profiler *profiler, const char *text, size_t size,
		 bool bare)
{
	bool open;

	events_lock_without_gil();
	open = profiler->entered &&
	       profiler_has_log(profiler, PyThreadState_Get());
	if (open && bare)
		pmt_tracelog_line(&profiler->log, text, size);
	else if (open)
		pmt_tracelog_message(&profiler->log, text, size);
	events_unlock_without_gil();
	return open;
}

void
profiler_note(struct profiler *profiler, enum pmt_moment moment)
{
	events_lock_without_gil();
	if (profiler_has_log(profiler, PyThreadState_Get()))
		pmt_tracelog_note_memory(&profiler->log, moment);
	events_unlock_without_gil();
}
