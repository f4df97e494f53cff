/* SPDX-License-Identifier: MIT */
/* allocnative.h - how do native frames and those of Python make one stack? */
#ifndef PMT_ALLOCNATIVE_H
#define PMT_ALLOCNATIVE_H

#include "base/common.h"
#include "read/allocnames.h"

/*
 * In a log with native frames nodes of the log are parts of stacks.  Where the
 * native one is in the interpreter's loop, the frames of Python that it runs
 * stand in its place.
 */

/* Read these records, as allocnames.h does. */
int pmt_allocnative_module(struct pmt_allocnames *names,
			   struct pmt_cursor *cursor) PMT_MUST_CHECK;
int pmt_allocnative_place(struct pmt_allocnames *names,
			  struct pmt_cursor *cursor) PMT_MUST_CHECK;
int pmt_allocnative_node(struct pmt_allocnames *names,
			 struct pmt_cursor *cursor) PMT_MUST_CHECK;
int pmt_allocnative_pair(struct pmt_allocnames *names,
			 struct pmt_cursor *cursor) PMT_MUST_CHECK;

/*
 * The node of names->nodes that is the log's NUMBER; 0 is 0.  Returns 0 or
 * -ENOMEM.
 */
int pmt_allocnative_find(struct pmt_allocnames *names, uint32_t number,
			 uint32_t *node) PMT_MUST_CHECK;

#endif
