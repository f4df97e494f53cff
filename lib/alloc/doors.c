/* SPDX-License-Identifier: MIT */
#include <config.h>

#include "alloc/doors.h"

#include <dlfcn.h>
#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "alloc/event.h"
#include "alloc/native.h"
#include "alloc/sampler.h"

/* What lies below: the next library's, mostly libc's. */
static struct {
	void *(*malloc)(size_t);
	void *(*calloc)(size_t, size_t);
	void *(*realloc)(void *, size_t);
	void (*free)(void *);
	int (*posix_memalign)(void **, size_t, size_t);
	void *(*memalign)(size_t, size_t);
	void *(*aligned_alloc)(size_t, size_t);
	void *(*valloc)(size_t);
	void *(*pvalloc)(size_t);
} below;

/* dlsym() itself may allocate before it has found our malloc. */
static char early[16384] __attribute__((aligned(64)));
static size_t early_used;

static void *
early_alloc(size_t size)
{
	char *p = early + early_used;

	if (size > sizeof(early) - early_used - 64)
		return NULL;
	early_used += (size + 63) & ~(size_t)63;
	return p;
}

static inline bool
is_early(const void *p)
{
	return (const char *)p >= early &&
	       (const char *)p < early + sizeof(early);
}

#define FIND(name) (*(void **)&below.name = dlsym(RTLD_NEXT, #name))

static PMT_COLD void
find_below(void)
{
	static bool finding;

	if (finding)
		return;
	finding = true;
	FIND(calloc);
	FIND(realloc);
	FIND(free);
	FIND(posix_memalign);
	FIND(memalign);
	FIND(aligned_alloc);
	FIND(valloc);
	FIND(pvalloc);
	FIND(malloc);
	finding = false;
}

static inline void *
allocated(void *p, size_t size)
{
	struct pmt_self *self = &pmt_self;

	self->left -= (int64_t)size;
	if (pmt_likely(self->left >= 0 && size <= INT64_MAX) || p == NULL)
		return p;
	pmt_event_block(p, size);
	return p;
}

static inline void
freeing(void *p)
{
	if (pmt_sampler_rate != 0 && !pmt_sampler_may_have(p))
		return;
	pmt_event_free(p);
}

PMT_PUBLIC void *
malloc(size_t size)
{
	if (pmt_unlikely(below.malloc == NULL)) {
		find_below();
		if (below.malloc == NULL)
			return early_alloc(size);
	}
	return allocated(below.malloc(size), size);
}

PMT_PUBLIC void *
calloc(size_t count, size_t size)
{
	size_t bytes;

	if (pmt_unlikely(below.calloc == NULL)) {
		find_below();
		if (below.calloc == NULL)
			return early_alloc(count * size);
	}
	if (__builtin_mul_overflow(count, size, &bytes))
		bytes = 0;
	return allocated(below.calloc(count, size), bytes);
}

PMT_PUBLIC void
free(void *p)
{
	if (p == NULL || pmt_unlikely(is_early(p)))
		return;
	if (pmt_unlikely(below.free == NULL))
		find_below();
	freeing(p);
	below.free(p);
}

PMT_PUBLIC void free_sized(void *p, size_t size);
PMT_PUBLIC void free_aligned_sized(void *p, size_t alignment, size_t size);

PMT_PUBLIC void
free_sized(void *p, size_t size)
{
	(void)size;
	free(p);
}

PMT_PUBLIC void
free_aligned_sized(void *p, size_t alignment, size_t size)
{
	(void)alignment;
	(void)size;
	free(p);
}

static PMT_COLD void *
from_early(const void *p, size_t size)
{
	size_t most = sizeof(early) - (size_t)((const char *)p - early);
	void *copy = malloc(size);

	if (copy != NULL)
		memcpy(copy, p, size < most ? size : most);
	return copy;
}

PMT_PUBLIC void *
realloc(void *p, size_t size)
{
	void *moved;

	if (p == NULL)
		return malloc(size);
	if (pmt_unlikely(is_early(p)))
		return from_early(p, size);
	if (pmt_unlikely(below.realloc == NULL))
		find_below();
	/* Before: another thread may get the old address at once. */
	freeing(p);
	moved = below.realloc(p, size);
	if (pmt_unlikely(moved == NULL)) {
		if (size != 0)
			pmt_event_kept();
		return NULL;
	}
	return allocated(moved, size);
}

PMT_PUBLIC void *
reallocarray(void *p, size_t count, size_t size)
{
	size_t bytes;

	if (__builtin_mul_overflow(count, size, &bytes)) {
		errno = ENOMEM;
		return NULL;
	}
	return realloc(p, bytes);
}

PMT_PUBLIC int
posix_memalign(void **p, size_t alignment, size_t size)
{
	int err;

	if (pmt_unlikely(below.posix_memalign == NULL))
		find_below();
	err = below.posix_memalign(p, alignment, size);
	if (err == 0)
		allocated(*p, size);
	return err;
}

PMT_PUBLIC void *memalign(size_t alignment, size_t size);
PMT_PUBLIC void *valloc(size_t size);
PMT_PUBLIC void *pvalloc(size_t size);

PMT_PUBLIC void *
memalign(size_t alignment, size_t size)
{
	if (pmt_unlikely(below.memalign == NULL))
		find_below();
	return allocated(below.memalign(alignment, size), size);
}

PMT_PUBLIC void *
aligned_alloc(size_t alignment, size_t size)
{
	if (pmt_unlikely(below.aligned_alloc == NULL))
		find_below();
	return allocated(below.aligned_alloc(alignment, size), size);
}

PMT_PUBLIC void *
valloc(size_t size)
{
	if (pmt_unlikely(below.valloc == NULL))
		find_below();
	return allocated(below.valloc(size), size);
}

PMT_PUBLIC void *
pvalloc(size_t size)
{
	if (pmt_unlikely(below.pvalloc == NULL))
		find_below();
	return allocated(below.pvalloc(size), size);
}

/* Other code may lie there from now on. */
PMT_PUBLIC int
dlclose(void *handle)
{
	static int (*real)(void *);
	int result;

	if (real == NULL)
		*(void **)&real = dlsym(RTLD_NEXT, "dlclose");
	result = real(handle);
	if (pmt_event_enter()) {
		pmt_native_forget(false);
		pmt_event_leave();
	}
	return result;
}

/*
 * By trying: where &malloc lies tells nothing, since a program may have a stub
 * of its own for it.
 */
bool
pmt_doors_are_used(void)
{
	void *(*volatile first)(size_t);
	int64_t before = pmt_self.left, after;

	*(void **)&first = dlsym(RTLD_DEFAULT, "malloc");
	free(first(64));
	after = pmt_self.left;
	pmt_self.left = before;
	return after != before;
}
