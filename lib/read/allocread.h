/* SPDX-License-Identifier: MIT */
/* allocread.h - the events of a log of allocations, and their stacks. */
#ifndef PMT_ALLOCREAD_H
#define PMT_ALLOCREAD_H

#include <stdbool.h>
#include <stdint.h>

#include "base/common.h"
#include "base/text.h"
#include "log/allocevent.h"
#include "log/sites.h"
#include "read/allocnames.h"
#include "read/input.h"

struct pmt_allocread;

/* Does INPUT begin as a log of allocations does?  Needs 10 bytes of it. */
bool pmt_allocread_is(const struct pmt_input *input);

/*
 * Read the header.  INPUT and SITES are borrowed.  Returns 0,
 * -EPROTONOSUPPORT (of a version to come), -EBADMSG (cut), or -errno.
 */
int pmt_allocread_open(struct pmt_input *input, struct pmt_sites *sites,
		       struct pmt_allocread **out) PMT_MUST_CHECK;
void pmt_allocread_close(struct pmt_allocread *reader);

/*
 * The next event.  Returns 1, 0 at the end, -EBADMSG when nothing more can be
 * read because the log is damaged or cut within a record, or -errno.
 */
int pmt_allocread_next(struct pmt_allocread *reader,
		       struct pmt_alloc_event *event) PMT_MUST_CHECK;

/* Have the native functions of what is read from now on named by this. */
void pmt_allocread_name_by(struct pmt_allocread *reader,
			   pmt_name_symbol *name_symbol, void *arg);

/* The opening message. */
struct pmt_text pmt_allocread_message(const struct pmt_allocread *reader);

/* The stacks that are known by now. */
const struct pmt_allocnames *pmt_allocread_names(
	const struct pmt_allocread *reader);

#endif
