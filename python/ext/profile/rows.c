/* SPDX-License-Identifier: MIT */
#include <config.h>

#include "profile/rows.h"

#include <errno.h>
#include <inttypes.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/once.h"
#include "module/pmtmodule.h"
#include "module/utf8.h"
#include "report/recorders.h"

/* CPython has one profiler and one tracer a thread: the blocks are a stack. */
struct profiler *profiler_list[PROFILER_KINDS];

/* Counts the blocks entered; guarded as the list is. */
static uint64_t last_serial;

static const struct {
	const char *name;
	char letter;			/* in names of logs */
	const char *detaching, *attaching;
} kinds[PROFILER_KINDS] = {
	[PROFILER_PROFILE] = {
		"Profile", 'P',
		"Detaching this profile file wrapper. New file:%s",
		"Re-attaching this profile file wrapper.",
	},
	[PROFILER_TRACE] = {
		"Trace", 'T',
		"Detaching this trace file wrapper. New file:%s",
		"Re-attaching this trace file wrapper.",
	},
};

const char *
profiler_kind_name(enum profiler_kind kind)
{
	return kinds[kind].name;
}

unsigned int
profiler_depth(enum profiler_kind kind, uint64_t thread)
{
	unsigned int depth = 0;

	for (struct profiler *profiler = profiler_list[kind]; profiler != NULL;
	     profiler = profiler->below)
		depth += profiler->thread == thread ||
			 profiler->options.all_threads;
	return depth;
}

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

static void
put_note(struct profiler *profiler, bool error, const char *format, ...)
	PMT_PRINTF(3, 4);

static void
put_note(struct profiler *profiler, bool error, const char *format, ...)
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
static void
put_end_row(struct profiler *profiler, enum pmt_row tag, PyThreadState *tstate)
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
static void
begin_log(struct profiler *profiler, PyThreadState *tstate)
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
	pmt_recorder_begin(profiler->file.log, kinds[profiler->kind].letter,
			   profiler->options.all_threads ? PMT_WITH_THREAD : 0,
			   profiler->options.log.message);
	put_note(profiler, false, "pmt %s, CPython %s, events from %s, %s",
		 PACKAGE_VERSION, compat_version(),
		 engines[profiler->engine], sampling);
	if (profiler->file.parent_path != NULL)
		put_note(profiler, false, "Forked from process %jd, log %s",
			 (intmax_t)getppid(), profiler->file.parent_path);
	put_end_row(profiler, PMT_ROW_FRST, tstate);
	profiler->first_rss = profiler->sampler->rss;
	pmt_trigger_init(trigger, profiler->options.d_rss_trigger,
			 profiler->sampler->page, profiler->sampler->rss);
}

/* In the child of a fork the first thing to say begins a log of its own. */
static bool
has_log(struct profiler *profiler, PyThreadState *tstate)
{
	if (pmt_likely(profiler->file.log != NULL))
		return true;
	if (!profiler->file.inherited ||
	    pmt_logfile_open_inherited(&profiler->file) < 0)
		return false;
	pmt_sampler_reopen_after_fork(profiler->sampler);
	begin_log(profiler, tstate);
	return true;
}

void
profiler_open_inherited(struct profiler *profiler)
{
	events_lock_without_gil();
	(void)has_log(profiler, PyThreadState_Get());
	events_unlock_without_gil();
}

static void
tell_losses(struct profiler *profiler)
{
	const struct pmt_recorder *log = profiler->file.log;

	profiler->file.lost = log->lost;
	put_note(profiler, true, "%" PRIu64 " rows were lost here: %s",
		 log->lost, strerror(log->error));
}

static bool
matches_name(const struct patterns *patterns, PyObject *name)
{
	size_t size;
	char *text = utf8_from_str(name, &size);
	bool match;

	if (text == NULL)
		return false;
	match = patterns_match(patterns, text);
	free(text);
	return match;
}

/* A pattern may match the whole path or its last part. */
static bool
matches_file(const struct patterns *patterns, PyObject *path)
{
	size_t size;
	char *text = utf8_from_str(path, &size), *slash;
	bool match;

	if (text == NULL)
		return false;
	slash = strrchr(text, '/');
	match = patterns_match(patterns, text) ||
		(slash != NULL && patterns_match(patterns, slash + 1));
	free(text);
	return match;
}

static bool
matches_function(const struct patterns *patterns, PyCodeObject *code)
{
	return matches_name(patterns, code->co_name) ||
	       matches_name(patterns, compat_qualified_name(code));
}

static bool
passes_filter(const struct profiler_options *options, PyCodeObject *code)
{
	if (matches_file(&options->exclude_files, code->co_filename))
		return false;
	if (options->include_files.given &&
	    !matches_file(&options->include_files, code->co_filename))
		return false;
	return !options->include_functions.given ||
	       matches_function(&options->include_functions, code);
}

/* Is this code wanted?  Asked once for each code object and block. */
static bool
is_wanted(struct profiler *profiler, PyCodeObject *code,
	  struct known_code *known)
{
	struct code_verdict *verdict = &known->verdict[profiler->kind];

	if (pmt_likely(verdict->serial == profiler->serial))
		return verdict->wanted;
	verdict->serial = profiler->serial;
	verdict->wanted = passes_filter(&profiler->options, code);
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

static void
put_previous(struct profiler *profiler)
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
	pmt_recorder_profile(profiler->file.log, PMT_ROW_PREV, &row);
}

/* What has been seen of an event when its rows are due. */
struct seen {
	struct known_code *code;
	enum pmt_what what;
	int line;
	const char *callee;
	uint64_t ticks, clock, rss;
};

