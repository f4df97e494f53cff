/* SPDX-License-Identifier: MIT */
/* cpython.h - what do we know of a CPython that runs in another process? */
#ifndef PMT_ATTACH_CPYTHON_H
#define PMT_ATTACH_CPYTHON_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "attach/layout.h"

struct pmt_attach {
	pid_t pid;
	int memory;		/* of pid */
	int32_t version;	/* major << 8 | minor; 0: unknown */
	bool free_threaded;
	uint64_t runtime, run;	/* _PyRuntime, PyRun_SimpleString */
	const struct pmt_attach_layout *layout;
	uint64_t text;		/* where our code is in its memory, or 0 */
	uint64_t text_size;
	uint64_t base[3];	/* by enum pmt_attach_base; while it stands */
	uint32_t slot;		/* of our pending call */
};

#endif
