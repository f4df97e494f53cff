/* SPDX-License-Identifier: MIT */
#include <config.h>

#include "ref/tally.h"

#include <pthread.h>
#include <stdlib.h>

#include "base/once.h"
#include "module/threads.h"

_Thread_local struct tally *tally_mine;

/* The event lock's, as is `taken`. */
static struct tally *tallies;
static pthread_key_t key;

static void
leave(void *tally)
{
	tally_mine = NULL;
	events_lock();
	((struct tally *)tally)->taken = false;
	events_unlock();
}

void
tally_join(void)
{
	struct tally *tally = tallies;

	if (PMT_ONCE(-pthread_key_create(&key, leave)) < 0)
		return;
	while (tally != NULL && tally->taken)
		tally = tally->next;
	if (tally == NULL) {
		tally = calloc(1, sizeof(*tally));
		if (tally == NULL)
			return;
		tally->next = tallies;
		tallies = tally;
	}
	if (pthread_setspecific(key, tally) == 0) {
		tally->taken = true;
		tally_mine = tally;
	}
}

void
tally_sum(uint64_t *created, uint64_t *destroyed)
{
	*created = *destroyed = 0;
	for (struct tally *tally = tallies; tally != NULL;
	     tally = tally->next) {
		*created += tally->count[0];
		*destroyed += tally->count[1];
	}
}
