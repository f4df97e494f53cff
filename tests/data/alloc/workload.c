/* SPDX-License-Identifier: MIT */
/* workload.c - blocks that come and go, at random but always the same way. */
#include <config.h>

#include <stdlib.h>
#include <string.h>

#define OWN __attribute__((noinline))

enum { SLOTS = 2000, STEPS = 30000 };

static void *slots[SLOTS];
static unsigned int state;

static unsigned int
draw(unsigned int below)
{
	state = state * 1103515245 + 12345;
	return (state >> 8) % below;
}

static OWN void
by_malloc(void **slot)
{
	*slot = malloc(1 + draw(3000));
}

static OWN void
by_calloc(void **slot)
{
	*slot = calloc(1 + draw(9), 1 + draw(700));
}

static OWN void
by_alignment(void **slot)
{
	if (posix_memalign(slot, 64, 1 + draw(5000)) != 0)
		*slot = NULL;
}

/* Of the size that it has in the end: what moves a block makes it. */
static OWN void
by_realloc(void **slot)
{
	*slot = NULL;
	for (unsigned int i = 1 + draw(5); i > 0; i--)
		*slot = realloc(*slot, 1 + draw(20000));
}

static OWN void
by_passing(void **slot)
{
	void *volatile passing = malloc(1 + draw(100000));

	free(passing);
	*slot = strdup("what stays");
}

/* It fills SLOTS of them, empties many, and fills some again. */
void
work(void)
{
	static void (*const kinds[])(void **slot) = {
		by_malloc, by_calloc, by_alignment, by_realloc, by_passing,
	};

	state = 1;
	for (unsigned int i = 0; i < STEPS; i++) {
		void **slot = &slots[draw(SLOTS)];

		free(*slot);
		*slot = NULL;
		if (draw(STEPS) > i / 2)
			kinds[draw(5)](slot);
	}
}

int
main(void)
{
	work();
	return 0;
}
