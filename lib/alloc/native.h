/* SPDX-License-Identifier: MIT */
/* native.h - which native code is the calling thread in, at a ns a frame? */
#ifndef PMT_NATIVE_H
#define PMT_NATIVE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/common.h"

/*
 * A thread's frames as they were at its last event, the outermost first.  New
 * ones are unwound, by rules that are kept for each instruction, until one is
 * met that was there before, just as it is now.  From there on the rules would
 * say the same again, if only the words on the stack are what they were, and
 * that is compared.
 */
struct pmt_native {
	struct pmt_native_frame {
		uintptr_t slot;		/* where its return address lies */
		uintptr_t pc;		/* which is this */
		uintptr_t cfa;
		uintptr_t fp;		/* the caller's frame pointer */
		uintptr_t fp_slot;	/* where that lay; 0: in the register */
		uintptr_t cfa_slot;	/* where the CFA lay; 0: nowhere */
		uint32_t node;		/* its number in the log */
		bool by_fp;		/* found by the frame pointer */
		bool needs_fp;		/* those further out depend on FP */
	} *kept;
	uint32_t depth;
	uint32_t room;
	uint32_t epoch;
	/* The last pair of stacks, and its node. */
	uint32_t python, native, pair;
};

/* Are native frames wanted, and can they be had? */
extern bool pmt_native_wanted PMT_HIDDEN;

/*
 * Begin to want them; NULL, or why there are none.  All else is for those who
 * have the lock of event.h.
 */
PMT_HIDDEN const char *pmt_native_init(void);

/*
 * Number of the stack that is PYTHON (names.h) and the native one of whoever
 * called into this library.
 */
PMT_HIDDEN uint32_t pmt_native_node(struct pmt_native *native,
				    uint32_t python);

/* A module may be gone, and another one lie there; there is a new log. */
PMT_HIDDEN void pmt_native_forget(bool log_is_new);

PMT_HIDDEN void pmt_native_fini(struct pmt_native *native);

#endif
