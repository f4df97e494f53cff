/* SPDX-License-Identifier: MIT */
#include <config.h>

#include "books/exiting.h"

#include <errno.h>

int
pmt_exiting_init(struct pmt_exiting *exiting)
{
	int err = pmt_objects_init(&exiting->freed);

	return err != 0 ? err : pmt_objects_init(&exiting->late);
}

void
pmt_exiting_fini(struct pmt_exiting *exiting)
{
	pmt_objects_fini(&exiting->freed);
	pmt_objects_fini(&exiting->late);
}

static int
put(struct pmt_objects *objects, uint64_t address)
{
	bool is_new;

	return pmt_objects_put(objects, address, &is_new) == NULL ? -ENOMEM : 1;
}

int
pmt_exiting_takes(struct pmt_exiting *exiting,
		  const struct pmt_objects *objects,
		  const struct pmt_event *event)
{
	struct pmt_object late;

	if (event->row == PMT_ROW_NEW)
		return put(&exiting->late, event->address);
	if (pmt_objects_take(&exiting->late, event->address, &late))
		return 1;
	if (pmt_objects_find(objects, event->address) == NULL)
		return 0;
	return put(&exiting->freed, event->address);
}

bool
pmt_exiting_freed(const struct pmt_exiting *exiting, uint64_t address)
{
	return exiting->freed.live > 0 &&
	       pmt_objects_find(&exiting->freed, address) != NULL;
}

size_t
pmt_exiting_memory(const struct pmt_exiting *exiting)
{
	return pmt_objects_memory(&exiting->freed) +
	       pmt_objects_memory(&exiting->late);
}
