/* SPDX-License-Identifier: MIT */
/* sinkfile.c - where a sink's file, its tail and its buffer come from. */
#include <config.h>

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "log/ownfile.h"
#include "write/bytesink.h"
#include "write/sinkparts.h"

static void
use_buffer(struct pmt_bytesink *sink, void *map, uint64_t start)
{
	sink->tail = map;
	sink->tail->start = start;
	sink->tail->used = 0;
	memcpy(sink->tail->magic, PMT_LOGTAIL_MAGIC, sizeof(sink->tail->magic));
	sink->buffer = sink->next = (char *)map + PMT_LOGTAIL_TEXT;
	sink->end = sink->buffer + PMT_BUFFER_SIZE;
}

static int
use_memory(struct pmt_bytesink *sink)
{
	void *map = pmt_buffer_new();

	if (map == NULL)
		return -ENOMEM;
	use_buffer(sink, map, 0);
	return 0;
}

void
pmt_sinkfile_drop_old(struct pmt_bytesink *sink)
{
	if (sink->file.fd != -1 && sink->file.regular &&
	    (sink->tail == NULL || sink->tail->start == 0))
		pmt_ignore(ftruncate(sink->file.fd, 0));
}

int
pmt_sinkfile_add_tail(struct pmt_bytesink *sink)
{
	uint64_t start = sink->tail == NULL ? 0 : sink->tail->start;
	void *map;

	if (asprintf(&sink->tail_path, "%s.tail", sink->path) == -1) {
		sink->tail_path = NULL;
		return -ENOMEM;
	}
	map = pmt_buffer_of_file(sink->tail_path, sink->ring.mode);
	if (map == NULL) {
		free(sink->tail_path);
		sink->tail_path = NULL;
		return -EIO;
	}
	pmt_sinkfile_drop_old(sink);
	/* Both at once would grow the program. */
	if (sink->tail != NULL)
		pmt_buffer_unmap(sink->tail);
	use_buffer(sink, map, start);
	return 0;
}

void
pmt_sinkfile_fini(struct pmt_bytesink *sink)
{
	free(sink->ring.beginning);
	(void)pmt_logfd_close(&sink->file);
	free(sink->tail_path);
	free(sink->path);
}

/* What a killed writer of that name left is not of this log. */
static void
remove_tail(const char *path)
{
	char *tail;

	if (asprintf(&tail, "%s.tail", path) == -1)
		return;
	pmt_ignore(pmt_ownfile_remove(tail, PMT_LOGTAIL_MAGIC));
	free(tail);
}

/*
 * A file that was emptied goes to the disk as soon as it is closed (ext4, XFS:
 * for programs that replace a file so), which takes longer than a short log
 * does.  So one byte stays, for what begins the log to go over.
 */
int
pmt_sinkfile_make(struct pmt_bytesink *sink)
{
	int err = pmt_logfd_open(&sink->file, sink->path,
				 sink->exclusive ? O_EXCL | O_NOFOLLOW : 0,
				 sink->ring.mode, 1);

	if (err == 0)
		err = pmt_ring_remove_older(&sink->ring, sink->path);
	if (err == 0 && sink->file.regular)
		remove_tail(sink->path);
	return err;
}

static int
open_buffered(struct pmt_bytesink *sink, bool unbuffered)
{
	int err = pmt_sinkfile_make(sink);

	if (err < 0)
		return err;
	/* Pipes and devices have no tail: nothing of them is kept. */
	if (!sink->file.regular)
		return use_memory(sink);
	if (!unbuffered && pmt_sinkfile_add_tail(sink) == 0)
		return 0;
	return use_memory(sink);
}

int
pmt_bytesink_open(struct pmt_bytesink *sink, const char *path,
		  const struct pmt_recorder_options *options)
{
	int err = -ENOMEM;

	sink->file.fd = -1;
	sink->ring = (struct pmt_ring){
		.limit = options->limit, .turns = options->ring,
		.buffer = PMT_BUFFER_SIZE, .mode = options->mode,
	};
	sink->path = strdup(path);
	sink->exclusive = options->exclusive;
	sink->late = options->late;
	if (sink->path != NULL)
		err = sink->late ? use_memory(sink)
				 : open_buffered(sink, options->unbuffered);
	if (err < 0)
		pmt_sinkfile_fini(sink);
	return err;
}

int
pmt_bytesink_open_fd(struct pmt_bytesink *sink, int fd)
{
	int err;

	sink->file.fd = -1;
	err = pmt_logfd_dup(&sink->file, fd);
	/* What it is appended to is the caller's. */
	sink->file.regular = false;
	if (err == 0)
		err = use_memory(sink);
	if (err < 0)
		pmt_sinkfile_fini(sink);
	return err;
}

void
pmt_bytesink_abandon(struct pmt_bytesink *sink)
{
	/* The mapping did not come along: MADV_DONTFORK. */
	pmt_sinkfile_fini(sink);
}
