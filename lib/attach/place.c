/* SPDX-License-Identifier: MIT */
#include <config.h>

#include "attach/place.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "attach/image.h"
#include "attach/memory.h"

int
pmt_mappings_open(struct pmt_mappings *maps, pid_t pid)
{
	char path[32];

	snprintf(path, sizeof(path), "/proc/%d/maps", (int)pid);
	*maps = (struct pmt_mappings){ .file = fopen(path, "re") };
	if (maps->file != NULL)
		return 0;
	return errno == ENOENT ? -ESRCH : -errno;
}

bool
pmt_mappings_next(struct pmt_mappings *maps, struct pmt_mapping *mapping)
{
	uint64_t offset;
	int path;

	while (getline(&maps->line, &maps->room, maps->file) > 0) {
		path = 0;
		if (sscanf(maps->line, "%" SCNx64 "-%*x r%*3s %" SCNx64
			   " %*s %*s %n", &mapping->start, &offset,
			   &path) != 2 || offset != 0 ||
		    path == 0 || maps->line[path] != '/')
			continue;
		snprintf(mapping->path, sizeof(mapping->path), "%.*s",
			 (int)strcspn(maps->line + path, "\n"),
			 maps->line + path);
		return true;
	}
	return false;
}

void
pmt_mappings_close(struct pmt_mappings *maps)
{
	fclose(maps->file);
	free(maps->line);
}

/* Is all up to the end of the page ours to take? */
static bool
is_free(int memory, uint64_t start, size_t size)
{
	char *text = malloc(size);
	bool is = text != NULL &&
		  pmt_memory_read(memory, start, text, size) == 0;

	for (size_t i = 0; is && i < size; i++)
		is = text[i] == 0;
	free(text);
	return is;
}

int
pmt_place_find(pid_t pid, int memory, size_t size, uint64_t *place)
{
	uint64_t page = (uint64_t)sysconf(_SC_PAGESIZE);
	struct pmt_mapping mapping;
	struct pmt_mappings maps;
	int err = pmt_mappings_open(&maps, pid);

	if (err != 0)
		return err;
	err = -ENOSPC;
	while (err == -ENOSPC && pmt_mappings_next(&maps, &mapping)) {
		struct pmt_image image;
		uint64_t start;

		if (pmt_image_init(&image, memory, mapping.start) != 0)
			continue;
		start = (image.end + 15) & ~UINT64_C(15);
		if (image.end == 0 || start % page == 0 ||
		    page - start % page < size ||
		    !is_free(memory, start, size))
			continue;
		*place = start;
		err = 0;
	}
	pmt_mappings_close(&maps);
	return err;
}
