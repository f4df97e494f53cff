/* SPDX-License-Identifier: MIT */
/* listener.h - what does sys.monitoring call when something happens? */
#ifndef PMT_LISTENER_H
#define PMT_LISTENER_H

#include "profile/profiler.h"

#if COMPAT_MONITORING

/*
 * Which events a kind of block listens to, and what they are in its log.
 * Guarded by the switching lock, for the bit.
 */
struct listener_source {
	const char *event;	/* in sys.monitoring.events */
	enum pmt_what what;
	bool local;		/* a listener may answer DISABLE */
	vectorcallfunc call;
	long bit;		/* as told by CPython; 0: not asked yet */
};

/* Before the first listener.  Returns 0, or -1 with an exception. */
int listener_prepare(PyObject *monitoring);

/* What a kind of block listens to; at the end .event is NULL. */
struct listener_source *listener_sources(enum profiler_kind kind);

/*
 * A new callable for sys.monitoring.register_callback(), which hands events of
 * SOURCE to the blocks of a kind; NULL with an exception.
 */
PyObject *listener_new(enum profiler_kind kind,
		       const struct listener_source *source);

/*
 * Has a listener of this kind answered DISABLE since this was asked last?  The
 * answers hold until sys.monitoring.restart_events().
 */
bool listener_has_disabled(enum profiler_kind kind);

#endif

#endif
