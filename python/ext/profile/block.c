/* SPDX-License-Identifier: MIT */
#include <config.h>

#include "profile/block.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "module/pmtmodule.h"
#include "module/threads.h"
#include "profile/legacy.h"
#include "profile/log.h"
#include "profile/monitoring.h"

/* Counts the blocks entered; guarded as the list is. */
static uint64_t last_serial;

/* What a block is told when an inner one gets its events. */
static const struct {
	const char *detaching, *attaching;
} kinds[PROFILER_KINDS] = {
	[PROFILER_PROFILE] = {
		"Detaching this profile file wrapper. New file:%s",
		"Re-attaching this profile file wrapper.",
	},
	[PROFILER_TRACE] = {
		"Detaching this trace file wrapper. New file:%s",
		"Re-attaching this trace file wrapper.",
	},
};

static void
unlink_profiler(struct profiler *profiler)
{
	struct profiler **link = &profiler_list[profiler->kind];

	while (*link != profiler)
		link = &(*link)->below;
	*link = profiler->below;
	profiler->below = NULL;
	profiler->entered = false;
}

static int
attach(struct profiler *profiler)
{
	return profiler->engine == PROFILER_MONITORING
		       ? profiler_monitoring_attach(profiler)
		       : profiler_legacy_attach(profiler);
}

static bool
detach(struct profiler *profiler)
{
	return profiler->engine == PROFILER_MONITORING
		       ? profiler_monitoring_detach(profiler)
		       : profiler_legacy_detach(profiler);
}

/* Begin the log, and be on the list. */
static void
begin(struct profiler *profiler, PyThreadState *tstate)
{
	events_lock_without_gil();
	profiler_log_begin(profiler, tstate);
	profiler->thread = tstate->id;
	profiler->serial = ++last_serial;
	profiler->below = profiler_list[profiler->kind];
	profiler_list[profiler->kind] = profiler;
	profiler->entered = true;
	events_unlock_without_gil();
	Py_INCREF(profiler);
}

static void
forget_previous(struct profiler *profiler)
{
	struct profiler_previous *previous = &profiler->previous;

	location_drop(previous->code);
	free(previous->callee);
	memset(previous, 0, sizeof(*previous));
}

/* As if it had not begun. */
static void
give_up(struct profiler *profiler)
{
	events_lock_without_gil();
	unlink_profiler(profiler);
	forget_previous(profiler);
	events_unlock_without_gil();
	if (!profiler->log.file.named)
		unlink(profiler->log.file.path);
	pmt_tracelog_fini(&profiler->log);
	Py_DECREF(profiler);
}

static void
detach_outer(struct profiler *profiler, PyThreadState *tstate)
{
	struct profiler *outer;

	events_lock_without_gil();
	outer = profiler_of(profiler->below, tstate->id);
	if (outer != NULL && profiler_has_log(outer, tstate))
		pmt_tracelog_note(&outer->log, false,
				  kinds[profiler->kind].detaching,
				  profiler->log.file.path);
	events_unlock_without_gil();
}

int
profiler_enter(struct profiler *profiler)
{
	PyThreadState *tstate = PyThreadState_Get();

	profiler->engine = profiler->options.engine;
	if (profiler->engine == PROFILER_AUTO)
		profiler->engine = COMPAT_MONITORING ? PROFILER_MONITORING
						     : PROFILER_LEGACY;
	if (profiler_log_open(profiler, tstate) < 0)
		return -1;
	begin(profiler, tstate);
	if (attach(profiler) < 0) {
		give_up(profiler);
		return -1;
	}
	detach_outer(profiler, tstate);
	return 0;
}

/* Off the list.  True: it got the events of the thread that entered it. */
static bool
leave_list(struct profiler *profiler)
{
	bool was_top;

	events_lock_without_gil();
	was_top = profiler_of(profiler_list[profiler->kind],
			      profiler->thread) == profiler;
	unlink_profiler(profiler);
	events_unlock_without_gil();
	return was_top;
}

static void
put_last_rows(struct profiler *profiler, PyThreadState *tstate,
	      bool undisturbed)
{
	events_lock_without_gil();
	if (!undisturbed)
		pmt_tracelog_note(&profiler->log, true, "Another tool took "
				  "the place of this one: events are missing");
	profiler_log_end_row(profiler, PMT_ROW_LAST, tstate);
	profiler->last_rss = profiler->log.sampler->rss;
	events_unlock_without_gil();
}

static void
reattach_outer(struct profiler *profiler, PyThreadState *tstate)
{
	struct profiler *outer = profiler_of(profiler_list[profiler->kind],
					     profiler->thread);

	if (outer != NULL && profiler_has_log(outer, tstate))
		pmt_tracelog_note(&outer->log, false, "%s",
				  kinds[profiler->kind].attaching);
}

int
profiler_exit(struct profiler *profiler)
{
	PyThreadState *tstate = PyThreadState_Get();
	bool was_top = leave_list(profiler);
	bool undisturbed = detach(profiler);
	int err;

	/* A child that had nothing to say leaves no log. */
	if (profiler->log.file.log != NULL)
		put_last_rows(profiler, tstate, undisturbed);
	profiler->reads = pmt_sampler_reads(profiler->log.sampler) -
			  profiler->log.reads_before;
	err = pmt_tracelog_close(&profiler->log);
	events_lock_without_gil();
	forget_previous(profiler);
	if (was_top)
		reattach_outer(profiler, tstate);
	events_unlock_without_gil();
	if (err < 0)
		set_os_error(err, profiler->log.file.path);
	Py_DECREF(profiler);
	return err < 0 ? -1 : 0;
}

void
profiler_exit_all(void)
{
	for (int kind = 0; kind < PROFILER_KINDS; kind++) {
		while (profiler_list[kind] != NULL) {
			if (profiler_exit(profiler_list[kind]) < 0)
				PyErr_Clear();
		}
	}
}
