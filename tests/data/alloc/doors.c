/* SPDX-License-Identifier: MIT */
/* doors.c - blocks of known sizes, by every door to the allocator. */
#include <config.h>

#include <malloc.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

void *volatile kept[256];
static int count;

/* The compiler must not think that nobody wants them. */
static void
keep(void *block)
{
	kept[count++] = block;
}

/* 50 x 10007, and 50 that are freed. */
void
by_malloc(void)
{
	for (int i = 0; i < 100; i++) {
		void *volatile block = malloc(10007);

		if (i % 2 == 0)
			keep(block);
		else
			free(block);
	}
}

/* 10 x 100300 */
void
by_calloc(void)
{
	for (int i = 0; i < 10; i++)
		keep(calloc(100, 1003));
}

/* 20007 at last; and one that cannot grow stays. */
void
by_realloc(void)
{
	void *volatile block = malloc(100);

	for (int i = 1; i <= 20; i++)
		block = realloc(block, 1000 * (size_t)i + 7);
	keep(realloc(block, (size_t)-1 / 4) == NULL ? block : NULL);
}

/* 12012, and one that is too big for a number. */
void
by_reallocarray(void)
{
	void *volatile block = malloc(16);

	block = reallocarray(block, 1001, 12);
	keep(reallocarray(block, (size_t)-1, 12) == NULL ? block : NULL);
}

/* 30011 + 32064 + 5008 + 7000 + 8192 */
void
by_alignment(void)
{
	void *block = NULL;

	if (posix_memalign(&block, 64, 30011) == 0)
		keep(block);
	keep(aligned_alloc(64, 64 * 501));
	keep(memalign(32, 5008));
	keep(valloc(7000));
	keep(pvalloc(8192));
}

/* 10 x 5003, by libc's own malloc. */
void
by_strdup(void)
{
	char text[5003];

	memset(text, 'x', sizeof(text) - 1);
	text[sizeof(text) - 1] = '\0';
	for (int i = 0; i < 10; i++)
		keep(strdup(text));
}

/* 3 MiB, less 1 MiB in the middle; 1 MiB more that is gone. */
void
by_mmap(void)
{
	char *map = mmap(NULL, 3 << 20, PROT_READ | PROT_WRITE,
			 MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	char *gone = mmap(NULL, 1 << 20, PROT_READ | PROT_WRITE,
			  MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	munmap(map + (1 << 20), 1 << 20);
	munmap(gone, 1 << 20);
	keep(map);
}

/* 1 MiB that becomes 4, and one that cannot move. */
void
by_mremap(void)
{
	char *map = mmap(NULL, 1 << 20, PROT_READ | PROT_WRITE,
			 MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	map = mremap(map, 1 << 20, 4 << 20, MREMAP_MAYMOVE);
	keep(mremap(map, 4 << 20, (size_t)1 << 60, MREMAP_MAYMOVE) ==
	     MAP_FAILED ? map : NULL);
}

static void *
thread(void *arg)
{
	(void)arg;
	for (int i = 0; i < 10; i++)
		keep(malloc(7001));
	return NULL;
}

/* 10 x 7001, in a thread that runs no Python. */
void
by_thread(void)
{
	pthread_t id;

	if (pthread_create(&id, NULL, thread, NULL) == 0)
		pthread_join(id, NULL);
}

/* An ordinary crash, within malloc as it looks to us. */
void
by_crash(void)
{
	*(volatile int *)keep = 0;
}

/* A heap that is broken: libc aborts in free(). */
void
by_double_free(void)
{
	void *volatile block = malloc(2000000);

	free(block);
	free(block);
}
