/* SPDX-License-Identifier: MIT */
#include <config.h>

#include "sample/footprint.h"

#include <dlfcn.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#ifdef HAVE_MALLOC_H
#include <malloc.h>
#endif

enum { MIB = 1 << 20 };

/* "RssAnon:	    1234 kB" */
static uint64_t
kilobytes(const char *status, const char *key)
{
	const char *line = strstr(status, key);

	if (line == NULL)
		return PMT_MEMORY_UNKNOWN;
	return strtoull(line + strlen(key), NULL, 10) * 1024;
}

static bool
read_file(const char *path, char *text, size_t size)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t n;

	if (fd == -1)
		return false;
	n = read(fd, text, size - 1);
	close(fd);
	text[n > 0 ? n : 0] = '\0';
	return n > 0;
}

/* proc_pid_status(5): RSS is split since Linux 4.5. */
void
pmt_footprint_read_kernel(struct pmt_memory *memory)
{
	char status[8192];

	if (!read_file("/proc/self/status", status, sizeof(status)))
		return;
	memory->peak_rss = kilobytes(status, "\nVmHWM:");
	memory->rss = kilobytes(status, "\nVmRSS:");
	memory->anonymous = kilobytes(status, "\nRssAnon:");
	memory->file = kilobytes(status, "\nRssFile:");
	memory->shared = kilobytes(status, "\nRssShmem:");
}

/* Anonymous pages are dirty, those of files hardly ever are. */
void
pmt_footprint_read_shared(struct pmt_memory *memory)
{
	char rollup[4096];
	uint64_t clean, dirty;

	if (!read_file("/proc/self/smaps_rollup", rollup, sizeof(rollup)))
		return;
	memory->pss = kilobytes(rollup, "\nPss:");
	memory->inherited = kilobytes(rollup, "\nShared_Dirty:");
	clean = kilobytes(rollup, "\nPrivate_Clean:");
	dirty = kilobytes(rollup, "\nPrivate_Dirty:");
	if (clean != PMT_MEMORY_UNKNOWN && dirty != PMT_MEMORY_UNKNOWN)
		memory->private = clean + dirty;
}

typedef int mallctl_function(const char *name, void *old, size_t *old_size,
			     void *new, size_t new_size);

static bool
read_jemalloc(struct pmt_memory *memory)
{
	mallctl_function *mallctl = NULL;
	uint64_t epoch = 1;
	size_t used, resident, size = sizeof(used);

	*(void **)&mallctl = dlsym(RTLD_DEFAULT, "mallctl");
	if (mallctl == NULL)
		return false;
	/* Its statistics are of the last epoch that was begun. */
	mallctl("epoch", NULL, NULL, &epoch, sizeof(epoch));
	strcpy(memory->allocator, "jemalloc");
	if (mallctl("stats.allocated", &used, &size, NULL, 0) == 0 &&
	    mallctl("stats.resident", &resident, &size, NULL, 0) == 0) {
		memory->c_used = used;
		memory->c_free = resident > used ? resident - used : 0;
	}
	return true;
}

#ifdef HAVE_MALLINFO2
/* It adds up all arenas, but for the mappings, which are counted once. */
static void
read_glibc(struct pmt_memory *memory)
{
	struct mallinfo2 info = mallinfo2();

	memory->c_used = info.uordblks + info.hblkhd;
	memory->c_mapped = info.hblkhd;
	memory->c_free = info.fordblks;
	strcpy(memory->allocator, "glibc");
}
#else
static void
read_glibc(struct pmt_memory *memory)
{
	(void)memory;
}
#endif

void
pmt_footprint_read(struct pmt_memory *memory)
{
	pmt_footprint_read_kernel(memory);
	if (read_jemalloc(memory))
		return;
	/* glibc's numbers would be those of a malloc that nobody calls. */
	if (dlsym(RTLD_DEFAULT, "mi_version") != NULL)
		strcpy(memory->allocator, "mimalloc");
	else if (dlsym(RTLD_DEFAULT, "tc_version") != NULL)
		strcpy(memory->allocator, "tcmalloc");
	else
		read_glibc(memory);
}

void
pmt_footprint_noted(struct pmt_footprint_watch *watch, uint64_t rss)
{
	uint64_t step = rss / 10 > MIB ? rss / 10 : MIB;

	/* Not to be had: then it will not be later either. */
	if (rss == PMT_MEMORY_UNKNOWN)
		watch->next = UINT64_MAX;
	else if (rss + step > watch->next)
		watch->next = rss + step;
}
