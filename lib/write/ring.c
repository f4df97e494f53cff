/* SPDX-License-Identifier: MIT */
#include <config.h>

#include "write/ring.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "log/ownfile.h"

int
pmt_ring_remove_older(const struct pmt_ring *ring, const char *path)
{
	char *older;
	int err;

	if (asprintf(&older, "%s.older", path) == -1)
		return -ENOMEM;
	err = pmt_ownfile_remove(older, NULL);
	free(older);
	return ring->turns ? err : 0;
}

bool
pmt_ring_is_long(const struct pmt_ring *ring, uint64_t length)
{
	uint64_t most = ring->turns ? ring->limit / 2 : ring->limit;

	/* One buffer at least; then one more or less, whichever is nearer. */
	if (most < ring->buffer)
		most = ring->buffer;
	return ring->limit != 0 && length + ring->buffer / 2 >= most;
}

static int
become_older(const char *path)
{
	char *older;
	int err;

	if (asprintf(&older, "%s.older", path) == -1)
		return -ENOMEM;
	err = rename(path, older) == -1 ? -errno : 0;
	free(older);
	return err;
}

int
pmt_ring_turn(const struct pmt_ring *ring, struct pmt_logfd *file,
	      const char *path, _Atomic uint64_t *length)
{
	struct pmt_logfd half;
	int err = become_older(path);
	ssize_t n;

	if (err == 0)
		err = pmt_logfd_open(&half, path, O_EXCL | O_NOFOLLOW,
				     ring->mode, 0);
	if (err < 0)
		return err;
	(void)pmt_logfd_close(file);
	*file = half;
	n = pwrite(half.fd, ring->beginning, ring->beginning_size, 0);
	*length = ring->beginning_size;
	if (n == -1)
		return -errno;
	return (size_t)n == ring->beginning_size ? 0 : -ENOSPC;
}
