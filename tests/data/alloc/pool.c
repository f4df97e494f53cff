/* SPDX-License-Identifier: MIT */
/* pool.c - an allocator of its own, as jemalloc and mimalloc are. */
#include <config.h>

#include <stddef.h>
#include <sys/mman.h>

enum { CHUNK = 1 << 20 };

static char *chunk;
static size_t used = CHUNK;

static __attribute__((noinline)) void
pool_grow(void)
{
	chunk = mmap(NULL, CHUNK, PROT_READ | PROT_WRITE,
		     MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	used = 0;
}

void *
pool_malloc(size_t size)
{
	if (used + size > CHUNK)
		pool_grow();
	used += size;
	return chunk + used - size;
}
