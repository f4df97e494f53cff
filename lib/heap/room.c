/* SPDX-License-Identifier: MIT */
#include <config.h>

#include "heap/room.h"

#include <errno.h>
#include <stdint.h>
#include <sys/mman.h>

enum { PAGE = 4096, FIRST = 16 * PAGE };

int
pmt_room_grow(struct pmt_room *room, size_t bytes)
{
	size_t size = room->bytes + room->bytes / 2;
	void *start;

	if (bytes <= room->bytes)
		return 0;
	if (bytes > SIZE_MAX / 4)
		return -ENOMEM;
	size = size < bytes ? bytes : size;
	size = size < FIRST ? FIRST : size;
	size = (size + PAGE - 1) & ~(size_t)(PAGE - 1);
	if (room->start == NULL)
		start = mmap(NULL, size, PROT_READ | PROT_WRITE,
			     MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	else
		start = mremap(room->start, room->bytes, size, MREMAP_MAYMOVE);
	if (start == MAP_FAILED)
		return -ENOMEM;
	*room = (struct pmt_room){ start, size };
	return 0;
}

void
pmt_room_free(struct pmt_room *room)
{
	if (room->start != NULL)
		munmap(room->start, room->bytes);
	*room = (struct pmt_room){ NULL, 0 };
}
