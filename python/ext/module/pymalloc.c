/* SPDX-License-Identifier: MIT */
#include <config.h>

#include "module/pymalloc.h"

#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* "#  bytes in ... =    1,234": the number, or PMT_MEMORY_UNKNOWN. */
static uint64_t
number_behind(const char *text, const char *title)
{
	const char *line = strstr(text, title), *p;
	uint64_t number = 0;

	p = line == NULL ? NULL : strchr(line, '=');
	if (p == NULL)
		return PMT_MEMORY_UNKNOWN;
	for (p++; *p != '\n' && *p != '\0'; p++) {
		if (*p >= '0' && *p <= '9')
			number = 10 * number + (uint64_t)(*p - '0');
	}
	return number;
}

typedef int stats_function(FILE *out);

/*
 * CPython prints nothing while another allocator stands before pymalloc, even
 * one that passes all on, as tracemalloc's does.  So pymalloc is remembered as
 * it was found alone, and put in front for the time of the call; nobody else
 * can allocate objects meanwhile, since we have the GIL.
 */
static void
print_stats(stats_function *stats, FILE *out)
{
	static PyMemAllocatorEx pymalloc;
	PyMemAllocatorEx now;

	PyMem_GetAllocator(PYMEM_DOMAIN_OBJ, &now);
	if (stats(out) != 0)
		pymalloc = now;
	else if (pymalloc.malloc != NULL && !COMPAT_FREE_THREADED) {
		PyMem_SetAllocator(PYMEM_DOMAIN_OBJ, &pymalloc);
		stats(out);
		PyMem_SetAllocator(PYMEM_DOMAIN_OBJ, &now);
	}
}

/*
 * What sys._debugmallocstats() prints, since nothing else tells.  The function
 * is exported by all CPythons from 3.8 on, but not declared.
 */
static char *
ask_pymalloc(void)
{
	stats_function *stats = NULL;
	char *text = NULL;
	size_t size;
	FILE *out;

	*(void **)&stats = dlsym(RTLD_DEFAULT, "_PyObject_DebugMallocStats");
	out = stats == NULL ? NULL : open_memstream(&text, &size);
	if (out == NULL)
		return NULL;
	print_stats(stats, out);
	if (fclose(out) == EOF) {
		free(text);
		return NULL;
	}
	return text;
}

void
pymalloc_read(struct pmt_memory *memory)
{
	char *text = ask_pymalloc();
	uint64_t arenas, blocks, pools;

	if (text == NULL)
		return;
	arenas = number_behind(text, "bytes/arena");
	blocks = number_behind(text, "# bytes in available blocks");
	pools = number_behind(text, " unused pools");
	free(text);
	if (arenas == PMT_MEMORY_UNKNOWN || blocks == PMT_MEMORY_UNKNOWN ||
	    pools == PMT_MEMORY_UNKNOWN || blocks + pools > arenas)
		return;
	memory->python_free = blocks + pools;
	memory->python_used = arenas - memory->python_free;
}
