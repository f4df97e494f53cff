/* SPDX-License-Identifier: MIT */
/* exiting.h - which rows are of what a program does when it has ended? */
#ifndef PMT_EXITING_H
#define PMT_EXITING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/common.h"
#include "books/objects.h"
#include "log/event.h"

/*
 * A program that ends runs its functions of atexit: they close the figures that
 * it forgot, and the leak that it had is gone.  So what they destroy stays in
 * the books, and what they make does not come in.
 */
struct pmt_exiting {
	struct pmt_objects freed;	/* where they destroyed an object */
	struct pmt_objects late;	/* where one of theirs lives */
};

/* Returns 0 or -ENOMEM; pmt_exiting_fini() is allowed after either. */
int pmt_exiting_init(struct pmt_exiting *exiting) PMT_MUST_CHECK;
void pmt_exiting_fini(struct pmt_exiting *exiting);

/*
 * EVENT comes after the program's end.  Is it about an object of OBJECTS, which
 * stays as it is, or about one of these functions?  Returns 1 or 0, or -ENOMEM.
 */
int pmt_exiting_takes(struct pmt_exiting *exiting,
		      const struct pmt_objects *objects,
		      const struct pmt_event *event) PMT_MUST_CHECK;

/* Is the object at ADDRESS another one than the books have there? */
bool pmt_exiting_freed(const struct pmt_exiting *exiting, uint64_t address);

/* Bytes of all this. */
size_t pmt_exiting_memory(const struct pmt_exiting *exiting);

#endif
