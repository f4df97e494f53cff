/* SPDX-License-Identifier: MIT */
/* heapfile.h - how does a graph get into a file, and out of it again? */
#ifndef PMT_HEAP_HEAPFILE_H
#define PMT_HEAP_HEAPFILE_H

#include "heap/graph.h"

/* The format is told in pmt-heap(5). */
#define PMT_HEAP_MAGIC "\211PMTHEP1"
#define PMT_HEAP_MAGIC_SIZE 8

/* What was walked, and when. */
struct pmt_heap_head {
	uint64_t pid;
	uint64_t time;		/* seconds since 1970 */
	char python[32];	/* its version */
};

/*
 * Can PATH be written?  There is a file of the name PATH.part from now on,
 * which only its owner may read, until pmt_heap_write() is done or
 * pmt_heap_write_abandon() called.  Returns a descriptor of it or -errno:
 * -EEXIST, something else has its name; -EBUSY, somebody writes it.  While some
 * process has that, it has a lock of flock(2): close it once there is another
 * process to write.
 */
int pmt_heap_write_prepare(const char *path) PMT_MUST_CHECK;

/*
 * Write HEAP to the file PATH, which was prepared, and is made anew or not at
 * all.  Works in a forked child: no malloc(3), no stdio.  Returns 0 or -errno.
 */
int pmt_heap_write(const struct pmt_heap *heap,
		   const struct pmt_heap_head *head,
		   const char *path) PMT_MUST_CHECK;

/* Who was to write that was killed: remove what there is of PATH. */
void pmt_heap_write_abandon(const char *path);

/*
 * Read SIZE bytes at DATA into HEAP, which is then the caller's to fini.  What
 * is there of a torn file is read; *TORN counts the objects that are not.
 * Whatever stands in the file, the graph is sound.  Returns 0 or -errno:
 * -EINVAL, no snapshot; -ENOTSUP, one of a newer pmt; -ENOMEM.
 */
int pmt_heap_read(struct pmt_heap *heap, struct pmt_heap_head *head,
		  uint64_t *torn, const void *data,
		  size_t size) PMT_MUST_CHECK;

/* The same of the file PATH.  Also -errno of what cannot be opened. */
int pmt_heap_load(struct pmt_heap *heap, struct pmt_heap_head *head,
		  uint64_t *torn, const char *path) PMT_MUST_CHECK;

#endif
