/* SPDX-License-Identifier: MIT */
/* reading.c - read a log and do nothing with its rows, or enter them only. */
#include <config.h>

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "books/growth.h"
#include "books/leaks.h"
#include "log/sites.h"
#include "read/logread.h"

enum { ROOM = 64, AHEAD = 8 };

static void
check(int err)
{
	if (err >= 0)
		return;
	fprintf(stderr, "bench/reading: %s\n", strerror(-err));
	exit(1);
}

struct books {
	struct pmt_leaks *leaks;
	struct pmt_growth *growth;
};

/* What pmt-analyse does with these rows. */
static void
enter(const struct books *books, const struct pmt_event *events, int count)
{
	struct pmt_object former;
	struct pmt_step step;

	for (int i = 0; i < count; i++) {
		if (events[i].row <= PMT_ROW_DEL) {
			if (i + AHEAD < count)
				pmt_leaks_expect(books->leaks,
						 events[i + AHEAD].address);
			check(pmt_leaks_add(books->leaks, &events[i], &former));
		} else if (events[i].row <= PMT_ROW_LAST) {
			check(pmt_growth_add(books->growth, &events[i], &step));
		}
	}
}

int
main(int argc, char **argv)
{
	struct pmt_event events[ROOM];
	struct pmt_sites *sites = pmt_sites_new();
	struct books books = {
		pmt_leaks_new(INT64_MIN, false),
		pmt_growth_new(sites, INT64_MIN),
	};
	uint64_t rows = 0;
	struct pmt_log *log;
	int count;

	if (argc != 3) {
		fprintf(stderr, "usage: reading rows|books LOG\n");
		return 2;
	}
	check(pmt_log_open(argv[2], sites, NULL, &log));
	while ((count = pmt_log_read(log, events, ROOM)) > 0) {
		rows += (uint64_t)count;
		if (strcmp(argv[1], "books") == 0)
			enter(&books, events, count);
	}
	check(count);
	printf("%" PRIu64 "\n", rows);
	pmt_log_close(log);
	pmt_growth_free(books.growth);
	pmt_leaks_free(books.leaks);
	pmt_sites_free(sites);
	return 0;
}
