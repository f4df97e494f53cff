/* SPDX-License-Identifier: MIT */
/* inputfile.h - an input, for what reads files. */
#ifndef PMT_FUZZ_INPUTFILE_H
#define PMT_FUZZ_INPUTFILE_H

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

/* Room for the path of an input. */
#define FUZZ_PATH 64

/* A file of these bytes, which is at PATH until it is closed. */
static inline int
fuzz_file(const uint8_t *data, size_t size, char path[FUZZ_PATH])
{
	int fd = memfd_create("input", MFD_CLOEXEC);

	if (fd < 0 || write(fd, data, size) != (ssize_t)size)
		abort();
	snprintf(path, FUZZ_PATH, "/proc/self/fd/%d", fd);
	return fd;
}

#endif
