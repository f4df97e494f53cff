/* SPDX-License-Identifier: MIT */
#include <config.h>

#include "heap/heapfile.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "log/compact.h"
#include "log/ownfile.h"

/* A part is written when the buffer has less than a longest text left. */
enum { BUFFER = 1 << 18, SPARE = 4096 };

struct out {
	int fd, err;
	uint8_t *start, *end;
};

static void
flush(struct out *out)
{
	const uint8_t *p = out->start;

	while (p < out->end && out->err == 0) {
		ssize_t n = write(out->fd, p, (size_t)(out->end - p));

		if (n >= 0)
			p += n;
		else if (errno != EINTR)
			out->err = -errno;
	}
	out->end = out->start;
}

static void
put(struct out *out, uint64_t value)
{
	if (out->end - out->start > BUFFER - SPARE)
		flush(out);
	out->end = pmt_put_varint(out->end, value);
}

static void
put_text(struct out *out, const char *text)
{
	size_t length = strlen(text);

	if (length > SPARE / 2)
		length = SPARE / 2;

	put(out, length);
	memcpy(out->end, text, length);
	out->end += length;
}

/* Are the edges of A labelled as those of B? */
static bool
same_labels(const struct pmt_heap *heap, uint32_t a, uint32_t b)
{
	uint32_t count = heap->first[a + 1] - heap->first[a];

	return count == heap->first[b + 1] - heap->first[b] &&
	       memcmp(heap->label + heap->first[a],
		      heap->label + heap->first[b],
		      count * sizeof(*heap->label)) == 0;
}

static uint32_t
run_length(const struct pmt_heap *heap, uint32_t edge, uint32_t end)
{
	uint32_t length = 1;

	while (edge + length < end &&
	       heap->label[edge + length] == heap->label[edge])
		length++;
	return length;
}

/* Runs of one label each; 0 if all is as of the last node of the same type. */
static void
put_labels(struct out *out, const struct pmt_heap *heap, uint32_t node,
	   uint32_t *last)
{
	uint32_t end = heap->first[node + 1], runs = 0;
	uint32_t before = last[heap->type[node]];

	last[heap->type[node]] = node + 1;
	if (before != 0 && same_labels(heap, before - 1, node)) {
		put(out, 0);
		return;
	}
	for (uint32_t e = heap->first[node]; e < end; runs++)
		e += run_length(heap, e, end);
	put(out, runs + (uint64_t)1);
	for (uint32_t e = heap->first[node]; e < end;) {
		uint32_t length = run_length(heap, e, end);

		put(out, heap->label[e]);
		put(out, length);
		e += length;
	}
}

static void
put_node(struct out *out, const struct pmt_heap *heap, uint32_t node,
	 uint64_t *address, uint32_t *last)
{
	uint64_t here = pmt_heap_address(heap, node) / 8;
	int64_t target = node;

	put(out, heap->type[node]);
	put(out, pmt_zigzag((int64_t)(here - *address)));
	put(out, heap->size[node]);
	put(out, pmt_zigzag(heap->spare[node]) << 5 | heap->marks[node]);
	put_labels(out, heap, node, last);
	for (uint32_t e = heap->first[node]; e < heap->first[node + 1]; e++) {
		put(out, pmt_zigzag(heap->target[e] - target));
		target = heap->target[e];
	}
	*address = here;
}

static void
put_head(struct out *out, const struct pmt_heap *heap,
	 const struct pmt_heap_head *head)
{
	memcpy(out->end, PMT_HEAP_MAGIC, PMT_HEAP_MAGIC_SIZE);
	out->end += PMT_HEAP_MAGIC_SIZE;
	put(out, head->pid);
	put(out, head->time);
	put_text(out, head->python);
	put(out, heap->names.count);
	put(out, heap->roots);
	put(out, heap->nodes);
	put(out, heap->edges);
}

static int
write_all(struct out *out, const struct pmt_heap *heap,
	  const struct pmt_heap_head *head)
{
	struct pmt_room last = { NULL, 0 };
	uint64_t address = 0;
	int err = pmt_room_grow(&last, (heap->names.count + (size_t)1) *
				       sizeof(uint32_t));

	if (err < 0)
		return err;
	put_head(out, heap, head);
	for (uint32_t i = 0; i < heap->names.count; i++)
		put_text(out, pmt_names_text(&heap->names, i));
	for (uint32_t i = 0; i < heap->roots; i++) {
		put(out, heap->root[i].node);
		put(out, heap->root[i].kind);
		put(out, heap->root[i].name);
	}
	for (uint32_t i = 0; i < heap->nodes && out->err == 0; i++)
		put_node(out, heap, i, &address, last.start);
	flush(out);
	pmt_room_free(&last);
	return out->err;
}

/* The name of what is not whole yet. */
static int
name_part(const char *path, char part[PATH_MAX])
{
	return snprintf(part, PATH_MAX, "%s.part", path) < PATH_MAX
		       ? 0 : -ENAMETOOLONG;
}

/* Is it what somebody began to write, and does nobody write it now? */
static int
check_left(int fd)
{
	char begin[PMT_HEAP_MAGIC_SIZE];
	ssize_t n = pread(fd, begin, sizeof(begin), 0);

	if (n < 0 || memcmp(begin, PMT_HEAP_MAGIC, (size_t)n) != 0)
		return -EEXIST;
	return flock(fd, LOCK_EX | LOCK_NB) == -1 && errno == EWOULDBLOCK
		       ? -EBUSY : 0;
}

/* The name can be guessed: what lies there may be a trap. */
int
pmt_heap_write_prepare(const char *path)
{
	char part[PATH_MAX];
	int err = name_part(path, part), fd;

	if (err < 0)
		return err;
	fd = open(part, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC,
		  0600);
	if (fd == -1 && errno != EEXIST)
		return -errno;
	if (fd == -1)
		fd = pmt_ownfile_open(part, O_RDWR);
	if (fd < 0)
		return -EEXIST;
	/* Where no locks are to be had, nobody can tell who died. */
	err = check_left(fd);
	if (err == 0 && ftruncate(fd, 0) == -1)
		err = -errno;
	if (err == 0)
		return fd;
	close(fd);
	return err;
}

void
pmt_heap_write_abandon(const char *path)
{
	char part[PATH_MAX];

	if (name_part(path, part) == 0)
		unlink(part);
}

int
pmt_heap_write(const struct pmt_heap *heap, const struct pmt_heap_head *head,
	       const char *path)
{
	char part[PATH_MAX];
	struct pmt_room buffer = { NULL, 0 };
	struct out out = { .err = 0 };
	int err = name_part(path, part);

	if (err < 0)
		return err;
	out.fd = pmt_ownfile_open(part, O_WRONLY);
	if (out.fd < 0)
		return out.fd;
	err = pmt_room_grow(&buffer, BUFFER);
	out.start = out.end = buffer.start;
	if (err == 0)
		err = write_all(&out, heap, head);
	if (close(out.fd) == -1 && err == 0)
		err = -errno;
	if (err == 0 && rename(part, path) == -1)
		err = -errno;
	if (err < 0)
		unlink(part);
	pmt_room_free(&buffer);
	return err;
}
