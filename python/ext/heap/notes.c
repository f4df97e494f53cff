/* SPDX-License-Identifier: MIT */
#include <config.h>

#include "heap/walk.h"

#if COMPAT_HEAP

#include "heap/notes.h"

#include <sys/mman.h>

struct heap_notes heap_notes;

static void *
renew(void *room, size_t size, bool wanted)
{
	if (room != NULL)
		munmap(room, size);
	if (!wanted)
		return NULL;
	room = mmap(NULL, size, PROT_READ | PROT_WRITE,
		    MAP_SHARED | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	return room == MAP_FAILED ? NULL : room;
}

void
heap_notes_renew(bool kinds)
{
	heap_notes.lengths = renew(heap_notes.lengths, PMT_LENGTHS_BYTES, true);
	heap_notes.kinds = renew(heap_notes.kinds, sizeof(*heap_notes.kinds),
				 kinds);
}

int
heap_notes_write(const struct heap_group *group)
{
	struct pmt_kinds kinds;
	int err = 0;

	if (heap_notes.kinds != NULL) {
		err = pmt_kinds_init(&kinds, &group->paths);
		if (err == 0)
			err = pmt_kinds_remember(&kinds, &group->paths,
						 heap_notes.kinds);
	}
	if (err == 0 && heap_notes.lengths != NULL)
		err = pmt_lengths_note(heap_notes.lengths, &group->paths);
	return err;
}

#endif
