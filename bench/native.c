/* SPDX-License-Identifier: MIT */
/* native.c - what does a pair of malloc and free cost, as its caller sees? */
#include <stdint.h>
#include <stdlib.h>
#include <time.h>

static double
now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec * 1e9 + (double)t.tv_nsec;
}

double pairs(long count, long size, int rounds);
double ring(long count, int rounds);

/* Nanoseconds a pair, the best of some rounds. */
double
pairs(long count, long size, int rounds)
{
	double best = 1e18;

	for (int round = 0; round < rounds; round++) {
		double start = now(), took;

		for (long i = 0; i < count; i++) {
			void *volatile block = malloc((size_t)size);

			free(block);
		}
		took = now() - start;
		best = took < best ? took : best;
	}
	return best / (double)count;
}

/* The same with 4096 live blocks of sizes that change. */
double
ring(long count, int rounds)
{
	static void *live[4096];
	double best = 1e18;

	for (int round = 0; round < rounds; round++) {
		double start = now(), took;
		uint32_t x = 1;

		for (long i = 0; i < count; i++) {
			x = x * 1664525u + 1013904223u;
			free(live[x >> 20]);
			live[x >> 20] = malloc(16 + (x >> 8 & 1023));
		}
		took = now() - start;
		best = took < best ? took : best;
	}
	return best / (double)count;
}
