/* SPDX-License-Identifier: MIT */
#include <config.h>

#include "write/bytesink.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "write/outlet.h"
#include "write/sinkparts.h"

static int
write_all(struct pmt_bytesink *sink, const char *bytes, size_t size,
	  size_t *done)
{
	*done = 0;
	/* Who reads a pipe from the middle has no log. */
	if (sink->recorder.error == EPIPE)
		return -EPIPE;
	return pmt_outlet_write(&sink->file, sink->path, sink->tail->start,
				bytes, size, done);
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

static void
write_buffer(struct pmt_bytesink *sink)
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

/* Without a file what is written is lost, as on a full disk. */
static void
make_file(struct pmt_bytesink *sink)
{
	int err = pmt_sinkfile_make(sink);

	sink->late = false;
	if (err < 0) {
		(void)pmt_logfd_close(&sink->file);
		sink->recorder.error = -err;
	}
	/* Lines have it in the buffer. */
	if (sink->blocks != NULL && sink->ring.beginning != NULL)
		write_out(sink, sink->ring.beginning,
			  sink->ring.beginning_size, 0);
	sink->last = sink->tail->start;
}

void
pmt_bytesink_flush(struct pmt_bytesink *sink)
{
	if (!sink->late)
		pmt_bytesink_empty(sink);
}

void
pmt_bytesink_empty(struct pmt_bytesink *sink)
{
	if (sink->late)
		make_file(sink);
	write_buffer(sink);
}

void
pmt_bytesink_settle(struct pmt_bytesink *sink)
{
	pmt_bytesink_empty(sink);
	if (!sink->file.regular || sink->tail_path != NULL ||
	    pmt_sinkfile_add_tail(sink) < 0)
		return;
	if (sink->blocks != NULL)
		sink->blocks->start(sink);
}

void
pmt_bytesink_raw(struct pmt_bytesink *sink, const void *bytes, size_t size)
{
	pmt_bytesink_empty(sink);
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

/* Returns false if there is no memory. */
static bool
keep_beginning(struct pmt_bytesink *sink, const char *bytes, size_t size)
{
	sink->ring.beginning = malloc(size);
	if (sink->ring.beginning == NULL)
		return false;
	memcpy(sink->ring.beginning, bytes, size);
	sink->ring.beginning_size = size;
	return true;
}

void
pmt_bytesink_begin(struct pmt_bytesink *sink, const char *bytes, size_t size)
{
	bool late = sink->late && sink->blocks != NULL;
	bool kept = (late || sink->ring.turns) &&
		    keep_beginning(sink, bytes, size);

	/* Without its header a new half could not be read. */
	sink->ring.turns &= kept;
	if (sink->blocks == NULL)
		pmt_bytesink_append(sink, bytes, size);
	else if (late && kept)
		sink->blocks->start(sink);
	else
		pmt_bytesink_raw(sink, bytes, size);
	sink->last = sink->tail->start;
}

int
pmt_bytesink_close(struct pmt_bytesink *sink, const void *last, size_t size)
{
	struct pmt_recorder *recorder = &sink->recorder;
	int err;

	pmt_bytesink_empty(sink);
	pmt_sinkfile_drop_old(sink);
	if (last != NULL && sink->file.fd != -1 && sink->file.regular)
		pmt_outlet_put_last(sink->file.fd, sink->tail->start,
				    sink->blocks != NULL ? sink->last : 0,
				    last, size);
	err = pmt_logfd_close(&sink->file);
	if (recorder->error == 0)
		recorder->error = -err;
	if (sink->tail_path == NULL) {
		pmt_buffer_free(sink->tail);
	} else {
		pmt_buffer_unmap(sink->tail);
		unlink(sink->tail_path);
	}
	pmt_sinkfile_fini(sink);
	return -recorder->error;
}
