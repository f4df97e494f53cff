/* SPDX-License-Identifier: MIT */
/* Whatever a D script seems to have printed, the sums of it add up. */
/* Needs src/analyse/mallocs.c src/cli/begin.c src/cli/cli.c */
#include <config.h>

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "analyse/mallocs.h"
#include "inputfile.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
check(const struct mallocs *mallocs)
{
	size_t blocks = 0;
	uint64_t bytes = 0;

	if (mallocs->mallocs + mallocs->frees + mallocs->null_frees !=
	    mallocs->count)
		abort();
	for (size_t i = 0; i < mallocs->left_count;) {
		size_t first = i;
		uint64_t of_line;

		blocks += mallocs_next_line(mallocs, &i, &of_line);
		bytes += of_line;
		if (i <= first || i > mallocs->left_count)
			abort();
	}
	if (blocks != mallocs->blocks || bytes != mallocs->bytes)
		abort();
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct mallocs mallocs;
	char path[FUZZ_PATH];
	int fd = fuzz_file(data, size, path);

	mallocs_is(path);
	if (!mallocs_read(&mallocs, path))
		abort();
	check(&mallocs);
	mallocs_fini(&mallocs);
	close(fd);
	return 0;
}
