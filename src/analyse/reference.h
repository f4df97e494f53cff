/* SPDX-License-Identifier: MIT */
/* reference.h - which objects does one reference log leave alive? */
#ifndef ANALYSE_REFERENCE_H
#define ANALYSE_REFERENCE_H

#include "analyse/livecurves.h"
#include "analyse/reading.h"
#include "books/leakgroups.h"
#include "books/leaks.h"

/* Read the rest of the log, for the caller to free; CURVES may be NULL. */
struct pmt_leaks *reference_read(struct reading *reading,
				 struct live_curves *curves);

/* As options->choice wants them, for the caller to free. */
struct pmt_groups reference_groups(const struct reading *reading,
				   const struct pmt_leaks *leaks);

#endif
