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
	uint64_t runtime;	/* _PyRuntime */
	uint64_t run;		/* what a pending call of ours calls */
	const struct pmt_attach_layout *layout;
	uint64_t text;		/* where our code is in its memory, or 0 */
	uint64_t text_size;
	uint64_t base[3];	/* by enum pmt_attach_base; while it stands */
	uint32_t slot;		/* of our pending call */
	bool queued;		/* one was, beside a script */
};

/* Does it run a script, of which a pending call only reminds it? */
static inline bool
pmt_attach_is_script(const struct pmt_attach *attach)
{
	return attach->layout->path_size != -1;
}

#endif
