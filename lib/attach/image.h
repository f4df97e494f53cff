/* SPDX-License-Identifier: MIT */
/* image.h - what does a program or library offer that a process has loaded? */
#ifndef PMT_ATTACH_IMAGE_H
#define PMT_ATTACH_IMAGE_H

#include <stdint.h>

#include "base/common.h"

/*
 * An ELF file in the memory of a process, as its dynamic linker left it there:
 * the file itself may be gone, or another one by now.
 */
struct pmt_image {
	int memory;
	uint64_t start;		/* where its header is */
	uint64_t bias;		/* what to add to its addresses */
	uint64_t end;		/* of its variables, that are 0 at first */
	uint64_t symbols, strings, hash;
};

/*
 * The image whose header is at START.  Returns 0 or -errno: -ENOEXEC, there is
 * none of this machine's, or it has no symbols.
 */
int pmt_image_init(struct pmt_image *image, int memory, uint64_t start)
	PMT_MUST_CHECK;

/* The address of a variable or function NAME, or 0: it does not define it. */
uint64_t pmt_image_find(const struct pmt_image *image, const char *name);

#endif
