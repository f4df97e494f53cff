/* SPDX-License-Identifier: MIT */
/* livecurves.h - how many objects were alive when, and how big was memory? */
#ifndef ANALYSE_LIVECURVES_H
#define ANALYSE_LIVECURVES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "books/choice.h"
#include "books/curve.h"
#include "books/leaks.h"
#include "log/event.h"
#include "log/sites.h"

/* A curve for each of the types asked for, or one for all of them. */
struct live_curves {
	const struct pmt_choice *choice;
	bool bytes;		/* what is counted; else objects */
	struct pmt_curve *rss;
	struct pmt_curve *allocated;	/* ever, in logs of allocations */
	struct live_curve {
		const char *name;
		int64_t live;
		struct pmt_curve *curve;
	} *list;
	size_t count;
};

/* CHOICE must outlive it.  Ends the program when there is no memory. */
struct live_curves *live_curves_new(const struct pmt_choice *choice);

/* One of the bytes allocated. */
struct live_curves *live_curves_new_of_bytes(void);

/* NULL is allowed. */
void live_curves_free(struct live_curves *curves);

/* A row, and the object that it destroys or replaces; address 0: none. */
void live_curves_add(struct live_curves *curves, const struct pmt_sites *sites,
		     const struct pmt_event *event,
		     const struct pmt_object *former);

#endif
