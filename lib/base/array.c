/* SPDX-License-Identifier: MIT */
#include <config.h>

#include "base/array.h"

#include <errno.h>
#include <stdlib.h>

int
pmt_array_reserve(void **array, size_t size, size_t count, size_t *room)
{
	size_t more = *room == 0 ? 64 : *room * 2;
	void *bigger;

	if (count < *room)
		return 0;
	bigger = reallocarray(*array, more, size);
	if (bigger == NULL)
		return -ENOMEM;
	*array = bigger;
	*room = more;
	return 0;
}
