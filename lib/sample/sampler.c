/* SPDX-License-Identifier: MIT */
#include <config.h>

#include "sample/sampler.h"

#include <errno.h>
#include <inttypes.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "base/statm.h"

#define TOUCHED_PAGES 16
#define TOUCH_ROUNDS 2
#define TESTED_PAGES 8

/* What one measurement at the first open tells about this machine. */
static struct {
	uint64_t fault;		/* ticks of the fastest page fault */
	unsigned int moves;	/* of TESTED_PAGES, seen in statm */
	struct utsname system;
} machine;

static pthread_once_t once = PTHREAD_ONCE_INIT;

static const char *const mode_names[] = {
	[PMT_RSS_AUTO] = "auto",
	[PMT_RSS_GAP] = "gap",
	[PMT_RSS_RING] = "ring",
	[PMT_RSS_EVERY] = "every",
	[PMT_RSS_SELDOM] = "seldom",
};

int
pmt_rss_mode_parse(const char *name, enum pmt_rss_mode *mode)
{
	for (size_t i = 0; i <= PMT_RSS_EVERY; i++) {
		if (strcmp(name, mode_names[i]) == 0) {
			*mode = (enum pmt_rss_mode)i;
			return 0;
		}
	}
	return -EINVAL;
}

const char *
pmt_rss_mode_name(enum pmt_rss_mode mode)
{
	return mode_names[mode];
}

/* The fastest of 32 is within a twentieth of the fastest of 320. */
static uint64_t
time_touches(volatile char *block, uint64_t page)
{
	uint64_t before, took, best = UINT64_MAX;

	for (int round = 0; round < TOUCH_ROUNDS; round++) {
		for (size_t i = 0; i < TOUCHED_PAGES; i++) {
			before = pmt_ticks();
			block[i * page] = 1;
			took = pmt_ticks() - before;
			if (took < best)
				best = took;
		}
		madvise((void *)(uintptr_t)block, TOUCHED_PAGES * page,
			MADV_DONTNEED);
	}
	return best;
}

/*
 * How many of a few single pages statm shows at once.  Before Linux 6.16 the
 * counters are kept in batches, a thread's or a CPU's, and lag behind.
 */
static unsigned int
count_moves(volatile char *block, uint64_t page)
{
	uint64_t before = 0, after = 0;
	unsigned int moves = 0;
	int fd = pmt_statm_open();

	if (fd < 0)
		return 0;
	/* Tried again, because other threads may have moved it meanwhile. */
	for (int try = 0; try < 3 && moves < TESTED_PAGES; try++) {
		moves = 0;
		if (pmt_statm_read(&fd, &before) < 0)
			break;
		for (size_t i = 0; i < TESTED_PAGES; i++) {
			block[i * page] = 1;
			if (pmt_statm_read(&fd, &after) < 0)
				break;
			moves += after == before + 1;
			before = after;
		}
		madvise((void *)(uintptr_t)block, TESTED_PAGES * page,
			MADV_DONTNEED);
	}
	pmt_statm_keep(fd);
	return moves;
}

