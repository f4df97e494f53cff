/* SPDX-License-Identifier: MIT */
/* dump_allocations.c - a log of allocations as text, an event a line. */
#include <config.h>

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "analyse/dump.h"
#include "cli/cli.h"
#include "read/allocread.h"
#include "report/reporttext.h"

/* The innermost place; reports tell whole stacks. */
static void
print_place(const struct reading *reading, const struct pmt_allocnames *names,
	    uint32_t node)
{
	const struct pmt_site *site;

	if (node == 0)
		return;
	site = pmt_sites_get(reading->sites, names->nodes[node - 1].site);
	putchar(' ');
	pmt_print_name(stdout, pmt_sites_name(reading->sites, site->file), 0);
	if (site->line != 0)
		printf(":%" PRIu32, site->line);
	putchar(' ');
	pmt_print_name(stdout, pmt_sites_name(reading->sites, site->function),
		       0);
}

static void
print_sum(const struct pmt_alloc_event *event)
{
	const struct pmt_alloc_sum *sum = &event->sum;

	if (event->what == PMT_ALLOC_IS_SIZES)
		printf(" %" PRIu64 " %" PRIu64 " %" PRIu64 " %" PRIu64,
		       UINT64_C(1) << (event->size & 63), sum->live,
		       sum->blocks, sum->count);
	else
		printf(" %" PRIu64 " %" PRIu64 " %" PRIu64 " %" PRIu64,
		       sum->live, sum->blocks, sum->total, sum->count);
}

static void
print_moments(const struct pmt_alloc_event *event)
{
	for (int i = 0; i < PMT_ALLOC_MOMENTS; i++)
		printf(" %" PRIu64, event->moments[i]);
}

/* What stands behind its name. */
static void
print_fields(const struct pmt_alloc_event *event)
{
	switch (event->what) {
	case PMT_ALLOC_IS_BLOCK:
	case PMT_ALLOC_IS_MAP:
		printf(" %" PRIu32 " 0x%" PRIx64 " %" PRIu64, event->thread,
		       event->address, event->size);
		break;
	case PMT_ALLOC_IS_FREE:
		printf(" %" PRIu32 " 0x%" PRIx64, event->thread,
		       event->address);
		break;
	case PMT_ALLOC_IS_KEPT:
		printf(" %" PRIu32, event->thread);
		break;
	case PMT_ALLOC_IS_REMAP:
		printf(" 0x%" PRIx64 " %" PRIu64 " 0x%" PRIx64 " %" PRIu64,
		       event->address, event->size, event->moved,
		       event->moved_size);
		break;
	case PMT_ALLOC_IS_UNMAP:
	case PMT_ALLOC_IS_ARENA:
	case PMT_ALLOC_IS_ARENA_FREE:
		printf(" 0x%" PRIx64 " %" PRIu64, event->address, event->size);
		break;
	case PMT_ALLOC_IS_THREAD:
		printf(" %" PRIu32 " %" PRIu64 " ", event->thread,
		       event->address);
		pmt_print_name(stdout, event->text, 0);
		break;
	case PMT_ALLOC_IS_TICK:
		printf(" %.6f %" PRIu64, (double)event->size / 1e6,
		       event->moved * 1024);
		break;
	case PMT_ALLOC_IS_MARK:
		break;
	case PMT_ALLOC_IS_PYTHON:
	case PMT_ALLOC_IS_LACK:
		printf(" %.*s", (int)event->text.length, event->text.bytes);
		break;
	case PMT_ALLOC_IS_MEMORY:
	case PMT_ALLOC_IS_MESSAGE:
		putchar(' ');
		pmt_print_name(stdout, event->text, 0);
		break;
	case PMT_ALLOC_IS_RATE:
		printf(" %" PRIu64, event->size);
		break;
	case PMT_ALLOC_IS_SUM:
	case PMT_ALLOC_IS_SIZES:
		print_sum(event);
		break;
	case PMT_ALLOC_IS_HELD:
		print_moments(event);
		break;
	case PMT_ALLOC_IS_ELSEWHERE:
		printf(" %" PRIu64 " %" PRIu64 " %" PRIu64, event->size,
		       event->moved, event->moved_size);
		break;
	}
}

bool
dump_allocations(struct reading *reading)
{
	struct pmt_allocread *reader = pmt_log_allocations(reading->log);
	const struct pmt_allocnames *names = pmt_allocread_names(reader);
	struct pmt_alloc_event event;
	int more;

	while ((more = pmt_allocread_next(reader, &event)) > 0 &&
	       !reading_ends_lists(reading)) {
		fputs(pmt_alloc_event_name(&event), stdout);
		print_fields(&event);
		print_place(reading, names, event.node);
		putchar('\n');
	}
	if (more < 0)
		reading_say(reading, LEVEL_WARNING, 0, "%s: what follows is "
			    "lost", more == -EBADMSG ? "damaged or torn"
						     : strerror(-more));
	return more >= 0;
}
