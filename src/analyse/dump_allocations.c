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
print_event(const struct pmt_alloc_event *event)
{
	const int length = (int)event->text.length;
	const char *text = event->text.bytes;

	switch (event->what) {
	case PMT_ALLOC_IS_BLOCK:
	case PMT_ALLOC_IS_MAP:
		printf("%s %" PRIu32 " 0x%" PRIx64 " %" PRIu64,
		       event->what == PMT_ALLOC_IS_MAP ? "MAP" : "ALLOC",
		       event->thread, event->address, event->size);
		break;
	case PMT_ALLOC_IS_FREE:
		printf("FREE %" PRIu32 " 0x%" PRIx64, event->thread,
		       event->address);
		break;
	case PMT_ALLOC_IS_KEPT:
		printf("KEPT %" PRIu32, event->thread);
		break;
	case PMT_ALLOC_IS_REMAP:
		printf("REMAP 0x%" PRIx64 " %" PRIu64 " 0x%" PRIx64
		       " %" PRIu64, event->address, event->size,
		       event->moved, event->moved_size);
		break;
	case PMT_ALLOC_IS_UNMAP:
	case PMT_ALLOC_IS_ARENA:
	case PMT_ALLOC_IS_ARENA_FREE:
		printf("%s 0x%" PRIx64 " %" PRIu64,
		       event->what == PMT_ALLOC_IS_UNMAP ? "UNMAP"
		       : event->what == PMT_ALLOC_IS_ARENA ? "ARENA"
							   : "ARENA-FREE",
		       event->address, event->size);
		break;
	case PMT_ALLOC_IS_THREAD:
		printf("THREAD %" PRIu32 " %" PRIu64 " ", event->thread,
		       event->address);
		pmt_print_name(stdout, event->text, 0);
		break;
	case PMT_ALLOC_IS_TICK:
		printf("TICK %.6f %" PRIu64, (double)event->size / 1e6,
		       event->moved * 1024);
		break;
	case PMT_ALLOC_IS_MARK:
		fputs(event->mark == PMT_ALLOC_BEGIN ? "BEGIN" : "END", stdout);
		break;
	case PMT_ALLOC_IS_PYTHON:
		printf("PYTHON %.*s", length, text);
		break;
	case PMT_ALLOC_IS_LACK:
		printf("LACKS %.*s", length, text);
		break;
	case PMT_ALLOC_IS_MEMORY:
		pmt_print_name(stdout, event->text, 0);
		break;
	case PMT_ALLOC_IS_RATE:
		printf("RATE %" PRIu64, event->size);
		break;
	case PMT_ALLOC_IS_SUM:
		printf("SUM %" PRIu64 " %" PRIu64 " %" PRIu64 " %" PRIu64,
		       event->sum.live, event->sum.blocks, event->sum.total,
		       event->sum.count);
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
		print_event(&event);
		print_place(reading, names, event.node);
		putchar('\n');
	}
	if (more < 0)
		reading_say(reading, LEVEL_WARNING, 0, "%s: what follows is "
			    "lost", more == -EBADMSG ? "damaged or torn"
						     : strerror(-more));
	return more >= 0;
}
