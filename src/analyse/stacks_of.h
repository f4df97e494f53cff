/* SPDX-License-Identifier: MIT */
/* stacks_of.h - what are the call paths of this kind of log? */
#ifndef ANALYSE_STACKS_OF_H
#define ANALYSE_STACKS_OF_H

#include "analyse/allocations.h"
#include "analyse/profile.h"
#include "analyse/reading.h"
#include "analyse/stacks.h"
#include "books/leaks.h"

/*
 * Begin STACKS with the paths of a log that was read; --sort chooses the
 * measure.  The caller ends them with stacks_fini().
 */
void stacks_of_profile(struct stacks *stacks,
		       const struct reading *reading,
		       const struct profile *profile);
void stacks_of_reference(struct stacks *stacks, const struct reading *reading,
			 const struct pmt_leaks *leaks);
void stacks_of_allocations(struct stacks *stacks,
			   const struct reading *reading,
			   const struct allocations *allocations);

#endif
