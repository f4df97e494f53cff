/* SPDX-License-Identifier: MIT */
#include <config.h>

#include "read/logparts.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "log/logtail.h"

/*
 * A file beside the log, which nobody named: neither a link to something else
 * nor a FIFO, on which an open would wait.  Returns -1 if there is none.
 */
static int
open_beside(const char *path, const char *ending)
{
	struct stat status;
	char *beside;
	int fd;

	if (asprintf(&beside, "%s%s", path, ending) == -1)
		return -1;
	fd = open(beside, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
	free(beside);
	if (fd == -1)
		return -1;
	if (fstat(fd, &status) == 0 && S_ISREG(status.st_mode))
		return fd;
	close(fd);
	return -1;
}

/* Both halves of a ring begin with the same header, once it is written. */
static bool
begins_alike(int fd, int other)
{
	char begin[16], others[16];
	ssize_t n = pread(fd, begin, sizeof(begin), 0);

	return n == 0 ||
	       (n == sizeof(begin) &&
		pread(other, others, sizeof(others), 0) == sizeof(others) &&
		memcmp(begin, others, sizeof(begin)) == 0);
}

/* The writer holds a lock as long as it lives. */
static bool
is_being_written(int fd)
{
	if (flock(fd, LOCK_SH | LOCK_NB) == -1)
		return errno == EWOULDBLOCK;
	flock(fd, LOCK_UN);
	return false;
}

/* The log proper, then the tail if there is one. */
static void
add_log_and_tail(struct pmt_input *input, int fd, const char *path,
		 uint64_t size)
{
	uint64_t start = UINT64_MAX, used = 0;
	int tail = open_beside(path, ".tail");

	if (tail != -1 && (is_being_written(fd) ||
			   pmt_logtail_find(tail, &start, &used) < 0 ||
			   start > size || used == 0)) {
		close(tail);
		tail = -1;
	}
	pmt_input_add(input, fd, tail == -1 ? UINT64_MAX : start);
	if (tail != -1)
		pmt_input_add(input, tail, used);
}

int
pmt_logparts_open(struct pmt_input *input, const char *path, bool *halves)
{
	struct stat status;
	int fd = STDIN_FILENO, older;

	*halves = false;
	if (strcmp(path, "-") != 0)
		fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd == -1 || fstat(fd, &status) == -1)
		return -errno;
	if (S_ISDIR(status.st_mode)) {
		if (fd != STDIN_FILENO)
			close(fd);
		return -EISDIR;
	}
	if (fd == STDIN_FILENO || !S_ISREG(status.st_mode)) {
		pmt_input_add(input, fd, UINT64_MAX);
		return 0;
	}
	older = open_beside(path, ".older");
	*halves = older != -1 && begins_alike(fd, older);
	if (older != -1 && !*halves)
		close(older);
	if (*halves)
		pmt_input_add(input, older, UINT64_MAX);
	add_log_and_tail(input, fd, path, (uint64_t)status.st_size);
	return 0;
}
