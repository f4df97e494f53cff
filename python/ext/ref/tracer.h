/* SPDX-License-Identifier: MIT */
/* tracer.h - who is tracing references now, in which order? */
#ifndef PMT_REF_TRACER_H
#define PMT_REF_TRACER_H

#include "module/threads.h"
#include "ref/session.h"

/*
 * CPython has one reference tracer for the whole process.  While any session
 * is on the stack it is ours, and each event goes to the topmost session that
 * logs and to the topmost that only counts; a session below another of its
 * kind is detached.  Sessions may leave the stack in any order.  A tracer that
 * was installed before (tracemalloc's) goes on getting its events.
 *
 * Functions are called ONE_AT_A_TIME; the event lock (threads.h) is for whoever
 * touches a session on the stack.
 */

/* What a session is to be told when it is the turn of another. */
#define REFTRACER_DETACHING \
	"Detaching this Reference Tracing file wrapper. New file: %s"
#define REFTRACER_ATTACHING "Re-attaching this Reference Tracing file wrapper."

/*
 * Put SESSION, which was opened, on the stack and take a reference to OWNER.
 * Returns 0, or -1 with a Python exception set.
 */
int reftracer_push(struct ref_session *session, PyObject *owner);

/*
 * Take SESSION off the stack, wherever it stands, and drop the reference to
 * its owner.  False if the tracer was not ours any more: another tool took the
 * slot, and SESSION has missed events.
 */
bool reftracer_remove(struct ref_session *session);

/* ref_session_measure() of a session that gets the events, and goes on to. */
void reftracer_measure(struct ref_session *session);

/*
 * Called when ref_session_is_due(), by the thread of the event, without the
 * event lock.
 */
extern void (*reftracer_due)(void) PMT_HIDDEN;

/*
 * Is what this thread does from now on not the program's?  Returns what it was
 * before, to be restored.  Holds for one thread at a time.
 */
bool reftracer_ignore(bool on);

/* suspended has changed: find out anew who gets the events. */
void reftracer_refresh(void);

/* What threads counted for themselves goes into the session that counts. */
void reftracer_settle(void);

/* The topmost session that logs (or only counts), suspended or not. */
struct ref_session *reftracer_top(bool logs);

/* How many sessions of the kind are on the stack. */
unsigned int reftracer_depth(bool logs);

/* The topmost session of any kind, for whoever wants to end them all. */
struct ref_session *reftracer_any(void);

#endif
