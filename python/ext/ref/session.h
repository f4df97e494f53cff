/* SPDX-License-Identifier: MIT */
/* session.h - one ReferenceTracing block: its log and what it counts. */
#ifndef PMT_REF_SESSION_H
#define PMT_REF_SESSION_H

#include "module/compat.h"
#include "ref/options.h"
#include "ref/typecache.h"
#include "sample/liveset.h"
#include "write/tracelog.h"

/*
 * Between enter and exit.  The event lock (module/threads.h) guards all of it
 * once the session is on the stack.  The counts stay readable after the log was
 * closed.
 */
struct ref_session {
	struct ref_session *below;	/* on the stack */
	PyObject *owner;		/* strong while on the stack */
	const struct ref_options *options;	/* NULL: counts, has no log */
	bool suspended;			/* by suspend() */
	uint64_t created, destroyed;	/* events of wanted types */
	uint64_t unseen;		/* of those, destructions recovered */
	int64_t live;

	/* What follows is only of sessions that log. */
	struct pmt_tracelog log;
	struct typecache types;
	struct pmt_liveset members;	/* live objects */
	struct pmt_liveset parkable;	/* those whose type has a free list */
	struct pmt_liveset resizable;	/* to measure, if alive */
	bool measured;			/* sizes were told once */
	uint64_t ask_at;		/* events until somebody is called */
	uint64_t rss;			/* bytes, in the last row */
	size_t own_bytes;		/* of ours in RSS, at the last row */
};

/*
 * Open the log that OPTIONS ask for, and begin it.  SESSION is all zeroes;
 * DEPTH is how many logging sessions are below.  Returns 0, or -1 with a
 * Python exception set.
 */
int ref_session_open(struct ref_session *session,
		     const struct ref_options *options,
		     unsigned int depth) PMT_MUST_CHECK;

/*
 * End the log.  Returns 0 or -errno of the first write that failed.  The
 * counts and names stay.
 */
int ref_session_close(struct ref_session *session) PMT_MUST_CHECK;

/*
 * Hand over what is written so far: a summary is brought up to date.  Returns 0
 * or -errno.
 */
int ref_session_flush(struct ref_session *session) PMT_MUST_CHECK;

/* Free what is left after the close. */
void ref_session_fini(struct ref_session *session);

/*
 * Does the allocator say how large an object is?  With a sample that would cost
 * more than the events.
 */
static inline bool
ref_session_asks_allocator(const struct ref_session *session)
{
	return (session->options->columns & PMT_WITH_SIZE) != 0 &&
	       session->options->sample == 1;
}

/* A row for OBJECT, just created. */
void ref_session_created(struct ref_session *session, PyObject *object,
			 PyThreadState *tstate);

/* A row for the object of TYPE at ADDRESS, about to be destroyed. */
void ref_session_destroyed(struct ref_session *session, PyTypeObject *type,
			   uintptr_t address, PyThreadState *tstate);

/*
 * The block that began at ADDRESS was freed: if an object lay in it whose
 * destruction nobody reported, log that now.  What was in the block is at
 * CONTENT.  With QUIETLY only the counts change (the session is detached).
 */
void ref_session_freed(struct ref_session *session, uintptr_t address,
		       const void *content, bool quietly);

/* Is it time to ask?  Says so once. */
static inline bool
ref_session_is_due(struct ref_session *session)
{
	if (pmt_likely(session->created + session->destroyed <
		       session->ask_at))
		return false;
	session->ask_at = UINT64_MAX;
	return true;
}

/* Something is at ADDRESS, or was: the object known there is no more. */
void ref_session_forget(struct ref_session *session, uintptr_t address,
			PyTypeObject *type);

/* Log objects that wait in free lists as destroyed. */
void ref_session_sweep(struct ref_session *session, PyThreadState *tstate);

/*
 * Tell what has become of the sizes of objects that can be resized.  Called
 * ONE_AT_A_TIME without the event lock, while events do not go to SESSION, as
 * this makes objects.  Other interpreters would free theirs meanwhile: where
 * there are any, this does nothing.
 */
void ref_session_measure(struct ref_session *session);

/* A MSG row of SIZE bytes of UTF-8. */
void ref_session_message(struct ref_session *session, const char *text,
			 size_t size);

/*
 * Is there a log?  In the child of fork(2) the first thing to say begins one of
 * its own.
 */
bool ref_session_has_log(struct ref_session *session);

#endif
