/* SPDX-License-Identifier: MIT */
#include <config.h>

#include "profile/block.h"

#include <pthread.h>
#include <unistd.h>

#include "base/once.h"
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

/* The child has one thread, and no log until it has something to say. */
static void
after_fork_in_child(void)
{
	for (int kind = 0; kind < PROFILER_KINDS; kind++) {
		for (struct profiler *profiler = profiler_list[kind];
		     profiler != NULL; profiler = profiler->below)
			pmt_logfile_inherit(&profiler->file);
	}
}

static int
register_fork_handler(void)
{
	int err = threads_prepare_fork();

	if (err == 0)
		err = PMT_ONCE(-pthread_atfork(NULL, NULL,
					       after_fork_in_child));
	if (err == 0)
		return 0;
	set_os_error(err, NULL);
	return -1;
}

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

/* As if it had not begun. */
static void
give_up(struct profiler *profiler)
{
	events_lock_without_gil();
	unlink_profiler(profiler);
	profiler_log_fini(profiler);
	events_unlock_without_gil();
	if (!profiler->file.named)
		unlink(profiler->file.path);
	pmt_logfile_fini(&profiler->file);
	Py_DECREF(profiler);
}

static void
detach_outer(struct profiler *profiler, PyThreadState *tstate)
{
	struct profiler *outer;

	events_lock_without_gil();
	outer = profiler_of(profiler->below, tstate->id);
	if (outer != NULL && profiler_has_log(outer, tstate))
		profiler_note(outer, false, kinds[profiler->kind].detaching,
			      profiler->file.path);
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
	if (register_fork_handler() < 0 ||
	    profiler_log_open(profiler, tstate) < 0)
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
		profiler_note(profiler, true, "Another tool took the place of "
			      "this one: events are missing");
	profiler_log_end_row(profiler, PMT_ROW_LAST, tstate);
	profiler->last_rss = profiler->sampler->rss;
	events_unlock_without_gil();
}

static void
reattach_outer(struct profiler *profiler, PyThreadState *tstate)
{
	struct profiler *outer = profiler_of(profiler_list[profiler->kind],
					     profiler->thread);

	if (outer != NULL && profiler_has_log(outer, tstate))
		profiler_note(outer, false, "%s",
			      kinds[profiler->kind].attaching);
}

int
profiler_exit(struct profiler *profiler)
{
	PyThreadState *tstate = PyThreadState_Get();
	bool was_top = leave_list(profiler);
	bool undisturbed = detach(profiler);
	int err = 0;

	/* A child that had nothing to say leaves no log. */
	if (profiler->file.log != NULL) {
		put_last_rows(profiler, tstate, undisturbed);
		err = profiler_log_close(profiler);
	}
	events_lock_without_gil();
	profiler_log_fini(profiler);
	if (was_top)
		reattach_outer(profiler, tstate);
	events_unlock_without_gil();
	if (err < 0)
		set_os_error(err, profiler->file.path);
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
