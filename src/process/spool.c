/* SPDX-License-Identifier: MIT */
#include <config.h>

#include "process/spool.h"

#include <errno.h>
#include <search.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/cli.h"

#define BLOCK 4096

struct piece {
	off_t offset;
	size_t length;
};

struct stream {
	pid_t pid;
	size_t number;
	char *text;		/* what is not in the file yet */
	size_t length, room;
	struct piece *pieces;
	size_t count, piece_room;
};

struct process_spool {
	FILE *file;		/* made when it is needed */
	off_t end;
	void *tree;		/* of struct stream, by pid */
	struct stream **streams;	/* in the order that they came */
	size_t count;
};

static void *
need(void *memory)
{
	if (memory == NULL)
		cli_die(CLI_FAILED, ENOMEM, "cannot sort the log");
	return memory;
}

static int
compare(const void *a, const void *b)
{
	const struct stream *x = a, *y = b;

	return (x->pid > y->pid) - (x->pid < y->pid);
}

struct process_spool *
process_spool_new(void)
{
	return need(calloc(1, sizeof(struct process_spool)));
}

static struct stream *
find_stream(struct process_spool *spool, pid_t pid)
{
	struct stream key = { .pid = pid }, *fresh;
	struct stream **found = tfind(&key, &spool->tree, compare);

	if (found != NULL)
		return *found;
	fresh = need(calloc(1, sizeof(*fresh)));
	fresh->pid = pid;
	fresh->number = spool->count;
	need(tsearch(fresh, &spool->tree, compare));
	spool->streams = need(reallocarray(spool->streams, spool->count + 1,
					   sizeof(struct stream *)));
	spool->streams[spool->count++] = fresh;
	return fresh;
}

/* Move what a stream has in memory to the file. */
static void
flush_stream(struct process_spool *spool, struct stream *stream)
{
	size_t room = stream->piece_room * 2 + 4;

	if (spool->file == NULL)
		spool->file = tmpfile();
	if (spool->file == NULL ||
	    fwrite(stream->text, 1, stream->length, spool->file) !=
	    stream->length)
		cli_die(CLI_FAILED, errno, "cannot write a temporary file");
	if (stream->count == stream->piece_room) {
		stream->pieces = need(reallocarray(stream->pieces, room,
						   sizeof(struct piece)));
		stream->piece_room = room;
	}
	stream->pieces[stream->count++] = (struct piece){
		.offset = spool->end, .length = stream->length,
	};
	spool->end += (off_t)stream->length;
	stream->length = 0;
}

size_t
process_spool_add(struct process_spool *spool, pid_t pid, const char *text,
		  size_t length)
{
	struct stream *stream = find_stream(spool, pid);
	size_t needed = stream->length + length;

	if (needed > stream->room) {
		stream->room = needed > BLOCK ? needed : needed * 2;
		stream->text = need(realloc(stream->text, stream->room));
	}
	memcpy(stream->text + stream->length, text, length);
	stream->length = needed;
	if (needed >= BLOCK)
		flush_stream(spool, stream);
	return stream->number;
}

size_t
process_spool_count(const struct process_spool *spool)
{
	return spool->count;
}

pid_t
process_spool_pid(const struct process_spool *spool, size_t i)
{
	return spool->streams[i]->pid;
}

void
process_spool_copy(struct process_spool *spool, size_t i, FILE *out)
{
	const struct stream *stream = spool->streams[i];
	char buf[BLOCK];

	if (spool->file != NULL && fflush(spool->file) != 0)
		cli_die(CLI_FAILED, errno, "cannot write a temporary file");
	for (size_t j = 0; j < stream->count; j++) {
		off_t at = stream->pieces[j].offset;
		size_t left = stream->pieces[j].length;

		while (left > 0) {
			ssize_t n = pread(fileno(spool->file), buf,
					  left < BLOCK ? left : BLOCK, at);

			if (n <= 0)
				cli_die(CLI_FAILED, n < 0 ? errno : EIO,
					"cannot read a temporary file");
			fwrite(buf, 1, (size_t)n, out);
			at += n;
			left -= (size_t)n;
		}
	}
	fwrite(stream->text, 1, stream->length, out);
}

static void
free_stream(void *at)
{
	struct stream *stream = at;

	free(stream->text);
	free(stream->pieces);
	free(stream);
}

void
process_spool_free(struct process_spool *spool)
{
	if (spool == NULL)
		return;
	tdestroy(spool->tree, free_stream);
	free(spool->streams);
	if (spool->file != NULL)
		fclose(spool->file);
	free(spool);
}
