/* SPDX-License-Identifier: MIT */
/* memory.h - what stands in the memory of another process? */
#ifndef PMT_ATTACH_MEMORY_H
#define PMT_ATTACH_MEMORY_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/common.h"

/*
 * Open the memory of PID for reading and writing.  Returns a descriptor or
 * -errno: -EACCES or -EPERM, it is not for us; -ESRCH, there is no such
 * process.
 */
int pmt_memory_open(pid_t pid) PMT_MUST_CHECK;

/* All SIZE bytes at ADDRESS.  Returns 0 or -errno: -EFAULT, some are not. */
int pmt_memory_read(int memory, uint64_t address, void *buffer, size_t size)
	PMT_MUST_CHECK;

/* The same the other way. */
int pmt_memory_write(int memory, uint64_t address, const void *buffer,
		     size_t size) PMT_MUST_CHECK;

#endif
