/* SPDX-License-Identifier: MIT */
#include <config.h>

#include "write/bytesink.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "log/ownfile.h"

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

/* The tail file takes the place of the buffer, which is empty. */
static int
use_tail(struct pmt_bytesink *sink)
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
	/* Both at once would grow the program. */
	if (sink->tail != NULL)
		pmt_buffer_unmap(sink->tail);
	use_buffer(sink, map, start);
	return 0;
}

static void
free_sink(struct pmt_bytesink *sink)
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

static int
open_file(struct pmt_bytesink *sink, bool exclusive, bool unbuffered)
{
	int err = pmt_logfd_open(&sink->file, sink->path,
				 exclusive ? O_EXCL | O_NOFOLLOW : 0,
				 sink->ring.mode);

	if (err == 0)
		err = pmt_ring_remove_older(&sink->ring, sink->path);
	if (err < 0)
		return err;
	/* Pipes and devices have no tail: nothing of them is kept. */
	if (!sink->file.regular)
		return use_memory(sink);
	if (!unbuffered && use_tail(sink) == 0)
		return 0;
	remove_tail(sink->path);
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
	if (sink->path != NULL)
		err = open_file(sink, options->exclusive,
				options->unbuffered);
	if (err < 0)
		free_sink(sink);
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
		free_sink(sink);
	return err;
}

/* A program for which SIGPIPE is deadly need not know of our pipe. */
static ssize_t
write_to_pipe(int fd, const char *bytes, size_t size)
{
	const struct timespec now = { 0, 0 };
	sigset_t pipe, before, pending;
	ssize_t n;
	int err;

	sigemptyset(&pipe);
	sigaddset(&pipe, SIGPIPE);
	sigpending(&pending);
	pthread_sigmask(SIG_BLOCK, &pipe, &before);
	n = write(fd, bytes, size);
	err = errno;
	if (n == -1 && err == EPIPE && !sigismember(&pending, SIGPIPE))
		sigtimedwait(&pipe, NULL, &now);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	errno = err;
	return n;
}

static int
write_all(struct pmt_bytesink *sink, const char *bytes, size_t size,
	  size_t *done)
{
	uint64_t start = sink->tail->start;
	int err = pmt_logfd_check(&sink->file, sink->path);
	ssize_t n;

	*done = 0;
	/* Who reads a pipe from the middle has no log. */
	if (sink->recorder.error == EPIPE)
		err = -EPIPE;
	while (err == 0 && *done < size) {
		if (sink->file.regular)
			n = pwrite(sink->file.fd, bytes + *done, size - *done,
				   (off_t)(start + *done));
		else
			n = write_to_pipe(sink->file.fd, bytes + *done,
					  size - *done);
		if (n >= 0)
			*done += (size_t)n;
		else if (errno != EINTR)
			err = -errno;
	}
	return err;
}

/* Whole rows, or whole blocks, that went in stay, whatever stopped the rest. */
static size_t
cut_to_rows(struct pmt_bytesink *sink, const char *bytes, size_t done)
{
	if (sink->blocks != NULL)
		done = 0;
	while (done > 0 && bytes[done - 1] != '\n')
		done--;
	if (sink->file.fd != -1 && sink->file.regular)
		pmt_ignore(ftruncate(sink->file.fd,
				     (off_t)(sink->tail->start + done)));
	return done;
}

static uint64_t
count_rows(const char *text, size_t size)
{
	const char *end = text + size;
	uint64_t rows = 0;

	while (text != end) {
		const char *newline = memchr(text, '\n', (size_t)(end - text));

		rows++;
		if (newline == NULL)
			break;
		text = newline + 1;
	}
	return rows;
}

/* ROWS are in the block, if it is one; lines are counted. */
static void
write_out(struct pmt_bytesink *sink, const char *bytes, size_t size,
	  uint64_t rows)
{
	struct pmt_recorder *recorder = &sink->recorder;
	size_t done;
	int err = write_all(sink, bytes, size, &done);

	if (done < size) {
		done = cut_to_rows(sink, bytes, done);
		recorder->lost += sink->blocks != NULL
			? rows : count_rows(bytes + done, size - done);
		if (recorder->error == 0)
			recorder->error = -err;
	}
	if (done > 0)
		sink->last = sink->tail->start;
	/* In this order: a kill in between finds used 0, a complete log. */
	atomic_store_explicit(&sink->tail->used, 0, memory_order_release);
	atomic_fetch_add_explicit(&sink->tail->start, done,
				  memory_order_release);
}

