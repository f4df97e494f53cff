/* SPDX-License-Identifier: MIT */
#include <config.h>

#include "sample/chosen.h"

#include <sys/random.h>

uint64_t
pmt_chosen_key(void)
{
	static uint64_t key;

	/* Odd, so that no two addresses become one. */
	if (key == 0 &&
	    getrandom(&key, sizeof(key), GRND_NONBLOCK) != sizeof(key))
		key = 0x9e3779b97f4a7c15u ^ (uintptr_t)&key;
	key |= 1;
	return key;
}
