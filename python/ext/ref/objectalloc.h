/* SPDX-License-Identifier: MIT */
/* objectalloc.h - which block was just given to an object, which taken back? */
#ifndef PMT_OBJECTALLOC_H
#define PMT_OBJECTALLOC_H

#include "module/compat.h"

/*
 * A layer over CPython's allocator of objects (PyMem_SetAllocator(), domain
 * PYMEM_DOMAIN_OBJ).  It tells the size of a new object, which the tracer is
 * called too early to ask for, and sees the end of objects whose destruction
 * CPython did not report.  Functions are called ONE_AT_A_TIME (threads.h).
 */

/*
 * Call FREED with the address of each block before it is freed or after it was
 * moved; what was in it is then at CONTENT.  If FREED is NULL only sizes are
 * wanted, and without SIZES they are not: to give a block then costs nothing
 * more.  Watchers are counted; FREED is the same for all.  If someone else has
 * put a layer over one without sizes, it stays without.
 */
void objectalloc_watch(void (*freed)(uintptr_t address, const void *content),
		       bool sizes);

/*
 * One watcher less.  If someone else has put a layer over ours meanwhile, ours
 * stays and only passes on.
 */
void objectalloc_unwatch(void);

/*
 * Bytes of the block of OBJECT, just created: what was asked of the allocator,
 * garbage collector's header included.  An object that came out of a free list
 * is reckoned from its type's basic size and its number of items.
 */
size_t objectalloc_size(PyObject *object);

/* The latter, at any time; without what an object has in other blocks. */
size_t objectalloc_basic_size(PyObject *object);

#endif
