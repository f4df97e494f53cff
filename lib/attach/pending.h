/* SPDX-License-Identifier: MIT */
/* pending.h - how does a CPython get a pending call from outside? */
#ifndef PMT_ATTACH_PENDING_H
#define PMT_ATTACH_PENDING_H

#include "attach/cpython.h"
#include "base/common.h"

/* The process stands still in all of these; they return what attach.h tells. */

/*
 * Queue attach->run(CODE), for whose text attach->text has room; CODE may be
 * NULL.
 */
int pmt_pending_post(struct pmt_attach *attach, const char *code)
	PMT_MUST_CHECK;

/* 1: it has not begun with it.  Need not stand still for that. */
int pmt_pending_is_queued(const struct pmt_attach *attach) PMT_MUST_CHECK;

/*
 * CPython 3.11 runs what is queued while it runs pending calls right after
 * them, without taking back its flag; then no traced function is ever entered,
 * for the flag is looked at again and again.  Take it back.
 */
int pmt_pending_settle(struct pmt_attach *attach) PMT_MUST_CHECK;

/* Take the queued one back. */
int pmt_pending_withdraw(struct pmt_attach *attach) PMT_MUST_CHECK;

#endif
