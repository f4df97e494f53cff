/* SPDX-License-Identifier: MIT */
/* outlet.h - how do bytes get into a file or pipe that may fail midway? */
#ifndef PMT_OUTLET_H
#define PMT_OUTLET_H

#include <stddef.h>
#include <stdint.h>

#include "base/common.h"
#include "log/logfd.h"

/*
 * Write SIZE bytes to FILE, whose name is PATH: at START if it is regular, else
 * behind what was written.  *done counts those that went in, also on failure.
 * SIGPIPE is not raised.  Returns 0 or -errno.
 */
int pmt_outlet_write(struct pmt_logfd *file, const char *path, uint64_t start,
		     const char *bytes, size_t size, size_t *done)
	PMT_MUST_CHECK;

/*
 * Put SIZE bytes at START, the end of the regular file FD.  If the disk has no
 * other place for LAST than that of the last rows, it goes over them: at BLOCK,
 * where the last block begins, or with BLOCK 0 behind the end of a line.
 */
void pmt_outlet_put_last(int fd, uint64_t start, uint64_t block,
			 const void *last, size_t size);

#endif
