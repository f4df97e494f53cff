/* SPDX-License-Identifier: MIT */
#include <config.h>

#include "alloc/sink.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "alloc/own.h"
#include "log/ownfile.h"

enum { MAPPING = PMT_LOGTAIL_TEXT + PMT_SINK_BUFFER };

struct pmt_sink pmt_sink = { .file.fd = -1 };

static int
tail_path(char path[PATH_MAX])
{
	int n = snprintf(path, PATH_MAX, "%s.tail", pmt_sink.path);

	return n < PATH_MAX ? 0 : -ENAMETOOLONG;
}

/* Not by mmap(), which is one of our doors. */
static int
map_tail(int flags, int fd)
{
	long map = syscall(SYS_mmap, NULL, (size_t)MAPPING,
			   PROT_READ | PROT_WRITE, flags | MAP_POPULATE, fd,
			   0);

	if (map == -1)
		return -errno;
	/* A child that wrote here would write into its parent's log. */
	(void)madvise((void *)map, MAPPING, MADV_DONTFORK);
	pmt_sink.tail = (struct pmt_logtail *)map;
	memcpy(pmt_sink.tail->magic, PMT_LOGTAIL_MAGIC,
	       sizeof(pmt_sink.tail->magic));
	pmt_sink.begin = pmt_sink.next = (uint8_t *)map + PMT_LOGTAIL_TEXT;
	pmt_sink.end = pmt_sink.begin + PMT_SINK_BUFFER;
	return 0;
}

static int
open_tail(void)
{
	char path[PATH_MAX];
	int fd, err;

	if (!pmt_sink.file.regular)
		return map_tail(MAP_PRIVATE | MAP_ANONYMOUS, -1);
	err = tail_path(path);
	if (err < 0)
		return err;
	/* The log is locked: it is of no living writer. */
	fd = pmt_ownfile_renew(path, PMT_LOGTAIL_MAGIC, MAPPING);
	if (fd < 0)
		return fd;
	err = map_tail(MAP_SHARED, fd);
	if (pmt_sink.mode != 0)
		pmt_ignore(fchmod(fd, pmt_sink.mode & 0444));
	close(fd);
	if (err < 0)
		unlink(path);
	return err;
}

int
pmt_sink_open(bool exclusive, unsigned int flags, const char *message,
	      size_t size)
{
	uint8_t *p;
	int err = pmt_logfd_open(&pmt_sink.file, pmt_sink.path,
				 exclusive ? O_EXCL | O_NOFOLLOW : 0,
				 pmt_sink.mode, 0);

	if (err < 0)
		return err;
	err = open_tail();
	if (err < 0) {
		(void)pmt_logfd_close(&pmt_sink.file);
		return err;
	}
	pmt_sink.in_memory = false;
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
	pmt_sink.in_memory = true;
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

static ssize_t
write_at(const uint8_t *bytes, size_t size, uint64_t offset)
{
	return pmt_sink.file.regular
		? pwrite(pmt_sink.file.fd, bytes, size, (off_t)offset)
		: write(pmt_sink.file.fd, bytes, size);
}

/* What cannot be written stays in the file as it was: no half record. */
static void
write_out(void)
{
	size_t size = (size_t)(pmt_sink.next - pmt_sink.begin), done = 0;
	uint64_t start = pmt_sink.tail->start;
	int err = pmt_sink.error == 0
		? pmt_logfd_check(&pmt_sink.file, pmt_sink.path) : -1;

	while (err == 0 && done < size) {
		ssize_t n = write_at(pmt_sink.begin + done, size - done,
				     start + done);

		if (n >= 0)
			done += (size_t)n;
		else if (errno != EINTR)
			err = -errno;
	}
	if (err < 0 && pmt_sink.error == 0) {
		pmt_sink.error = -err;
		if (pmt_sink.file.fd >= 0)
			pmt_ignore(ftruncate(pmt_sink.file.fd, (off_t)start));
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

	if (pmt_sink.in_memory)
		grow();
	else
		write_out();
	errno = before;
}

void
pmt_sink_discard(void)
{
	if (pmt_sink.file.regular)
		unlink(pmt_sink.path);
	pmt_sink_close();
}

void
pmt_sink_close(void)
{
	char path[PATH_MAX];

	pmt_sink_flush();
	syscall(SYS_munmap, pmt_sink.tail, (size_t)MAPPING);
	pmt_sink.tail = NULL;
	(void)pmt_logfd_close(&pmt_sink.file);
	if (pmt_sink.file.regular && tail_path(path) == 0)
		unlink(path);
}

void
pmt_sink_abandon(void)
{
	/* The tail did not come along: MADV_DONTFORK. */
	if (pmt_sink.in_memory)
		pmt_own_put(pmt_sink.begin,
			    (size_t)(pmt_sink.end - pmt_sink.begin));
	pmt_sink.tail = NULL;
	(void)pmt_logfd_close(&pmt_sink.file);
}
