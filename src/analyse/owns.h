/* SPDX-License-Identifier: MIT */
/* owns.h - which lines of own code made a profiled process grow? */
#ifndef ANALYSE_OWNS_H
#define ANALYSE_OWNS_H

#include <stddef.h>

#include "analyse/entry.h"

/*
 * *out: an entry, the caller's to free, of each line of own code, in no order;
 * own without a file: imports, as far as they are folded, and, with neither,
 * where no own code ran.  Returns how many.
 */
size_t owns_list(const struct options *options, const struct pmt_growth *growth,
		 struct entry **out);

#endif
