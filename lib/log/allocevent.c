/* SPDX-License-Identifier: MIT */
#include <config.h>

#include "log/allocevent.h"

static const char *const names[] = {
	[PMT_ALLOC_IS_BLOCK] = "ALLOC", [PMT_ALLOC_IS_FREE] = "FREE",
	[PMT_ALLOC_IS_KEPT] = "KEPT", [PMT_ALLOC_IS_MAP] = "MAP",
	[PMT_ALLOC_IS_UNMAP] = "UNMAP", [PMT_ALLOC_IS_REMAP] = "REMAP",
	[PMT_ALLOC_IS_ARENA] = "ARENA",
	[PMT_ALLOC_IS_ARENA_FREE] = "ARENA-FREE",
	[PMT_ALLOC_IS_THREAD] = "THREAD", [PMT_ALLOC_IS_TICK] = "TICK",
	[PMT_ALLOC_IS_MARK] = "BEGIN", [PMT_ALLOC_IS_PYTHON] = "PYTHON",
	[PMT_ALLOC_IS_LACK] = "LACKS", [PMT_ALLOC_IS_RATE] = "RATE",
	[PMT_ALLOC_IS_SUM] = "SUM", [PMT_ALLOC_IS_MEMORY] = "MEMORY",
	[PMT_ALLOC_IS_HELD] = "HELD", [PMT_ALLOC_IS_SIZES] = "SIZES",
	[PMT_ALLOC_IS_ELSEWHERE] = "ELSEWHERE",
	[PMT_ALLOC_IS_MESSAGE] = "MSG",
};

const char *
pmt_alloc_event_name(const struct pmt_alloc_event *event)
{
	if (event->what == PMT_ALLOC_IS_MARK && event->mark == PMT_ALLOC_END)
		return "END";
	return names[event->what];
}
