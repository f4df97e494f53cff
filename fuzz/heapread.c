/* SPDX-License-Identifier: MIT */
/* Whatever a heap snapshot says, its graph is sound. */
#include <config.h>

#include <stdint.h>
#include <stdlib.h>

#include "heap/census.h"
#include "heap/heapfile.h"
#include "heap/paths.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
look(const struct pmt_heap *heap)
{
	struct pmt_dominators dominators;
	struct pmt_census census;
	struct pmt_paths paths;
	char text[256];

	if (pmt_paths_init(&paths, heap) < 0)
		abort();
	for (uint32_t i = 0; i < heap->nodes; i++)
		if (paths.way[i] != 0) {
			pmt_path_text(&paths, i, text, sizeof(text));
			pmt_way_step(&paths, paths.way[i], text,
				     sizeof(text));
		}
	pmt_paths_fini(&paths);
	if (pmt_dominators_init(&dominators, heap) < 0 ||
	    pmt_census_init(&census, heap, &dominators) < 0)
		abort();
	if (census.count != heap->nodes)
		abort();
	pmt_census_fini(&census);
	pmt_dominators_fini(&dominators);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct pmt_heap_head head;
	struct pmt_heap heap;
	uint64_t torn;

	if (pmt_heap_read(&heap, &head, &torn, data, size) < 0)
		return 0;
	look(&heap);
	pmt_heap_fini(&heap);
	return 0;
}
