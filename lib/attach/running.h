/* SPDX-License-Identifier: MIT */
/* running.h - is a CPython, which stands still, at work, and where is it? */
#ifndef PMT_ATTACH_RUNNING_H
#define PMT_ATTACH_RUNNING_H

#include <stdint.h>

#include "attach/cpython.h"
#include "base/common.h"

/* Numbers in its memory.  Return 0 or -errno: -EFAULT, there are none. */
int pmt_peek64(const struct pmt_attach *attach, uint64_t address,
		       uint64_t *value) PMT_MUST_CHECK;
int pmt_peek32(const struct pmt_attach *attach, uint64_t address,
		       uint32_t *value) PMT_MUST_CHECK;

/*
 * Has it started, and not begun to end?  Finds the main interpreter.  Returns 0
 * or -errno: -EAGAIN, it has not; -EPROTO, it is laid out otherwise.
 */
int pmt_running_check(struct pmt_attach *attach) PMT_MUST_CHECK;

/*
 * The state of the main thread, which must be running Python.  Returns 0 or
 * -errno: -EAGAIN, it is not.
 */
int pmt_running_thread(struct pmt_attach *attach) PMT_MUST_CHECK;

/* Have it look at what was written, before its next instruction but a few. */
int pmt_running_break(const struct pmt_attach *attach) PMT_MUST_CHECK;

#endif
