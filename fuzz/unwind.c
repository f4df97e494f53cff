/* SPDX-License-Identifier: MIT */
/* Whatever a module says of its frames and lines, we stay within it. */
/* Needs lib/alloc/cfi.c lib/alloc/cfirun.c lib/alloc/lines.c */
#include <config.h>

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "alloc/cfi.h"
#include "alloc/lines.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
find_frame(const uint8_t *map, size_t size, uintptr_t pc)
{
	uintptr_t start;
	struct pmt_cfi_rule rule = pmt_cfi_find(map, map + size, map, pc,
						&start);

	if (rule.base > PMT_CFI_AT_FP ||
	    (rule.base != PMT_CFI_END && start > pc))
		abort();
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	/* A copy of its own, so that a byte beyond it is seen. */
	uint8_t *map = malloc(size);
	int16_t offset;

	if (size < sizeof(offset)) {
		free(map);
		return 0;
	}
	memcpy(map, data, size);
	memcpy(&offset, data + size - sizeof(offset), sizeof(offset));
#if PMT_CFI_WORKS
	find_frame(map, size, (uintptr_t)map + (uintptr_t)offset);
#endif
	for (enum pmt_line_table kind = PMT_LINES_NOTAB;
	     kind <= PMT_LINES_LOCATIONS; kind++)
		pmt_line_at(kind, 1, map, size, (uint16_t)offset);
	free(map);
	return 0;
}
