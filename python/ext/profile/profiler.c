/* SPDX-License-Identifier: MIT */
#include <config.h>

#include "profile/profiler.h"

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
