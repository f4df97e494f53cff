/* SPDX-License-Identifier: MIT */
#include <config.h>

#include "sample/faultring.h"

#include <errno.h>
#include <linux/perf_event.h>
#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#define TRIED_PAGES 8

/* What threads without a ring read. */
static const uint64_t no_faults;

__thread const volatile uint64_t *pmt_faultring_head = &no_faults;

/* Why this thread has no ring; 0: not tried yet. */
static __thread int failure;

/* Its destructor takes the ring down with its thread. */
static pthread_key_t key;
static pthread_once_t once = PTHREAD_ONCE_INIT;
static int once_error;

static size_t
ring_size(void)
{
	/* One page of counters, one of records that nobody reads. */
	return 2 * (size_t)sysconf(_SC_PAGESIZE);
}

static void
close_ring(void *ring)
{
	pmt_faultring_head = &no_faults;
	failure = -ESRCH;
	munmap(ring, ring_size());
}

/* The ring is VM_DONTCOPY: in a child there is nothing where it was. */
static void
forget_ring(void)
{
	pmt_faultring_head = &no_faults;
	failure = 0;
	pthread_setspecific(key, NULL);
}

static void
prepare(void)
{
	once_error = -pthread_key_create(&key, close_ring);
	if (once_error == 0)
		once_error = -pthread_atfork(NULL, NULL, forget_ring);
}

static int
open_event(void)
{
	struct perf_event_attr attr = {
		.type = PERF_TYPE_SOFTWARE,
		.size = sizeof(attr),
		.config = PERF_COUNT_SW_PAGE_FAULTS,
		.sample_period = 1,
		.exclude_kernel = 1,
		.exclude_hv = 1,
		/* Wake nobody. */
		.watermark = 1,
		.wakeup_watermark = 0x7fffffff,
	};
	long fd = syscall(SYS_perf_event_open, &attr, 0, -1, -1,
			  PERF_FLAG_FD_CLOEXEC);

	return fd == -1 ? -errno : (int)fd;
}

/* Some kernels offer the event and never send it. */
static bool
faults_show(void)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE);
	size_t size = TRIED_PAGES * page;
	volatile char *block = mmap(NULL, size, PROT_READ | PROT_WRITE,
				    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	unsigned int moves = 0;
	uint64_t before;

	if (block == MAP_FAILED)
		return false;
	madvise((void *)(uintptr_t)block, size, MADV_NOHUGEPAGE);
	for (size_t i = 0; i < TRIED_PAGES; i++) {
		before = pmt_faultring_read();
		block[i * page] = 1;
		moves += pmt_faultring_read() != before;
	}
	munmap((void *)(uintptr_t)block, size);
	return moves == TRIED_PAGES;
}

static int
open_ring(void)
{
	struct perf_event_mmap_page *ring;
	int fd = open_event(), err;

	if (fd < 0)
		return fd;
	/*
	 * Read-only, so that the kernel writes over what is old; mapped for
	 * writing the ring would go blind when full.  The mapping keeps the
	 * event: no descriptor need stay in the program's table.
	 */
	ring = mmap(NULL, ring_size(), PROT_READ, MAP_SHARED, fd, 0);
	err = -errno;
	close(fd);
	if (ring == MAP_FAILED)
		return err;
	pmt_faultring_head = (const volatile uint64_t *)&ring->data_head;
	err = faults_show() ? -pthread_setspecific(key, ring) : -ENOTSUP;
	if (err < 0)
		close_ring(ring);
	return err;
}

int
pmt_faultring_open(void)
{
	pthread_once(&once, prepare);
	if (once_error < 0)
		return once_error;
	if (pmt_faultring_head == &no_faults && failure == 0)
		failure = open_ring();
	return failure;
}
