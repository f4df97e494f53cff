/* SPDX-License-Identifier: MIT */
#include <config.h>

#include "alloc/session.h"

#include <errno.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "alloc/counters.h"
#include "alloc/event.h"
#include "alloc/journal.h"
#include "alloc/names.h"
#include "alloc/objects.h"
#include "alloc/python.h"
#include "alloc/sampler.h"
#include "alloc/settings.h"
#include "alloc/sink.h"

/* Of messages; a name in the log has less than PMT_SINK_NAME. */
enum { LONGEST_MESSAGE = 4000 };

static struct pmt_settings settings;
static bool begun, forking;
static pid_t process, first;	/* this one, and that of main() */
static void (*code_dealloc)(void *);

static void
on_code_death(void *code)
{
	if (pmt_event_enter()) {
		pmt_names_code_died(code);
		pmt_event_leave();
	}
	code_dealloc(code);
}
static void
before_fork(void)
{
	forking = pmt_event_enter();
}

static void
after_fork_in_parent(void)
{
	if (forking)
		pmt_event_leave();
}

/* A child has a log of its own, to which all names are told anew. */
static void
after_fork_in_child(void)
{
	if (!forking)
		return;
	process = getpid();
	pmt_event_forked();
	if (settings.probes) {
		if (begun)
			pmt_ignore(pmt_event_start());
		goto out;
	}
	pmt_names_forget();
	pmt_native_forget(true);
	if (settings.summary)
		pmt_counters_clear();
	if (settings.sample != 0)
		pmt_blocks_clear();
	if (pmt_journal_open_child() == 0) {
		if (begun)
			pmt_journal_mark(PMT_ALLOC_BEGIN);
		pmt_ignore(pmt_event_start());
	}
out:
	pmt_self.busy = false;
}

static int
prepare(void)
{
	int err = pmt_names_init(settings.native);

	if (err == 0 && (settings.summary || settings.sample != 0))
		err = pmt_blocks_init();
	if (err == 0 && settings.summary)
		err = pmt_counters_init();
	pmt_event_mode = settings.probes ? PMT_EVENT_PROBES
			 : settings.summary ? PMT_EVENT_SUMMARY
			 : settings.sample != 0 ? PMT_EVENT_SAMPLE
						: PMT_EVENT_LOG;
	pmt_sampler_rate = settings.sample;
	if (settings.interval != 0)
		pmt_event_due = pmt_journal_summarize_if_due;
	else if (!settings.summary && !settings.probes)
		pmt_event_due = pmt_journal_tick_if_due;
	return err;
}

/* Not before all of libc works, not after the program has begun. */
__attribute__((constructor)) static void
start(void)
{
	const char *no_names, *no_native = NULL;

	pmt_self.busy = true;
	if (pmt_python_version() == NULL ||
	    pmt_settings_read(&settings) < 0)
		goto out;
	if (!settings.follow)
		pmt_settings_unload();
	no_names = pmt_python_find();
	if (settings.native)
		no_native = pmt_native_init();
	settings.native = pmt_native_wanted;
	process = first = getpid();
	if (prepare() < 0 ||
	    (!settings.probes && pmt_journal_open(&settings, no_names) < 0))
		goto out;
	if (no_native != NULL)
		pmt_journal_lack(no_native);
	if (no_names == NULL && !settings.probes)
		code_dealloc = pmt_python_watch_code(on_code_death);
	pmt_objects_watch_arenas();
	if (settings.objects)
		(void)pmt_objects_watch();
	pthread_atfork(before_fork, after_fork_in_parent, after_fork_in_child);
	if (!settings.probes)
		pmt_ignore(pmt_event_start());
out:
	pmt_self.busy = false;
}

static void
begin(void)
{
	begun = true;
	if (settings.objects && !pmt_objects_watch())
		pmt_journal_lack("objects: those made before the program's "
				 "first line");
	if (settings.summary)
		pmt_counters_begin();
	pmt_journal_mark(PMT_ALLOC_BEGIN);
}

/* Where there is no log, blocks are told of from begin to end. */
static int
mark_probes(int mark)
{
	begun = mark == PMT_SESSION_BEGIN;
	if (!begun) {
		pmt_event_stop();
		return 0;
	}
	pmt_self.busy = true;
	if (settings.objects)
		(void)pmt_objects_watch();
	pmt_self.busy = false;
	return pmt_event_start();
}

