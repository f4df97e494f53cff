/* SPDX-License-Identifier: MIT */
#include <config.h>

#include "profile/profiler.h"

#include <string.h>

#include "module/threads.h"

/* CPython has one profiler and one tracer a thread: the blocks are a stack. */
struct profiler *profiler_list[PROFILER_KINDS];

unsigned int
profiler_depth(enum profiler_kind kind, uint64_t thread)
{
	unsigned int depth = 0;

	for (struct profiler *profiler = profiler_list[kind]; profiler != NULL;
	     profiler = profiler->below)
		depth += profiler->thread == thread ||
			 profiler->options.all_threads;
	return depth;
}

bool
profiler_uses(const char *path)
{
	bool used = false;

	events_lock_without_gil();
	for (int kind = 0; kind < PROFILER_KINDS; kind++) {
		for (struct profiler *profiler = profiler_list[kind];
		     profiler != NULL; profiler = profiler->below)
			used |= profiler->file.path != NULL &&
				strcmp(profiler->file.path, path) == 0;
	}
	events_unlock_without_gil();
	return used;
}
