/* SPDX-License-Identifier: MIT */
#include <config.h>

#include "write/compactlog.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/keep.h"
#include "write/compactencoder.h"

/* Encoders that no log uses. */
static struct pmt_keep kept;

static void
forget_block(struct pmt_compact *compact)
{
	static _Atomic uint64_t stamps;
	uint32_t block = compact->block + 1, sequence = compact->sequence;

	memset(compact, 0, offsetof(struct pmt_compact, type));
	/* After 2^32 blocks a slot might look filled by this one. */
	if (block == 0) {
		memset(compact, 0, sizeof(*compact));
		block = 1;
	}
	compact->block = block;
	compact->sequence = sequence;
	compact->stamp = ++stamps;
}

static struct pmt_compactlog *
of_sink(struct pmt_bytesink *sink)
{
	return (struct pmt_compactlog *)(void *)sink;
}

static void
start_block(struct pmt_bytesink *sink)
{
	forget_block(&of_sink(sink)->compact);
	memset(sink->buffer, 0, PMT_COMPACT_BLOCK_HEADER);
	memcpy(sink->buffer, PMT_COMPACT_BLOCK, 4);
	pmt_bytesink_commit(sink, sink->buffer + PMT_COMPACT_BLOCK_HEADER);
}

static uint32_t
seal_block(struct pmt_bytesink *sink)
{
	struct pmt_compact *compact = &of_sink(sink)->compact;
	size_t size = (size_t)(sink->next - sink->buffer);

	/* Nothing but the header: no block. */
	if (size <= PMT_COMPACT_BLOCK_HEADER)
		sink->next = sink->buffer;
	else
		pmt_compact_fill_header(compact, (uint8_t *)sink->buffer, size);
	return compact->rows;
}

static const struct pmt_blocks blocks = { seal_block, start_block };

static uint8_t
version_of(unsigned int columns)
{
	if (columns & PMT_WITH_STACK)
		return PMT_COMPACT_VERSION_STACK;
	return columns & PMT_WITH_OWN ? PMT_COMPACT_VERSION_OWN
				      : PMT_COMPACT_VERSION;
}

/* Header and message in one piece: a ring begins every half with them. */
static void
compact_begin(struct pmt_recorder *recorder, const char *message)
{
	size_t size = message == NULL ? 0 : strlen(message);
	uint8_t *header = malloc(PMT_COMPACT_HEADER + size);

	if (header == NULL) {
		recorder->error = ENOMEM;
		return;
	}
	memcpy(header, PMT_COMPACT_MAGIC, 8);
	header[8] = version_of(recorder->columns);
	header[9] = (uint8_t)recorder->kind;
	pmt_put_le(header + 10, recorder->columns, 2);
	pmt_put_le(header + 12, size, 4);
	if (size > 0)
		memcpy(header + PMT_COMPACT_HEADER, message, size);
	pmt_bytesink_begin(&pmt_compactlog(recorder)->sink, (char *)header,
			   PMT_COMPACT_HEADER + size);
	free(header);
}

static uint8_t *
put_note(const struct pmt_compact *compact, uint8_t *p, char kind,
	 const struct pmt_note *note)
{
	*p++ = note->error ? PMT_COMPACT_ERR : PMT_COMPACT_MSG;
	/* The clock of a note is taken apart from that of the rows. */
	p = pmt_put_varint(p, pmt_zigzag((int64_t)(note->clock -
						  compact->clock)));
	if (kind != 'O') {
		p = pmt_put_varint(p, note->event);
		p = pmt_put_varint(p, note->d_event);
	}
	return pmt_put_bytes(p, note->text, note->size);
}

static void
compact_note(struct pmt_recorder *recorder, const struct pmt_note *note)
{
	struct pmt_compactlog *log = pmt_compactlog(recorder);
	uint8_t *row = pmt_row_begin(log, PMT_NUMBERS_MAX + note->size);

	if (row == NULL)
		return;
	log->compact.rows++;
	pmt_row_end(log, row, put_note(&log->compact, row, recorder->kind,
				       note));
}