static void
tell_end(int err)
{
	if (err < 0)
		pmt_settings_tell("incomplete", strerror(-err));
	pmt_settings_tell("ended", "");
}

/* What it ran out of, the reader could not notice. */
static void
tell_losses(void)
{
	if (pmt_names.unnamed > 0)
		pmt_journal_lack("stacks: some are cut, since there was no "
				 "room for more of them");
	if (pmt_blocks.lost > 0)
		pmt_journal_lack("blocks: there was no room for all of them");
}

static int
finish(void)
{
	int err = 0;

	tell_losses();
	pmt_journal_mark(PMT_ALLOC_END);
	pmt_event_stop();
	if (settings.summary)
		err = pmt_journal_summarize();
	else
		pmt_sink_close();
	if (err == 0)
		err = -pmt_sink.error;
	tell_end(err);
	return err;
}

/* The log could not be written any more, and noting ended then. */
static bool
has_failed(void)
{
	return pmt_sink.tail != NULL && pmt_sink.error != 0;
}

static void
give_up(void)
{
	int err = -pmt_sink.error;

	pmt_self.busy = true;
	if (!settings.summary)
		pmt_sink_close();
	pmt_sink.tail = NULL;
	tell_end(err);
	pmt_self.busy = false;
}

int
pmt_alloc_mark(int mark)
{
	int err = 0;

	if (settings.probes)
		return mark_probes(mark);
	if (mark == PMT_SESSION_END && has_failed())
		give_up();
	if (!pmt_event_enter())
		return -ESRCH;
	switch (mark) {
	case PMT_SESSION_BEGIN:
		begin();
		break;
	case PMT_SESSION_END:
		err = finish();
		break;
	case PMT_SESSION_SUMMARY:
		err = settings.summary ? pmt_journal_summarize() : -ENOTSUP;
		break;
	default:
		err = -EINVAL;
	}
	pmt_event_leave();
	return err;
}

void
pmt_alloc_memory(void (*read)(char *, size_t))
{
	char text[512] = "";

	if (settings.probes || !pmt_event_started() || pmt_self.busy)
		return;
	pmt_self.busy = true;
	if (settings.objects)
		pmt_objects_unwatch();
	read(text, sizeof(text));
	if (settings.objects)
		(void)pmt_objects_watch();
	pmt_self.busy = false;
	if (pmt_event_enter()) {
		pmt_journal_memory(text);
		pmt_event_leave();
	}
}

/* A summary has no blocks that a message could mean. */
bool
pmt_alloc_aside(void (*work)(void *arg), void *arg)
{
	if (!settings.objects || pmt_event_mode != PMT_EVENT_LOG ||
	    !pmt_event_started() || pmt_self.busy)
		return false;
	pmt_self.busy = true;
	work(arg);
	pmt_self.busy = false;
	return true;
}

void
pmt_alloc_message(const char *text, size_t size)
{
	bool was_busy = pmt_self.busy;

	pmt_self.busy = false;
	if (pmt_event_enter()) {
		pmt_journal_message(text, size < LONGEST_MESSAGE
					  ? size : LONGEST_MESSAGE);
		pmt_event_leave();
	}
	pmt_self.busy = was_busy;
}

/* A child of vfork(2) has our memory, but is not us. */
void
pmt_session_exit(void)
{
	if (settings.probes || getpid() != process)
		return;
	if (has_failed())
		give_up();
	if (!pmt_event_enter())
		return;
	if (process == first || !pmt_event_is_idle()) {
		(void)finish();
	} else {
		pmt_event_stop();
		if (!settings.summary)
			pmt_sink_discard();
	}
	pmt_event_leave();
}

/* The program has ended without a word of its interpreter's. */
__attribute__((destructor)) static void
stop(void)
{
	if (has_failed())
		give_up();
	if (settings.probes)
		pmt_event_stop();
	if (!pmt_event_enter())
		return;
	pmt_journal_lack("the end of the program: what is left is what stayed "
			 "after Python was taken down");
	(void)finish();
	pmt_event_leave();
}
