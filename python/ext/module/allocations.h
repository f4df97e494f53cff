/* SPDX-License-Identifier: MIT */
/* allocations.h - what is the library of pmt-run -a told? */
#ifndef PMT_EXT_ALLOCATIONS_H
#define PMT_EXT_ALLOCATIONS_H

#include "module/compat.h"

/*
 * The function _pmt._allocation_mark(number) of the module, where number is one
 * of enum pmt_session_mark; with the first two it tells of what memory is made.
 */
PyObject *mark_allocations(PyObject *module, PyObject *number);

/*
 * Have that library let WORK do something of ours, unnoted.  False: it is not
 * there, or takes no messages, and WORK was not called.
 */
bool allocations_aside(void (*work)(void *arg), void *arg);

/* For WORK alone: put a message into its log. */
void allocations_message(const char *text, size_t size);

extern const char mark_allocations_doc[];

#endif