static void
compact_flush(struct pmt_recorder *recorder)
{
	pmt_bytesink_flush(&pmt_compactlog(recorder)->sink);
}

static void
compact_settle(struct pmt_recorder *recorder)
{
	pmt_bytesink_settle(&pmt_compactlog(recorder)->sink);
}

static void
compact_end(struct pmt_recorder *recorder)
{
	struct pmt_compactlog *log = pmt_compactlog(recorder);
	uint8_t *row = pmt_row_begin(log, 1);

	if (row == NULL)
		return;
	*row = PMT_COMPACT_END;
	pmt_row_end(log, row, row + 1);
}

/* A block of LAST and the end; the caller's to free, or NULL. */
static uint8_t *
last_block(struct pmt_compactlog *log, const struct pmt_note *last,
	   size_t *size)
{
	struct pmt_compact *compact = &log->compact;
	uint8_t *block, *p;

	if (last == NULL)
		return NULL;
	block = calloc(1, PMT_COMPACT_BLOCK_HEADER + PMT_NUMBERS_MAX +
			  last->size);
	if (block == NULL)
		return NULL;
	memcpy(block, PMT_COMPACT_BLOCK, 4);
	compact->clock = 0;
	compact->rows = 1;
	p = put_note(compact, block + PMT_COMPACT_BLOCK_HEADER,
		     log->sink.recorder.kind, last);
	*p++ = PMT_COMPACT_END;
	*size = (size_t)(p - block);
	pmt_compact_fill_header(compact, block, *size);
	return block;
}

static int
compact_close(struct pmt_recorder *recorder, const struct pmt_note *last)
{
	struct pmt_compactlog *log = pmt_compactlog(recorder);
	uint8_t *block;
	size_t size = 0;
	int err;

	/* The block in the buffer first: the last one is made of its state. */
	pmt_bytesink_flush(&log->sink);
	block = last_block(log, last, &size);
	err = pmt_bytesink_close(&log->sink, block, size);
	free(block);
	free(pmt_keep_put(&kept, log));
	return err;
}

static void
compact_abandon(struct pmt_recorder *recorder)
{
	pmt_bytesink_abandon(&pmt_compactlog(recorder)->sink);
	free(recorder);
}

static const struct pmt_recorder_ops compact_ops = {
	.begin = compact_begin,
	.reference = pmt_compact_reference,
	.profile = pmt_compact_profile,
	.note = compact_note,
	.flush = compact_flush,
	.settle = compact_settle,
	.end = compact_end,
	.close = compact_close,
	.abandon = compact_abandon,
};

/* Slots that another log filled are free: their block is none of this one. */
static void
begin_anew(struct pmt_compactlog *log)
{
	uint32_t block = log->compact.block;

	memset(&log->sink, 0, sizeof(log->sink));
	memset(&log->compact, 0, offsetof(struct pmt_compact, type));
	log->compact.block = block;
}

static struct pmt_compactlog *
new_log(void)
{
	struct pmt_compactlog *log = pmt_keep_take(&kept);

	if (log != NULL) {
		begin_anew(log);
		return log;
	}
	log = aligned_alloc(_Alignof(struct pmt_compactlog), sizeof(*log));
	/* Not calloc(): its pages would grow the program one by one. */
	if (log != NULL)
		memset(log, 0, sizeof(*log));
	return log;
}

int
pmt_compactlog_open(const char *path,
		    const struct pmt_recorder_options *options,
		    struct pmt_recorder **recorder)
{
	struct pmt_compactlog *log = new_log();
	int err;

	if (log == NULL)
		return -ENOMEM;
	log->sink.blocks = &blocks;
	err = pmt_bytesink_open(&log->sink, path, options);
	if (err < 0) {
		free(log);
		return err;
	}
	log->sink.recorder.ops = &compact_ops;
	*recorder = &log->sink.recorder;
	return 0;
}
