/* SPDX-License-Identifier: MIT */
/* heapload.c - how is the file of a snapshot opened for reading? */
#include <config.h>

#include "heap/heapfile.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

int
pmt_heap_load(struct pmt_heap *heap, struct pmt_heap_head *head,
	      uint64_t *torn, const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC), err;
	struct stat status;
	void *data;

	if (fd == -1)
		return -errno;
	err = fstat(fd, &status) == -1 ? -errno
	      : !S_ISREG(status.st_mode) ? -EINVAL : 0;
	if (err == 0 && status.st_size == 0)
		err = -EINVAL;
	if (err == 0) {
		data = mmap(NULL, (size_t)status.st_size, PROT_READ,
			    MAP_PRIVATE, fd, 0);
		if (data == MAP_FAILED)
			err = -errno;
	}
	close(fd);
	if (err < 0)
		return err;
	err = pmt_heap_read(heap, head, torn, data, (size_t)status.st_size);
	munmap(data, (size_t)status.st_size);
	return err;
}
