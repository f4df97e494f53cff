/* SPDX-License-Identifier: MIT */
/* object.h - what does Python see of a block of reference tracing? */
#ifndef PMT_REF_OBJECT_H
#define PMT_REF_OBJECT_H

#include "module/compat.h"
#include "ref/options.h"
#include "ref/session.h"

/* ReferenceTracing and ReferenceTracingSimple: the latter has no options. */
struct reference_object {
	PyObject_HEAD
	bool logs;
	bool entered;
	bool used;		/* entered once: there are counts */
	bool collected;		/* garbage, at the end of the block */
	bool measured;		/* what was alive then */
	PyObject *collect;	/* gc.collect, looked up before tracing */
	struct ref_options options;
	struct ref_session session;
};

static inline struct reference_object *
object_of(PyObject *self)
{
	return (struct reference_object *)self;
}

/*
 * Functions that return a PyObject give a new reference, or NULL with an
 * exception set, and are called ONE_AT_A_TIME (threads.h).
 */

/* Path of the log, or None while it is not known. */
PyObject *ref_object_path(struct reference_object *object);

/* Add the row of a MSG to the log of SESSION; returns None. */
PyObject *ref_write_message(struct ref_session *session, PyObject *message);

/* How many objects of wanted types; takes the event lock. */
struct ref_counts {
	uint64_t created, destroyed;
	int64_t live;
};

struct ref_counts ref_object_counts(PyObject *self);

#endif
