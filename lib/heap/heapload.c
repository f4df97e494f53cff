/* SPDX-License-Identifier: MIT */
/* heapload.c - how is the file of a snapshot opened for reading? */
#include <config.h>

#include "heap/heapfile.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

/*
 * A mapping would end us, if somebody cuts the file meanwhile.  Returns how
 * many of its SIZE bytes there were, or -errno.
 */
static ssize_t
read_all(int fd, uint8_t *data, size_t size)
{
	size_t done = 0;
	ssize_t n = 1;

	while (done < size && n > 0) {
		n = read(fd, data + done, size - done);
		if (n > 0)
			done += (size_t)n;
		else if (n == -1 && errno == EINTR)
			n = 1;
	}
	return n == -1 ? -errno : (ssize_t)done;
}

static int
load(struct pmt_heap *heap, struct pmt_heap_head *head, uint64_t *torn, int fd)
{
	struct stat status;
	uint8_t *data;
	ssize_t size;
	int err;

	if (fstat(fd, &status) == -1)
		return -errno;
	if (!S_ISREG(status.st_mode) || status.st_size == 0)
		return -EINVAL;
	data = malloc((size_t)status.st_size);
	if (data == NULL)
		return -ENOMEM;
	size = read_all(fd, data, (size_t)status.st_size);
	err = size < 0 ? (int)size
	      : pmt_heap_read(heap, head, torn, data, (size_t)size);
	free(data);
	return err;
}

int
pmt_heap_load(struct pmt_heap *heap, struct pmt_heap_head *head,
	      uint64_t *torn, const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC), err;

	if (fd == -1)
		return -errno;
	err = load(heap, head, torn, fd);
	close(fd);
	return err;
}
