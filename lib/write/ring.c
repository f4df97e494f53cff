/* SPDX-License-Identifier: MIT */
#include <config.h>

#include "write/ring.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/file.h>
#include <unistd.h>

void
pmt_ring_remove_older(const char *path)
{
	char *older;

	if (asprintf(&older, "%s.older", path) == -1)
		return;
	unlink(older);
	free(older);
}

bool
pmt_ring_is_long(const struct pmt_bytesink *sink)
{
	uint64_t most = sink->ring ? sink->limit / 2 : sink->limit;

	/* One buffer at least; then one more or less, whichever is nearer. */
	if (most < PMT_BYTESINK_BUFFER)
		most = PMT_BYTESINK_BUFFER;
	return sink->limit != 0 &&
	       sink->tail->start + PMT_BYTESINK_BUFFER / 2 >= most;
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

/* An empty log takes the place of this one. */
static int
begin_half(struct pmt_bytesink *sink)
{
	struct pmt_logfd file;
	int err = pmt_logfd_open(&file, sink->path,
				 O_RDWR | O_CREAT | O_TRUNC);
	ssize_t n;

	if (err < 0)
		return err;
	(void)pmt_logfd_close(&sink->file);
	sink->file = file;
	(void)flock(file.fd, LOCK_EX | LOCK_NB);
	n = pwrite(file.fd, sink->beginning, sink->beginning_size, 0);
	sink->last = sink->tail->start = sink->beginning_size;
	if (n == -1)
		return -errno;
	return (size_t)n == sink->beginning_size ? 0 : -ENOSPC;
}

void
pmt_ring_turn(struct pmt_bytesink *sink)
{
	int err;

	if (!sink->ring || sink->full || sink->beginning_size == 0 ||
	    !pmt_ring_is_long(sink))
		return;
	err = become_older(sink->path);
	if (err == 0)
		err = begin_half(sink);
	if (err < 0 && sink->recorder.error == 0)
		sink->recorder.error = -err;
	sink->full = err < 0;
}