static void
measure_machine(void)
{
	uint64_t page = (uint64_t)sysconf(_SC_PAGESIZE);
	size_t size = TOUCHED_PAGES * page;
	void *block;

	pmt_ticks_scale();
	if (uname(&machine.system) == -1)
		strcpy(machine.system.release, "unknown");
	block = mmap(NULL, size, PROT_READ | PROT_WRITE,
		     MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (block == MAP_FAILED)
		return;
	/* A huge page would be one fault, and 2 MiB of somebody's RSS. */
	madvise(block, size, MADV_NOHUGEPAGE);
	machine.fault = time_touches(block, page);
	machine.moves = count_moves(block, page);
	munmap(block, size);
}

/*
 * Where a fault takes less than this, gaps tell little: most events are
 * further apart.
 */
#define SHORT_FAULT_NS 250

static enum pmt_rss_mode
choose_mode(void)
{
	return machine.fault < pmt_ticks_from_ns(SHORT_FAULT_NS) &&
			       pmt_faultring_open() == 0
		       ? PMT_RSS_RING : PMT_RSS_GAP;
}

/* Threads that cannot have a ring are judged by gaps. */
static void
choose_gap(struct pmt_sampler *sampler)
{
	sampler->ring = sampler->mode == PMT_RSS_RING &&
			pmt_faultring_open() == 0;
	if (sampler->mode == PMT_RSS_EVERY)
		sampler->gap = 0;
	else if (sampler->mode == PMT_RSS_SELDOM)
		sampler->gap = UINT64_MAX;
	else if (sampler->ring)
		sampler->gap = pmt_ticks_from_ns(PMT_SAMPLER_RING_GAP_NS);
	else	/* 0.4 leaves room for a fault faster than all tried. */
		sampler->gap = machine.fault * 2 / 5;
}

int
pmt_sampler_open(enum pmt_rss_mode mode, struct pmt_sampler **out)
{
	struct pmt_sampler *sampler;
	int err;

	pthread_once(&once, measure_machine);
	err = mode == PMT_RSS_RING ? pmt_faultring_open() : 0;
	if (err < 0)
		return err;
	sampler = calloc(1, sizeof(*sampler));
	if (sampler == NULL)
		return -ENOMEM;
	sampler->fd = pmt_statm_open();
	err = sampler->fd;
	if (err < 0)
		goto fail;
	sampler->pid = getpid();
	sampler->page = (uint64_t)sysconf(_SC_PAGESIZE);
	sampler->mode = mode == PMT_RSS_AUTO ? choose_mode() : mode;
	sampler->period = pmt_ticks_from_ns(PMT_SAMPLER_PERIOD_NS);
	choose_gap(sampler);
	pmt_sampler_read(sampler, pmt_ticks(), NULL);
	err = sampler->errors == 0 ? 0 : -EIO;
	if (err < 0)
		goto fail;
	*out = sampler;
	return 0;
fail:
	pmt_sampler_close(sampler);
	return err;
}

void
pmt_sampler_read(struct pmt_sampler *sampler, uint64_t ticks,
		 const void *thread)
{
	uint64_t pages;

	if (thread != sampler->thread)
		choose_gap(sampler);
	/* Before the read: a change in between is then read again. */
	if (sampler->ring) {
		sampler->faults = pmt_faultring_read();
		sampler->end_of_heap = sbrk(0);
	}
	if (pmt_statm_read(&sampler->fd, &pages) < 0)
		sampler->errors++;
	else
		sampler->rss = pages * sampler->page;
	atomic_store_explicit(&sampler->reads, pmt_sampler_reads(sampler) + 1,
			      memory_order_relaxed);
	sampler->thread = thread;
	sampler->last_read = ticks;
	/* What passed in the read itself is no gap of the program. */
	sampler->previous = pmt_ticks();
}

void
pmt_sampler_reopen_after_fork(struct pmt_sampler *sampler)
{
	pmt_statm_close(sampler->fd);
	sampler->fd = pmt_statm_open();
	sampler->pid = getpid();
	choose_gap(sampler);
	pmt_sampler_read(sampler, pmt_ticks(), NULL);
}

void
pmt_sampler_close(struct pmt_sampler *sampler)
{
	if (sampler == NULL)
		return;
	if (sampler->pid == getpid())
		pmt_statm_keep(sampler->fd);
	else
		pmt_statm_close(sampler->fd);
	free(sampler);
}

void
pmt_sampler_describe(const struct pmt_sampler *sampler, char *line,
		     size_t size)
{
	uint64_t gap_ns = (sampler->gap * pmt_ticks_scale()) >> 32;
	int n;

	n = snprintf(line, size, "RSS from statm of Linux %s, %u of %d single "
		     "pages seen, rss=%s", machine.system.release,
		     machine.moves, TESTED_PAGES, mode_names[sampler->mode]);
	if (n <= 0 || (size_t)n >= size)
		return;
	if (sampler->mode == PMT_RSS_SELDOM)
		snprintf(line + n, size - (size_t)n, ", read after %d us",
			 PMT_SAMPLER_PERIOD_NS / 1000);
	else if (sampler->mode != PMT_RSS_EVERY)
		snprintf(line + n, size - (size_t)n, ", read after %sgaps of "
			 "%" PRIu64 " ns; clock %s",
			 sampler->ring ? "page faults and " : "", gap_ns,
			 pmt_ticks_counted ? "from the CPU's counter"
					   : "CLOCK_MONOTONIC");
}
