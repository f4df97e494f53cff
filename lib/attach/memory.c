/* SPDX-License-Identifier: MIT */
#include <config.h>

#include "attach/memory.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

int
pmt_memory_open(pid_t pid)
{
	char path[32];
	int memory;

	snprintf(path, sizeof(path), "/proc/%d/mem", (int)pid);
	memory = open(path, O_RDWR | O_CLOEXEC);
	if (memory == -1)
		return errno == ENOENT ? -ESRCH : -errno;
	return memory;
}

int
pmt_memory_read(int memory, uint64_t address, void *buffer, size_t size)
{
	ssize_t got = address > INT64_MAX
			      ? 0 : pread(memory, buffer, size, (off_t)address);

	if (got == -1)
		return errno == EIO ? -EFAULT : -errno;
	return (size_t)got == size ? 0 : -EFAULT;
}

int
pmt_memory_write(int memory, uint64_t address, const void *buffer, size_t size)
{
	ssize_t put = address > INT64_MAX
			      ? 0 : pwrite(memory, buffer, size,
					   (off_t)address);

	if (put == -1)
		return errno == EIO ? -EFAULT : -errno;
	return (size_t)put == size ? 0 : -EFAULT;
}
