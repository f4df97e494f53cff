/* SPDX-License-Identifier: MIT */
#include <config.h>

#include "write/tracelog.h"

#include <errno.h>
#include <inttypes.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/once.h"

/* Those that are open, or a fork's. */
static struct pmt_tracelog *logs;

/* Did this process fork, or come from one that did? */
static bool has_kin;

static bool
is_in_use(const char *path)
{
	const struct pmt_tracelog *log = logs;

	while (log != NULL && (log->file.path == NULL ||
			       strcmp(log->file.path, path) != 0))
		log = log->next;
	return log != NULL;
}

int
pmt_tracelog_unused(const char *path, char **unused)
{
	return pmt_logfile_unused(path, is_in_use, unused);
}

static void
note_kin(void)
{
	has_kin = true;
}

static void
inherit_all(void)
{
	has_kin = true;
	for (struct pmt_tracelog *log = logs; log != NULL; log = log->next)
		pmt_logfile_inherit(&log->file);
}

static void
leave_list(struct pmt_tracelog *log)
{
	struct pmt_tracelog **link = &logs;

	/* Whoever frees a log that is not open need not be alone. */
	if (!log->listed)
		return;
	while (*link != log)
		link = &(*link)->next;
	*link = log->next;
	log->listed = false;
}

/* Another log that is open and has SAMPLER, or NULL. */
static const struct pmt_tracelog *
other_with(const struct pmt_tracelog *log, const struct pmt_sampler *sampler)
{
	const struct pmt_tracelog *other = logs;

	while (other != NULL && (other == log || other->sampler != sampler))
		other = other->next;
	return other;
}

/*
 * Logs of one process share theirs: the read of one would be a gap to another,
 * whose read in turn ... at each event.
 */
static int
open_sampler(struct pmt_tracelog *log)
{
	enum pmt_rss_mode mode = log->options.rss;

	for (const struct pmt_tracelog *other = logs; other != NULL;
	     other = other->next) {
		if (other->sampler == NULL || other->options.rss != mode ||
		    other->sampler->pid != getpid())
			continue;
		log->sampler = other->sampler;
		log->reads_before = pmt_sampler_reads(log->sampler);
		return 0;
	}
	return pmt_sampler_open(mode, &log->sampler);
}

static void
close_sampler(struct pmt_tracelog *log)
{
	if (log->sampler != NULL && other_with(log, log->sampler) == NULL)
		pmt_sampler_close(log->sampler);
	log->sampler = NULL;
}

int
pmt_tracelog_open(struct pmt_tracelog *log,
		  const struct pmt_tracelog_options *options,
		  const char *path, char **failed)
{
	int err = PMT_ONCE(-pthread_atfork(NULL, note_kin, inherit_all));

	*failed = NULL;
	pmt_tracelog_fini(log);
	log->options = *options;
	if (err == 0)
		err = open_sampler(log);
	if (err < 0)
		return err;
	err = pmt_logfile_open(&log->file, path, &options->file, failed);
	if (err < 0) {
		close_sampler(log);
		return err;
	}
	if (options->summary)
		pmt_logfile_period(&log->file, options->interval);
	log->next = logs;
	log->listed = true;
	logs = log;
	return 0;
}

/* A note with the numbers of an event that comes after the latest. */
static struct pmt_note
make_note(struct pmt_tracelog *log, bool error, const char *text, size_t size)
{
	const struct pmt_trigger *numbers = log->options.numbers;
	struct pmt_note note = {
		.error = error,
		.clock = pmt_clock_cpu(&log->clock, pmt_ticks()) / 1000,
		.text = text,
		.size = size,
	};

	if (numbers != NULL) {
		note.event = numbers->event + 1;
		note.d_event = note.event - numbers->row_event;
	}
	return note;
}

static void
put_note(struct pmt_tracelog *log, bool error, const char *text, size_t size)
{
	const struct pmt_note note = make_note(log, error, text, size);

	pmt_recorder_note(log->file.log, &note);
}

void
pmt_tracelog_line(struct pmt_tracelog *log, const char *text, size_t size)
{
	struct pmt_note note;

	if (log->file.log == NULL)
		return;
	note = make_note(log, false, text, size);
	note.bare = true;
	pmt_recorder_note(log->file.log, &note);
	pmt_logfile_flush_old(&log->file, pmt_ticks());
}

