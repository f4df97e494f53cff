/* SPDX-License-Identifier: MIT */
#include <config.h>

#include "profile/rows.h"

#include <stdlib.h>
#include <string.h>

#include "log/what.h"
#include "module/location.h"
#include "module/probes.h"
#include "profile/filter.h"
#include "profile/log.h"
#include "profile/paths.h"

/* Is this code wanted?  Asked once for each code object and block. */
static bool
is_wanted(struct profiler *profiler, PyCodeObject *code,
	  struct known_code *known)
{
	struct code_verdict *verdict = &known->verdict[profiler->kind];

	if (pmt_likely(verdict->serial == profiler->serial))
		return verdict->wanted;
	verdict->serial = profiler->serial;
	verdict->wanted = profiler_wants(&profiler->options, code) &&
			  (known->whose != WHOSE_PMT ||
			   (profiler->options.columns & PMT_WITH_OWN) == 0);
	return verdict->wanted;
}

/*
 * The object that owns the name may be gone when its row is due.  Most names
 * are shorter than a call of memcpy() is long.
 */
static void
remember_callee(struct profiler_previous *previous, const char *callee)
{
	size_t size;
	char *more;

	for (size_t i = 0; i < previous->callee_size; i++) {
		previous->callee[i] = callee[i];
		if (callee[i] == '\0')
			return;
	}
	size = strlen(callee) + 1;
	more = realloc(previous->callee, 2 * size + 64);
	if (more == NULL)
		return;
	memcpy(more, callee, size);
	previous->callee = more;
	previous->callee_size = 2 * size + 64;
}

static bool
is_c_event(enum pmt_what what)
{
	return what == PMT_WHAT_C_CALL || what == PMT_WHAT_C_RETURN ||
	       what == PMT_WHAT_C_EXCEPT;
}

/* Before a NEXT of what NEXT is, in THREAD. */
static void
put_previous(struct profiler *profiler, enum pmt_what next, int64_t thread)
{
	const struct profiler_previous *previous = &profiler->previous;
	struct pmt_profile_event row = {
		.event = profiler->trigger.event - 1,
		.clock = previous->clock / 1000,
		.what = previous->what,
		.line = previous->line,
		.rss = previous->rss,
		.d_rss = (int64_t)(previous->rss - profiler->trigger.row_rss),
		.thread = previous->thread,
	};

	row.d_event = row.event - profiler->trigger.row_event;
	row.file = &previous->code->file;
	row.function = &previous->code->function;
	if (is_c_event(previous->what))
		row.callee = previous->callee;
	profiler_paths_previous(profiler, next, previous->thread == thread,
				&row);
	pmt_recorder_profile(profiler->log.file.log, PMT_ROW_PREV, &row);
}

/* What comes before the row of the latest event: it is one before, so far. */
static void
note_other_threads(struct profiler *profiler)
{
	profiler->trigger.event--;
	pmt_tracelog_note(&profiler->log, false, "%s", PMT_OTHER_THREADS_RAN);
	profiler->trigger.event++;
}

/* What has been seen of an event when its rows are due. */
struct seen {
	struct known_code *code;
	enum pmt_what what;
	int line;
	const char *callee;
	int64_t thread;		/* that of its row; 0 where it has none */
	uint64_t ticks, clock, rss;
	uint64_t switches;	/* of threads; 0 where all are followed */
};

static void
put_next(struct profiler *profiler, const struct seen *seen)
{
	struct pmt_trigger *trigger = &profiler->trigger;
	struct pmt_profile_event row = {
		.event = trigger->event,
		.d_event = trigger->event - trigger->row_event,
		.clock = seen->clock / 1000,
		.what = seen->what,
		.file = &seen->code->file,
		.line = seen->line,
		.function = &seen->code->function,
		.callee = seen->callee,
		.rss = seen->rss,
		.d_rss = (int64_t)(seen->rss - trigger->row_rss),
		.thread = seen->thread,
	};

	if (seen->switches != profiler->switches)
		note_other_threads(profiler);
	profiler_paths_event(profiler, seen->code, &row);
	pmt_recorder_profile(profiler->log.file.log, PMT_ROW_NEXT, &row);
	pmt_trigger_next(trigger, seen->rss);
	pmt_tracelog_after_row(&profiler->log, seen->ticks);
	pmt_sampler_resume(profiler->log.sampler);
}

static void
remember(struct profiler *profiler, const struct seen *seen)
{
	struct profiler_previous *previous = &profiler->previous;

	if (previous->code != seen->code) {
		location_hold(seen->code);
		location_drop(previous->code);
		previous->code = seen->code;
	}
	previous->what = seen->what;
	previous->line = seen->line;
	previous->clock = seen->clock;
	previous->rss = seen->rss;
	previous->thread = seen->thread;
	if (seen->callee != NULL)
		remember_callee(previous, seen->callee);
}

/* Measure, and put the rows that are due. */
static inline void
log_event(struct profiler *profiler, PyThreadState *tstate, struct seen *seen)
{
	enum pmt_trigger_rows rows;

	seen->rss = pmt_sampler_rss(profiler->log.sampler, seen->ticks, tstate);
	seen->clock = pmt_clock_cpu(&profiler->log.clock, seen->ticks);
	if (profiler->options.all_threads)
		seen->thread = compat_thread_id(tstate);
	else
		seen->switches = compat_thread_switches(tstate);
	rows = pmt_trigger_event(&profiler->trigger, seen->rss);
	if (rows != PMT_ROWS_NONE)
		profiler_paths_find(profiler, tstate);
	if (rows == PMT_ROWS_PREV_NEXT)
		put_previous(profiler, seen->what, seen->thread);
	if (rows != PMT_ROWS_NONE)
		put_next(profiler, seen);
	else
		remember(profiler, seen);
	profiler->switches = seen->switches;
	probes_rss(seen->rss);
}

bool
profiler_event(struct profiler *profiler, PyThreadState *tstate,
	       enum pmt_what what, PyCodeObject *code, int offset, int line,
	       const char *callee)
{
	struct seen seen = { .what = what, .callee = callee };

	if (pmt_unlikely(!profiler_writes(profiler)) && !probes_heard())
		return true;
	seen.ticks = pmt_ticks();
	seen.code = location_known(tstate->interp, code);
	if (pmt_unlikely(seen.code == NULL ||
			 !profiler_has_log(profiler, tstate)))
		return true;
	if (!is_wanted(profiler, code, seen.code))
		return false;
	seen.line = line != 0 ? line : location_line(seen.code, code, offset);
	if (pmt_likely(profiler_writes(profiler)) || probes_rss_heard())
		log_event(profiler, tstate, &seen);
	probes_function(what, &(struct pmt_place){
		&seen.code->file, &seen.code->function, seen.line });
	return true;
}
