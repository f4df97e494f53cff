/* SPDX-License-Identifier: MIT */
#include <config.h>

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "analyse/heap.h"
#include "cli/begin.h"
#include "cli/cli.h"
#include "cli/name.h"
#include "heap/heapfile.h"

bool
heap_is(const char *path)
{
	char room[PMT_HEAP_MAGIC_SIZE];
	struct pmt_text begin = cli_begin(path, room, sizeof(room));

	return begin.length == sizeof(room) - 1 &&
	       memcmp(begin.bytes, PMT_HEAP_MAGIC, begin.length) == 0;
}

bool
heap_open(struct heap_snapshot *snapshot, const char *path)
{
	int err = pmt_heap_load(&snapshot->heap, &snapshot->head,
				&snapshot->torn, path);

	snapshot->path = path;
	if (err == -ENOTSUP) {
		cli_warn(0, "'%s' was written by a newer pmt", path);
		return false;
	}
	if (err == 0) {
		err = pmt_paths_init(&snapshot->paths, &snapshot->heap);
		if (err < 0)
			pmt_heap_fini(&snapshot->heap);
	}
	if (err < 0) {
		cli_warn(err, "cannot read '%s'", path);
		return false;
	}
	if (snapshot->torn > 0)
		cli_warn(0, "'%s' is torn: %" PRIu64 " of its objects are not "
			 "in it", path, snapshot->torn);
	return true;
}

void
heap_close(struct heap_snapshot *snapshot)
{
	pmt_paths_fini(&snapshot->paths);
	pmt_heap_fini(&snapshot->heap);
}

void
heap_print_text(const char *text)
{
	char *escaped = cli_printable(text);

	fputs(escaped, stdout);
	free(escaped);
}

struct heap_sum *
heap_sums_by_way(const struct heap_snapshot *snapshot)
{
	struct heap_sum *sums = cli_need(calloc(snapshot->paths.ways.count +
						(size_t)1, sizeof(*sums)));

	for (uint32_t i = 0; i < snapshot->heap.nodes; i++) {
		struct heap_sum *sum = &sums[snapshot->paths.way[i]];

		sum->count++;
		sum->bytes += (uint64_t)snapshot->heap.size[i] * 8;
	}
	return sums;
}