static void
put_next(struct profiler *profiler, PyThreadState *tstate,
	 const struct seen *seen)
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
	};

	if (profiler->options.all_threads)
		row.thread = compat_thread_id(tstate);
	pmt_recorder_profile(profiler->file.log, PMT_ROW_NEXT, &row);
	pmt_trigger_next(trigger, seen->rss);
	if (pmt_unlikely(profiler->file.log->lost != profiler->file.lost))
		tell_losses(profiler);
	pmt_logfile_flush_old(&profiler->file, seen->ticks);
	pmt_sampler_resume(profiler->sampler);
}

static void
remember(struct profiler *profiler, PyThreadState *tstate,
	 const struct seen *seen)
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
	if (profiler->options.all_threads)
		previous->thread = compat_thread_id(tstate);
	if (seen->callee != NULL)
		remember_callee(previous, seen->callee);
}

bool
profiler_event(struct profiler *profiler, PyThreadState *tstate,
	       enum pmt_what what, PyCodeObject *code, int offset, int line,
	       const char *callee)
{
	struct seen seen = {
		.ticks = pmt_ticks(),
		.what = what,
		.callee = callee,
		.code = location_known(tstate->interp, code),
	};

	if (pmt_unlikely(seen.code == NULL || !has_log(profiler, tstate)))
		return true;
	if (!is_wanted(profiler, code, seen.code))
		return false;
	seen.line = line != 0 ? line : location_line(seen.code, code, offset);
	seen.rss = pmt_sampler_rss(profiler->sampler, seen.ticks, tstate);
	seen.clock = pmt_clock_cpu(&profiler->clock, seen.ticks);
	switch (pmt_trigger_event(&profiler->trigger, seen.rss)) {
	case PMT_ROWS_PREV_NEXT:
		put_previous(profiler);
		/* fall through */
	case PMT_ROWS_NEXT:
		put_next(profiler, tstate, &seen);
		break;
	case PMT_ROWS_NONE:
		remember(profiler, tstate, &seen);
		break;
	}
	return true;
}

bool
profiler_message(struct profiler *profiler, const char *text, size_t size)
{
	bool open;

	events_lock_without_gil();
	open = profiler->entered && has_log(profiler, PyThreadState_Get());
	if (open)
		put_text(profiler, false, text, size);
	events_unlock_without_gil();
	return open;
}

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

	return err < 0 ? err : PMT_ONCE(-pthread_atfork(NULL, NULL,
						after_fork_in_child));
}

static bool
is_in_use(const char *path)
{
	bool used = false;

	events_lock_without_gil();
	for (int kind = 0; kind < PROFILER_KINDS; kind++) {
		for (struct profiler *profiler = profiler_list[kind];
		     profiler != NULL; profiler = profiler->below)
			used |= profiler->file.path != NULL &&
				strcmp(profiler->file.path, path) == 0;
	}
	events_unlock_without_gil();
	return used;
}

static int
open_file(struct profiler *profiler, PyThreadState *tstate, char **failed)
{
	const struct log_options *options = &profiler->options.log;
	const struct pmt_logfile_options file = {
		.name = {
			.kind = kinds[profiler->kind].letter,
			.depth = profiler_depth(profiler->kind, tstate->id),
			.version = compat_version(),
			.encoding = options->encoding,
		},
		.open = pmt_recorder_of(options->encoding),
		.limit = options->limit,
		.ring = options->ring,
	};
	char *path;
	int err = pmt_logfile_unused(options->filepath, is_in_use, &path);

	pmt_logfile_fini(&profiler->file);
	if (err == 0)
		err = pmt_logfile_open(&profiler->file, path, &file, failed);
	free(path);
	return err;
}

static int
open_log(struct profiler *profiler, PyThreadState *tstate)
{
	enum pmt_rss_mode mode = profiler->options.rss;
	char *failed = NULL;
	int err = register_fork_handler();

	if (err == 0)
		err = pmt_sampler_open(mode, &profiler->sampler);
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

static void
close_tables(struct profiler *profiler)
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
	begin_log(profiler, tstate);
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
	close_tables(profiler);
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
	if (outer != NULL && has_log(outer, tstate))
		put_note(outer, false, kinds[profiler->kind].detaching,
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
	if (open_log(profiler, tstate) < 0)
		return -1;
	begin(profiler, tstate);
	if (attach(profiler) < 0) {
		give_up(profiler);
		return -1;
	}
	detach_outer(profiler, tstate);
	return 0;
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

static int
close_log(struct profiler *profiler)
{
	struct pmt_logfile *file = &profiler->file;

	if (file->log == NULL)
		return 0;
	if (file->log->left_out > 0)
		put_note(profiler, true, "The log is full: %" PRIu64
			 " rows were left out", file->log->left_out);
	pmt_recorder_end(file->log);
	pmt_recorder_flush(file->log);
	return close_file(profiler);
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
		put_note(profiler, true, "Another tool took the place of "
			 "this one: events are missing");
	put_end_row(profiler, PMT_ROW_LAST, tstate);
	profiler->last_rss = profiler->sampler->rss;
	events_unlock_without_gil();
}

static void
reattach_outer(struct profiler *profiler, PyThreadState *tstate)
{
	struct profiler *outer = profiler_of(profiler_list[profiler->kind],
					     profiler->thread);

	if (outer != NULL && has_log(outer, tstate))
		put_note(outer, false, "%s", kinds[profiler->kind].attaching);
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
		err = close_log(profiler);
	}
	events_lock_without_gil();
	close_tables(profiler);
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
