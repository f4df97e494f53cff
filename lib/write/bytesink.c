/* SPDX-License-Identifier: MIT */
#include <config.h>

#include "write/bytesink.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "log/logtail.h"
#include "report/summary.h"
#include "write/compactlog.h"

enum {
	MAPPING = PMT_LOGTAIL_TEXT + PMT_LOGWRITE_BUFFER,
	/* Above what daemons close and shells use. */
	LOWEST_FD = 64,
};

static int
open_high(const char *path, int flags)
{
	int high, fd = open(path, flags | O_CLOEXEC, 0666);

	if (fd == -1)
		return -errno;
	high = fcntl(fd, F_DUPFD_CLOEXEC, LOWEST_FD);
	if (high == -1)
		return fd;
	close(fd);
	return high;
}

/* The tail's blocks are reserved, lest a full disk turn a store into SIGBUS. */
static void *
map_tail_file(const char *path)
{
	void *map = MAP_FAILED;
	int fd;

	fd = open(path, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
	if (fd == -1)
		return MAP_FAILED;
	if (posix_fallocate(fd, 0, MAPPING) == 0)
		map = mmap(NULL, MAPPING, PROT_READ | PROT_WRITE,
			   MAP_SHARED | MAP_POPULATE, fd, 0);
	close(fd);
	if (map == MAP_FAILED)
		unlink(path);
	return map;
}

static int
map_buffer(struct pmt_logwrite *log)
{
	void *map = MAP_FAILED;

	/* Pipes and devices have no tail: nothing of them is kept. */
	if (!log->regular)
		goto anonymous;
	if (asprintf(&log->tail_path, "%s.tail", log->path) == -1) {
		log->tail_path = NULL;
		return -ENOMEM;
	}
	map = map_tail_file(log->tail_path);
	if (map == MAP_FAILED) {
		free(log->tail_path);
		log->tail_path = NULL;
	}
anonymous:
	if (map == MAP_FAILED)
		map = mmap(NULL, MAPPING, PROT_READ | PROT_WRITE,
			   MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);
	if (map == MAP_FAILED)
		return -ENOMEM;
	/* A child that wrote here would write into its parent's log. */
	(void)madvise(map, MAPPING, MADV_DONTFORK);
	memset(map, 0, MAPPING);

	log->tail = map;
	memcpy(log->tail->magic, PMT_LOGTAIL_MAGIC, sizeof(log->tail->magic));
	log->buffer = log->next = (char *)map + PMT_LOGTAIL_TEXT;
	log->end = log->buffer + PMT_LOGWRITE_BUFFER;
	return 0;
}

static void
free_log(struct pmt_logwrite *log)
{
	pmt_compact_free(log->compact);
	pmt_summary_free(log->summary);
	free(log->beginning);
	if (log->fd != -1)
		close(log->fd);
	free(log->tail_path);
	free(log->path);
	free(log);
}

static struct pmt_logwrite *
new_log(const char *path, enum pmt_encoding encoding)
{
	bool compact = encoding == PMT_ENCODING_COMPACT;
	struct pmt_logwrite *log = calloc(1, sizeof(*log));

	if (log == NULL)
		return NULL;
	log->fd = -1;
	log->path = strdup(path);
	if (compact)
		log->compact = pmt_compact_new();
	if (log->path == NULL || (compact && log->compact == NULL)) {
		free_log(log);
		return NULL;
	}
	return log;
}

static int
know_file(struct pmt_logwrite *log)
{
	struct stat st;

	if (fstat(log->fd, &st) == -1)
		return -errno;
	log->regular = S_ISREG(st.st_mode);
	log->device = st.st_dev;
	log->inode = st.st_ino;
	return 0;
}

/* The older half of a log that was here before is no part of this one. */
static void
remove_older(const char *path)
{
	char *older;

	if (asprintf(&older, "%s.older", path) == -1)
		return;
	unlink(older);
	free(older);
}

static int
open_rows(struct pmt_logwrite *log, bool exclusive)
{
	int flags = O_RDWR | O_CREAT | (exclusive ? O_EXCL : O_TRUNC);
	int err = open_high(log->path, flags);

	if (err < 0)
		return err;
	log->fd = err;
	err = know_file(log);
	if (err < 0)
		return err;
	remove_older(log->path);
	/* Tells readers that the tail is in use; without it they may guess. */
	(void)flock(log->fd, LOCK_EX | LOCK_NB);
	return map_buffer(log);
}

int
pmt_logwrite_open(const char *path, bool exclusive,
		  enum pmt_encoding encoding, struct pmt_logwrite **out)
{
	struct pmt_logwrite *log = new_log(path, encoding);
	int err;

	if (log == NULL)
		return -ENOMEM;
	if (encoding == PMT_ENCODING_SUMMARY)
		err = pmt_summary_open(path, exclusive, &log->summary);
	else
		err = open_rows(log, exclusive);
	if (err < 0) {
		free_log(log);
		return err;
	}
	*out = log;
	return 0;
}

int
pmt_logwrite_open_fd(int fd, struct pmt_logwrite **out)
{
	struct pmt_logwrite *log = new_log("", PMT_ENCODING_TEXT);
	int err;

	if (log == NULL)
		return -ENOMEM;
	log->fd = fcntl(fd, F_DUPFD_CLOEXEC, LOWEST_FD);
	err = log->fd == -1 ? -errno : know_file(log);
	/* What it is appended to is the caller's. */
	log->regular = false;
	if (err == 0)
		err = map_buffer(log);
	if (err < 0) {
		free_log(log);
		return err;
	}
	*out = log;
	return 0;
}

/*
 * A daemon closes descriptors that it did not open, and the number may be
 * another file's by now: look before each write, and open the log again.
 */
static int
check_fd(struct pmt_logwrite *log)
{
	struct stat st;
	int fd;

	if (fstat(log->fd, &st) == 0 && st.st_dev == log->device &&
	    st.st_ino == log->inode)
		return 0;
	log->fd = -1;
	fd = open_high(log->path, O_RDWR);
	if (fd < 0)
		return fd;
	if (fstat(fd, &st) == -1 || st.st_dev != log->device ||
	    st.st_ino != log->inode) {
		close(fd);
		return -ESTALE;
	}
	log->fd = fd;
	return 0;
}

/*
 * Whole rows (of a compact log: whole blocks) that went in count as written,
 * whatever stopped the rest.
 */
static size_t
write_rows(struct pmt_logwrite *log, const char *text, size_t size, int *err)
{
	uint64_t start = log->tail->start;
	size_t done = 0;
	ssize_t n;

	*err = check_fd(log);
	while (*err == 0 && done < size) {
		if (log->regular)
			n = pwrite(log->fd, text + done, size - done,
				   (off_t)(start + done));
		else
			n = write(log->fd, text + done, size - done);
		if (n >= 0)
			done += (size_t)n;
		else if (errno != EINTR)
			*err = -errno;
	}
	if (done == size)
		return size;
	if (log->compact != NULL)
		done = 0;
	while (done > 0 && text[done - 1] != '\n')
		done--;
	if (log->fd != -1 && log->regular)
		(void)!ftruncate(log->fd, (off_t)(start + done));
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

/* ROWS are in the block of a compact log; text is counted. */
static void
write_out(struct pmt_logwrite *log, const char *text, size_t size,
	  uint64_t rows)
{
	size_t done;
	int err;

	done = write_rows(log, text, size, &err);
	if (done < size) {
		log->lost += log->compact != NULL
				     ? rows
				     : count_rows(text + done, size - done);
		if (log->error == 0)
			log->error = -err;
	}
	/* In this order: a kill in between finds used 0, a complete log. */
	atomic_store_explicit(&log->tail->used, 0, memory_order_release);
	atomic_fetch_add_explicit(&log->tail->start, done,
				  memory_order_release);
}

void
pmt_logwrite_limit(struct pmt_logwrite *log, uint64_t limit, bool ring)
{
	log->limit = limit;
	log->ring = ring;
}

void
pmt_logwrite_mark(struct pmt_logwrite *log)
{
	if (!log->ring)
		return;
	pmt_logwrite_flush(log);
	log->mark = log->tail->start;
}

void
pmt_logwrite_begun(struct pmt_logwrite *log)
{
	size_t size;

	if (!log->ring)
		return;
	pmt_logwrite_flush(log);
	size = log->tail->start - log->mark;
	log->beginning = malloc(size);
	if (log->beginning != NULL &&
	    pread(log->fd, log->beginning, size, (off_t)log->mark) ==
		    (ssize_t)size)
		log->beginning_size = size;
	/* Without its header a new half could not be read. */
	else
		log->ring = false;
}

/* The log becomes its older half; an empty one takes its place. */
static int
turn(struct pmt_logwrite *log)
{
	char *older;
	int err, fd;

	if (asprintf(&older, "%s.older", log->path) == -1)
		return -ENOMEM;
	err = rename(log->path, older) == -1 ? -errno : 0;
	free(older);
	if (err < 0)
		return err;
	fd = open_high(log->path, O_RDWR | O_CREAT | O_TRUNC);
	if (fd < 0)
		return fd;
	close(log->fd);
	log->fd = fd;
	(void)flock(fd, LOCK_EX | LOCK_NB);
	err = know_file(log);
	if (err == 0 && pwrite(fd, log->beginning, log->beginning_size, 0) !=
				(ssize_t)log->beginning_size)
		err = -errno;
	log->tail->start = log->beginning_size;
	return err;
}

/* Is the log as long as it may be? */
static bool
is_long(const struct pmt_logwrite *log)
{
	uint64_t most = log->ring ? log->limit / 2 : log->limit;

	/* One buffer at least; then one more or less, whichever is nearer. */
	if (most < PMT_LOGWRITE_BUFFER)
		most = PMT_LOGWRITE_BUFFER;
	return log->limit != 0 && !log->full &&
	       log->tail->start + PMT_LOGWRITE_BUFFER / 2 >= most;
}

/* A new half is begun when there is something to write to it. */
static void
turn_if_long(struct pmt_logwrite *log)
{
	int err = 0;

	if (!log->ring || log->beginning_size == 0 || !is_long(log))
		return;
	err = turn(log);
	if (err < 0 && log->error == 0)
		log->error = -err;
	log->full = err < 0;
}

/* A report that could be written again makes up for one that could not. */
static void
write_summary(struct pmt_logwrite *log)
{
	int err = pmt_summary_write(log->summary);

	if (log->lost == 0)
		log->error = -err;
}

static void
flush_rows(struct pmt_logwrite *log)
{
	uint64_t rows = log->compact == NULL ? 0
					     : pmt_compact_finish_block(log);
	size_t size = (size_t)(log->next - log->buffer);

	if (size > 0) {
		turn_if_long(log);
		write_out(log, log->buffer, size, rows);
	}
	log->next = log->buffer;
	if (!log->ring && pmt_unlikely(is_long(log)))
		log->full = true;
	if (log->compact != NULL)
		pmt_compact_start_block(log);
}

void
pmt_logwrite_flush(struct pmt_logwrite *log)
{
	if (log->summary != NULL)
		write_summary(log);
	else
		flush_rows(log);
}

void
pmt_logwrite_raw(struct pmt_logwrite *log, const void *bytes, size_t size)
{
	pmt_logwrite_flush(log);
	write_out(log, bytes, size, 1);
	if (log->compact != NULL)
		pmt_compact_start_block(log);
}

void
pmt_logwrite_end(struct pmt_logwrite *log)
{
	if (log->compact != NULL)
		pmt_compact_end(log);
	else if (log->summary != NULL)
		pmt_summary_end(log->summary);
	else
		pmt_logwrite_append(log, "EOF\n", 4);
}

void
pmt_logwrite_append(struct pmt_logwrite *log, const char *text, size_t size)
{
	char *p = pmt_logwrite_reserve(log, size);

	if (p == NULL) {
		write_out(log, text, size, 0);
		return;
	}
	memcpy(p, text, size);
	pmt_logwrite_commit(log, p + size);
}

void
pmt_logwrite_message(struct pmt_logwrite *log, const char *message)
{
	const char *line = message;

	while (*line != '\0') {
		size_t size = strcspn(line, "\n");

		if (size == 3 && memcmp(line, "SOF", 3) == 0)
			pmt_logwrite_append(log, "\\123OF", 6);
		else
			pmt_logwrite_append(log, line, size);
		pmt_logwrite_append(log, "\n", 1);
		line += size + (line[size] == '\n');
	}
}

/* Put TEXT where the file's last rows are; the disk has no other place. */
static void
overwrite_end(struct pmt_logwrite *log, const char *text)
{
	uint64_t start = log->tail->start, size = strlen(text);
	char block[4096];
	ssize_t n;

	if (log->fd == -1 || !log->regular)
		return;
	if (pwrite(log->fd, text, size, (off_t)start) == (ssize_t)size) {
		log->tail->start += size;
		return;
	}
	(void)!ftruncate(log->fd, (off_t)start);
	if (start < size + sizeof(block))
		return;
	start -= size + sizeof(block);
	n = pread(log->fd, block, sizeof(block), (off_t)start);
	while (n > 0 && block[n - 1] != '\n')
		n--;
	if (n <= 0)
		return;
	start += (uint64_t)n;
	if (pwrite(log->fd, text, size, (off_t)start) == (ssize_t)size)
		(void)!ftruncate(log->fd, (off_t)(start + size));
}

int
pmt_logwrite_close(struct pmt_logwrite *log, const char *last_words)
{
	int err;

	if (log == NULL)
		return 0;
	pmt_logwrite_flush(log);
	if (log->lost > 0 && last_words != NULL && log->compact == NULL &&
	    log->summary == NULL)
		overwrite_end(log, last_words);
	if (log->fd != -1 && close(log->fd) == -1 && log->error == 0)
		log->error = errno;
	log->fd = -1;
	err = -log->error;
	if (log->tail != NULL)
		munmap(log->tail, MAPPING);
	if (log->tail_path != NULL)
		unlink(log->tail_path);
	free_log(log);
	return err;
}

void
pmt_logwrite_abandon(struct pmt_logwrite *log)
{
	/* The mapping did not come along: MADV_DONTFORK. */
	free_log(log);
}