/* If this half of a ring is long, begin a new one. */
static void
turn_if_long(struct pmt_bytesink *sink)
{
	struct pmt_recorder *recorder = &sink->recorder;
	_Atomic uint64_t *length = &sink->tail->start;
	int err;

	if (!sink->ring.turns || sink->full || sink->ring.beginning_size == 0 ||
	    !pmt_ring_is_long(&sink->ring, *length))
		return;
	err = pmt_ring_turn(&sink->ring, &sink->file, sink->path, length);
	if (sink->last > *length)
		sink->last = *length;
	if (err < 0 && recorder->error == 0)
		recorder->error = -err;
	sink->full = err < 0;
}

void
pmt_bytesink_flush(struct pmt_bytesink *sink)
{
	uint64_t rows = sink->blocks == NULL ? 0 : sink->blocks->seal(sink);
	size_t size = (size_t)(sink->next - sink->buffer);

	if (size > 0) {
		turn_if_long(sink);
		write_out(sink, sink->buffer, size, rows);
	}
	sink->next = sink->buffer;
	sink->full |= !sink->ring.turns &&
		      pmt_ring_is_long(&sink->ring, sink->tail->start);
	if (sink->blocks != NULL)
		sink->blocks->start(sink);
}

void
pmt_bytesink_settle(struct pmt_bytesink *sink)
{
	pmt_bytesink_flush(sink);
	if (!sink->file.regular || sink->tail_path != NULL ||
	    use_tail(sink) < 0)
		return;
	if (sink->blocks != NULL)
		sink->blocks->start(sink);
}

void
pmt_bytesink_raw(struct pmt_bytesink *sink, const void *bytes, size_t size)
{
	pmt_bytesink_flush(sink);
	write_out(sink, bytes, size, 1);
	if (sink->blocks != NULL)
		sink->blocks->start(sink);
}

void
pmt_bytesink_append(struct pmt_bytesink *sink, const char *text, size_t size)
{
	char *p = pmt_bytesink_reserve(sink, size);

	if (p == NULL) {
		write_out(sink, text, size, 0);
		return;
	}
	memcpy(p, text, size);
	pmt_bytesink_commit(sink, p + size);
}

void
pmt_bytesink_begin(struct pmt_bytesink *sink, const char *bytes, size_t size)
{
	if (sink->blocks == NULL)
		pmt_bytesink_append(sink, bytes, size);
	else
		pmt_bytesink_raw(sink, bytes, size);
	sink->last = sink->tail->start;
	if (!sink->ring.turns)
		return;
	sink->ring.beginning = malloc(size);
	/* Without its header a new half could not be read. */
	if (sink->ring.beginning == NULL) {
		sink->ring.turns = false;
		return;
	}
	memcpy(sink->ring.beginning, bytes, size);
	sink->ring.beginning_size = size;
}

/*
 * Where rows end in the file so that SIZE bytes more have room: at a line's end
 * a page before the last, or where the last block begins.  0: nowhere.
 */
static uint64_t
place_for(struct pmt_bytesink *sink, size_t size)
{
	uint64_t start = sink->tail->start;
	char page[4096];
	ssize_t n;

	if (sink->blocks != NULL)
		return sink->last;
	if (start < size + sizeof(page))
		return 0;
	start -= size + sizeof(page);
	n = pread(sink->file.fd, page, sizeof(page), (off_t)start);
	while (n > 0 && page[n - 1] != '\n')
		n--;
	return n > 0 ? start + (uint64_t)n : 0;
}

/* The disk has no other place for LAST than that of the last rows. */
static void
put_last(struct pmt_bytesink *sink, const void *last, size_t size)
{
	uint64_t start = sink->tail->start;

	if (sink->file.fd == -1 || !sink->file.regular)
		return;
	if (pwrite(sink->file.fd, last, size, (off_t)start) == (ssize_t)size)
		return;
	pmt_ignore(ftruncate(sink->file.fd, (off_t)start));
	start = place_for(sink, size);
	if (start != 0 &&
	    pwrite(sink->file.fd, last, size, (off_t)start) == (ssize_t)size)
		pmt_ignore(ftruncate(sink->file.fd, (off_t)(start + size)));
}

int
pmt_bytesink_close(struct pmt_bytesink *sink, const void *last, size_t size)
{
	struct pmt_recorder *recorder = &sink->recorder;
	int err;

	pmt_bytesink_flush(sink);
	if (last != NULL)
		put_last(sink, last, size);
	err = pmt_logfd_close(&sink->file);
	if (recorder->error == 0)
		recorder->error = -err;
	if (sink->tail_path == NULL) {
		pmt_buffer_free(sink->tail);
	} else {
		pmt_buffer_unmap(sink->tail);
		unlink(sink->tail_path);
	}
	free_sink(sink);
	return -recorder->error;
}

void
pmt_bytesink_abandon(struct pmt_bytesink *sink)
{
	/* The mapping did not come along: MADV_DONTFORK. */
	free_sink(sink);
}