static void
put_formatted(struct pmt_tracelog *log, bool error, const char *format,
	      va_list args)
{
	char *text;
	int n = vasprintf(&text, format, args);

	if (n == -1)
		return;
	put_note(log, error, text, (size_t)n);
	free(text);
}

void
pmt_tracelog_note(struct pmt_tracelog *log, bool error, const char *format,
		  ...)
{
	va_list args;

	if (log->file.log == NULL)
		return;
	va_start(args, format);
	put_formatted(log, error, format, args);
	va_end(args);
	pmt_logfile_flush_old(&log->file, pmt_ticks());
}

void
pmt_tracelog_message(struct pmt_tracelog *log, const char *text, size_t size)
{
	if (log->file.log == NULL)
		return;
	put_note(log, false, text, size);
	pmt_logfile_flush_old(&log->file, pmt_ticks());
}

void
pmt_tracelog_note_memory(struct pmt_tracelog *log, enum pmt_moment moment)
{
	struct pmt_memory memory;
	char text[512];

	if (log->options.memory == NULL || log->file.log == NULL)
		return;
	pmt_memory_init(&memory);
	log->options.memory(&memory);
	pmt_footprint_read(&memory);
	if (has_kin && moment != PMT_MOMENT_GROWTH)
		pmt_footprint_read_shared(&memory);
	pmt_memory_format(&memory, moment, text, sizeof(text));
	pmt_tracelog_note(log, false, "%s", text);
	pmt_footprint_noted(&log->watch, memory.rss);
}

void
pmt_tracelog_leave(void)
{
	for (struct pmt_tracelog *log = logs; log != NULL; log = log->next)
		pmt_tracelog_note_memory(log, PMT_MOMENT_EXIT);
}

void
pmt_tracelog_begin(struct pmt_tracelog *log, const char *format, ...)
{
	va_list args;

	pmt_clock_init(&log->clock);
	pmt_recorder_begin(log->file.log, log->file.name.kind,
			   log->options.columns, log->options.message);
	va_start(args, format);
	put_formatted(log, false, format, args);
	va_end(args);
	if (log->file.parent_path != NULL)
		pmt_tracelog_note(log, false,
				  "Forked from process %jd, log %s",
				  (intmax_t)getppid(), log->file.parent_path);
	log->watch.next = log->options.memory == NULL ? UINT64_MAX : 0;
	pmt_tracelog_note_memory(log, PMT_MOMENT_START);
}

int
pmt_tracelog_open_inherited(struct pmt_tracelog *log)
{
	int err = log->file.inherited ? pmt_logfile_open_inherited(&log->file)
				      : -EBADF;

	if (err < 0)
		return err;
	pmt_sampler_reopen_after_fork(log->sampler);
	log->told = 0;
	return 0;
}

void
pmt_tracelog_tell_losses(struct pmt_tracelog *log)
{
	const struct pmt_recorder *recorder = log->file.log;

	log->told = recorder->lost;
	pmt_tracelog_note(log, true, "%" PRIu64 " rows were lost here: %s",
			  recorder->lost, strerror(recorder->error));
}

/* What was lost since the log could tell last goes over its last rows. */
static int
close_file(struct pmt_tracelog *log)
{
	const struct pmt_recorder *recorder = log->file.log;
	struct pmt_note last;
	char text[256];
	int n;

	if (recorder->lost == log->told)
		return pmt_logfile_close(&log->file, NULL);
	n = snprintf(text, sizeof(text), "Rows were lost here: %s",
		     strerror(recorder->error));
	last = make_note(log, true, text, (size_t)n);
	return pmt_logfile_close(&log->file, &last);
}

int
pmt_tracelog_close(struct pmt_tracelog *log)
{
	struct pmt_recorder *recorder = log->file.log;
	int err = 0;

	if (recorder != NULL) {
		pmt_tracelog_note_memory(log, PMT_MOMENT_END);
		if (recorder->lost != log->told)
			pmt_tracelog_tell_losses(log);
		if (recorder->left_out > 0)
			pmt_tracelog_note(log, true, "The log is full: %" PRIu64
					  " rows were left out",
					  recorder->left_out);
		pmt_recorder_end(recorder);
		pmt_recorder_flush(recorder);
		err = close_file(log);
	}
	leave_list(log);
	close_sampler(log);
	return err;
}

void
pmt_tracelog_fini(struct pmt_tracelog *log)
{
	leave_list(log);
	close_sampler(log);
	pmt_logfile_fini(&log->file);
	memset(log, 0, sizeof(*log));
}
