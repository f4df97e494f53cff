/* SPDX-License-Identifier: MIT */
/* counts.h - how many objects of each type are alive? */
#ifndef PMT_REF_COUNTS_H
#define PMT_REF_COUNTS_H

#include "ref/session.h"

/*
 * A new dict, name of type -> number of objects made under SESSION that live.
 * NULL with a Python exception set.  Takes the event lock.
 */
PyObject *ref_live_object_counts(struct ref_session *session);

#endif
