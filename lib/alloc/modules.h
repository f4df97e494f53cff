/* SPDX-License-Identifier: MIT */
/* modules.h - which file does an instruction come from? */
#ifndef PMT_MODULES_H
#define PMT_MODULES_H

#include <stdbool.h>
#include <stdint.h>

#include "base/common.h"

/*
 * A program or a library, as it is mapped.  Each is numbered from 1 and told
 * to the log when one of its instructions is first met.  All of this is under
 * the lock of event.h.
 */
struct pmt_module {
	const uint8_t *map, *end;
	const uint8_t *unwinding;	/* its .eh_frame_hdr, or NULL */
	uint32_t number;
	bool ours;			/* our own code */
};

/* Can modules be found without a lock of the loader's?  From glibc 2.35 on. */
PMT_HIDDEN bool pmt_modules_work(void);

/* The one with PC; valid until the next call.  NULL: none, or no memory. */
PMT_HIDDEN const struct pmt_module *pmt_module_at(uintptr_t pc);

/* Some may be gone. */
PMT_HIDDEN void pmt_modules_forget(void);

/* There is a new log. */
PMT_HIDDEN void pmt_modules_renumber(void);

#endif
