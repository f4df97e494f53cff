/* SPDX-License-Identifier: MIT */
#include <config.h>

#include "alloc/sink.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "alloc/own.h"

enum {
	MAPPING = PMT_LOGTAIL_TEXT + PMT_SINK_BUFFER,
	/* Above what daemons close and shells use. */
	LOWEST_FD = 64,
};

struct pmt_sink pmt_sink = { .fd = -1 };

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

static int
tail_path(char path[PATH_MAX])
{
	int n = snprintf(path, PATH_MAX, "%s.tail", pmt_sink.path);

	return n < PATH_MAX ? 0 : -ENAMETOOLONG;
}

/* The tail's blocks are reserved, lest a full disk turn a store into SIGBUS. */
static int
map_tail(void)
{
	char path[PATH_MAX];
	long map = -1;
	int fd, err = tail_path(path);

	if (err < 0)
		return err;
	fd = open(path, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
	if (fd == -1)
		return -errno;
	err = -posix_fallocate(fd, 0, MAPPING);
	if (err == 0)
		map = syscall(SYS_mmap, NULL, (size_t)MAPPING,
			      PROT_READ | PROT_WRITE,
			      MAP_SHARED | MAP_POPULATE, fd, 0);
	if (err == 0 && map == -1)
		err = -errno;
	close(fd);
	if (err < 0) {
		unlink(path);
		return err;
	}
	/* A child that wrote here would write into its parent's log. */
	(void)madvise((void *)map, MAPPING, MADV_DONTFORK);
	pmt_sink.tail = (struct pmt_logtail *)map;
	memcpy(pmt_sink.tail->magic, PMT_LOGTAIL_MAGIC,
	       sizeof(pmt_sink.tail->magic));
	pmt_sink.begin = pmt_sink.next = (uint8_t *)map + PMT_LOGTAIL_TEXT;
	pmt_sink.end = pmt_sink.begin + PMT_SINK_BUFFER;
	return 0;
}

int
pmt_sink_open(bool exclusive, unsigned int flags, const char *message,
	      size_t size)
{
	struct stat st;
	uint8_t *p;
	int err, fd = open_high(pmt_sink.path, O_RDWR | O_CREAT |
				(exclusive ? O_EXCL : O_TRUNC));

	if (fd < 0)
		return fd;
	err = fstat(fd, &st) == -1 ? -errno : map_tail();
	if (err < 0) {
		close(fd);
		return err;
	}
	/* Tells readers that the tail is in use; without it they may guess. */
	(void)flock(fd, LOCK_EX | LOCK_NB);
	pmt_sink.fd = fd;
	pmt_sink.regular = true;
	pmt_sink.device = st.st_dev;
	pmt_sink.inode = st.st_ino;
	pmt_sink.error = 0;
	memset(&pmt_sink.codec, 0, sizeof(pmt_sink.codec));
	if (size > PMT_SINK_NAME)
		size = PMT_SINK_NAME;
	p = pmt_put_header(pmt_sink.next, flags, size);
	memcpy(p, message, size);
	pmt_sink_commit(p + size);
	return 0;
}

int
pmt_sink_open_memory(void)
{
	static struct pmt_logtail nowhere;

	pmt_sink.begin = pmt_own_get(PMT_SINK_BUFFER);
	if (pmt_sink.begin == NULL)
		return -ENOMEM;
	pmt_sink.next = pmt_sink.begin;
	pmt_sink.end = pmt_sink.begin + PMT_SINK_BUFFER;
	pmt_sink.tail = &nowhere;
	pmt_sink.error = 0;
	pmt_sink.regular = false;
	memset(&pmt_sink.codec, 0, sizeof(pmt_sink.codec));
	return 0;
}

static void
grow(void)
{
	size_t size = (size_t)(pmt_sink.end - pmt_sink.begin);
	size_t used = (size_t)(pmt_sink.next - pmt_sink.begin);
	uint8_t *bigger = pmt_own_grow(pmt_sink.begin, size, 2 * size);

	if (bigger == NULL) {
		pmt_sink.error = ENOMEM;
		pmt_sink.next = pmt_sink.begin;
		return;
	}
	pmt_sink.begin = bigger;
	pmt_sink.next = bigger + used;
	pmt_sink.end = bigger + 2 * size;
}

/*
 * A daemon closes descriptors that it did not open, and the number may be
 * another file's by now.
 */
static int
check_fd(void)
{
	struct stat st;

	if (fstat(pmt_sink.fd, &st) == 0 && st.st_dev == pmt_sink.device &&
	    st.st_ino == pmt_sink.inode)
		return 0;
	pmt_sink.fd = open_high(pmt_sink.path, O_RDWR);
	if (pmt_sink.fd < 0)
		return pmt_sink.fd;
	if (fstat(pmt_sink.fd, &st) == 0 && st.st_dev == pmt_sink.device &&
	    st.st_ino == pmt_sink.inode)
		return 0;
	close(pmt_sink.fd);
	pmt_sink.fd = -1;
	return -ESTALE;
}

/* What cannot be written stays in the file as it was: no half record. */
static void
write_out(void)
{
	size_t size = (size_t)(pmt_sink.next - pmt_sink.begin), done = 0;
	uint64_t start = pmt_sink.tail->start;
	int err = pmt_sink.error == 0 ? check_fd() : -1;

	while (err == 0 && done < size) {
		ssize_t n = pwrite(pmt_sink.fd, pmt_sink.begin + done,
				   size - done, (off_t)(start + done));

		if (n >= 0)
			done += (size_t)n;
		else if (errno != EINTR)
			err = -errno;
	}
	if (err < 0 && pmt_sink.error == 0) {
		pmt_sink.error = -err;
		if (pmt_sink.fd >= 0)
			pmt_ignore(ftruncate(pmt_sink.fd, (off_t)start));
	}
	/* In this order: a kill in between finds used 0, a complete log. */
	atomic_store_explicit(&pmt_sink.tail->used, 0, memory_order_release);
	if (err == 0)
		atomic_store_explicit(&pmt_sink.tail->start, start + done,
				      memory_order_release);
	pmt_sink.next = pmt_sink.begin;
}

void
pmt_sink_flush(void)
{
	int before = errno;

	if (pmt_sink.regular)
		write_out();
	else
		grow();
	errno = before;
}

void
pmt_sink_close(void)
{
	char path[PATH_MAX];

	pmt_sink_flush();
	syscall(SYS_munmap, pmt_sink.tail, (size_t)MAPPING);
	pmt_sink.tail = NULL;
	if (pmt_sink.fd >= 0)
		close(pmt_sink.fd);
	pmt_sink.fd = -1;
	if (tail_path(path) == 0)
		unlink(path);
}

void
pmt_sink_abandon(void)
{
	/* The tail did not come along: MADV_DONTFORK. */
	if (!pmt_sink.regular)
		pmt_own_put(pmt_sink.begin,
			    (size_t)(pmt_sink.end - pmt_sink.begin));
	pmt_sink.tail = NULL;
	if (pmt_sink.fd >= 0)
		close(pmt_sink.fd);
	pmt_sink.fd = -1;
}
