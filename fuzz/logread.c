/* SPDX-License-Identifier: MIT */
/* Whatever a file holds, the reader survives it and the books add up. */
#include <config.h>

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "books/allocations.h"
#include "books/growth.h"
#include "books/leaks.h"
#include "log/sites.h"
#include "read/allocread.h"
#include "read/logread.h"
#include "inputfile.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
check_event(const struct pmt_sites *sites, const struct pmt_event *event)
{
	const struct pmt_site *site;
	volatile char last;

	if (event->row > PMT_ROW_PROBLEM ||
	    (PMT_HAS(event, WHAT) && event->what > PMT_WHAT_OPCODE))
		abort();
	if (event->text.length > 0)
		last = event->text.bytes[event->text.length - 1];
	if (!PMT_HAS(event, FILE))
		return;
	if (event->site >= pmt_sites_count(sites))
		abort();
	site = pmt_sites_get(sites, event->site);
	if (pmt_sites_name(sites, site->function).bytes
	    [pmt_sites_name(sites, site->function).length] != '\0')
		abort();
	(void)last;
}

static void
check_books(const struct pmt_leaks *leaks, const struct pmt_sites *sites)
{
	const struct pmt_leaks_totals *totals = pmt_leaks_totals(leaks);
	const struct pmt_object *object = NULL;
	uint64_t listed = 0, live = 0, made = 0, destroyed = 0, past;
	int64_t samples[16];

	while ((object = pmt_leaks_next(leaks, object)) != NULL)
		listed++;
	for (uint32_t i = 0; i < pmt_sites_count(sites); i++) {
		const struct pmt_site_life *life = pmt_leaks_site(leaks, i);
		struct pmt_series series;

		if (life == NULL || life->made + life->destroyed == 0)
			continue;
		live += life->live;
		made += life->made;
		destroyed += life->destroyed;
		series = pmt_sparse_series_whole(&life->series);
		pmt_series_sample(&series, pmt_leaks_timeline(leaks),
				  samples, 16);
		if (samples[15] != (int64_t)life->live)
			abort();
	}
	pmt_leaks_past(leaks, &past);
	if (live != listed || live != totals->live || made != totals->made ||
	    destroyed != totals->destroyed ||
	    past != destroyed - totals->untracked ||
	    made - totals->twice - past != live)
		abort();
}

/* Whoever is charged, it is as much as the RSS has changed in all. */
static void
check_growth(const struct pmt_growth *growth, uint64_t change)
{
	uint64_t by_node = 0, by_line = 0;
	uint32_t count;
	const struct pmt_growth_node *nodes = pmt_growth_nodes(growth, &count);
	const struct pmt_growth_line *lines;

	for (uint32_t i = 0; i < count; i++) {
		if (i > 0 && nodes[i].parent >= i)
			abort();
		by_node += nodes[i].change.grown - nodes[i].change.released;
	}
	lines = pmt_growth_lines(growth, &count);
	for (uint32_t i = 0; i < count; i++)
		by_line += lines[i].change.grown - lines[i].change.released;
	if (by_node != change || by_line != change)
		abort();
}

static bool
same_event(const struct pmt_event *a, const struct pmt_event *b)
{
	return a->row == b->row && a->has == b->has && a->line == b->line &&
	       (!PMT_HAS(a, EVENT) || a->event == b->event) &&
	       (!PMT_HAS(a, D_EVENT) || a->d_event == b->d_event) &&
	       (!PMT_HAS(a, CLOCK) || a->clock == b->clock) &&
	       (!PMT_HAS(a, WHAT) || a->what == b->what) &&
	       (!PMT_HAS(a, ADDRESS) || a->address == b->address) &&
	       (!PMT_HAS(a, LIVE) || a->live == b->live) &&
	       (!PMT_HAS(a, FILE) || a->site == b->site) &&
	       (!PMT_HAS(a, RSS) || a->rss == b->rss) &&
	       (!PMT_HAS(a, D_RSS) || a->d_rss == b->d_rss) &&
	       (!PMT_HAS(a, THREAD) || a->thread == b->thread) &&
	       (!PMT_HAS(a, WALL) || a->wall == b->wall) &&
	       (!PMT_HAS(a, SIZE) || a->size == b->size) &&
	       a->text.length == b->text.length;
}

/* What stacks hold is what all hold. */
static void
check_allocations(struct pmt_allocread *reader)
{
	struct pmt_allocations *books = pmt_allocations_new();
	const struct pmt_allocations_totals *totals =
		pmt_allocations_totals(books);
	struct pmt_alloc_sum sum = { 0 };
	struct pmt_alloc_event event = { 0 };

	while (pmt_allocread_next(reader, &event) > 0)
		if (pmt_allocations_add(books, &event) != 0)
			abort();
	pmt_allocations_finish(books);
	for (uint32_t node = 0;
	     node <= pmt_allocread_names(reader)->node_count; node++) {
		struct pmt_alloc_sum one = pmt_allocations_node(books, node);

		pmt_alloc_sum_add(&sum, &one);
	}
	if (sum.live != totals->all.live || sum.total != totals->all.total)
		abort();
	pmt_allocations_free(books);
}

/* Rows read many at a time are those read one by one. */
static void
check_many(const char *path, struct pmt_sites *sites)
{
	struct pmt_event many[64], one;
	struct pmt_log *left, *right;
	int count;

	if (pmt_log_open(path, sites, NULL, &left) != 0 ||
	    pmt_log_open(path, sites, NULL, &right) != 0)
		abort();
	while ((count = pmt_log_read(left, many, 64)) > 0)
		for (int i = 0; i < count; i++)
			if (pmt_log_next(right, &one) != 1 ||
			    !same_event(&many[i], &one))
				abort();
	if (pmt_log_next(right, &one) > 0)
		abort();
	pmt_log_close(left);
	pmt_log_close(right);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct pmt_sites *sites = pmt_sites_new();
	struct pmt_leaks *leaks = pmt_leaks_new(INT64_MIN, true);
	struct pmt_growth *growth = pmt_growth_new(sites, INT64_MIN);
	struct pmt_object former;
	struct pmt_event event;
	struct pmt_growth_step step;
	struct pmt_log *log;
	uint64_t change = 0;
	char path[FUZZ_PATH];
	int fd = fuzz_file(data, size, path);

	if (sites == NULL || leaks == NULL || growth == NULL)
		abort();
	if (pmt_log_open(path, sites, NULL, &log) != 0)
		abort();
	if (pmt_log_allocations(log) != NULL)
		check_allocations(pmt_log_allocations(log));
	while (pmt_log_next(log, &event) > 0) {
		check_event(sites, &event);
		if (event.row >= PMT_ROW_FRST && event.row <= PMT_ROW_LAST) {
			if (pmt_growth_add(growth, &event, &step) != 0)
				abort();
			change += (uint64_t)step.change;
		}
		if ((event.row == PMT_ROW_NEW || event.row == PMT_ROW_DEL) &&
		    PMT_HAS(&event, ADDRESS) &&
		    pmt_leaks_add(leaks, &event, &former) != 0)
			abort();
	}
	check_books(leaks, sites);
	check_growth(growth, change);
	pmt_log_close(log);
	check_many(path, sites);
	close(fd);
	pmt_growth_free(growth);
	pmt_leaks_free(leaks);
	pmt_sites_free(sites);
	return 0;
}
