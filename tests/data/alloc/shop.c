/* SPDX-License-Identifier: MIT */
/* shop.c - functions of known names and lines that allocate. */
#include <config.h>

#include <pthread.h>
#include <setjmp.h>
#include <stdlib.h>

#ifndef BUY
#define BUY buy
#endif
#ifdef INLINE
#define KIND static inline __attribute__((always_inline))
#else
#define KIND static __attribute__((noinline))
#endif

static void *volatile kept;

KIND void
take(void)
{
	kept = malloc(54321);
}

void
BUY(void)
{
	take();
	kept = NULL;
}

void
call(void (*function)(void))
{
	function();
	kept = NULL;
}

static void *
run(void *arg)
{
	kept = malloc(12345);
	return arg;
}

void
thread(void)
{
	pthread_t id;

	if (pthread_create(&id, NULL, run, NULL) == 0)
		pthread_join(id, NULL);
}

static jmp_buf back;

static __attribute__((noinline)) void
dive(int depth)
{
	volatile char bytes[50];

	bytes[0] = 0;
	if (depth == 0) {
		kept = malloc(34567);
		longjmp(back, 1);
	}
	dive(depth - 1);
	bytes[0]++;
}

static __attribute__((noinline)) void
after(void)
{
	kept = malloc(23456);
	kept = NULL;
}

void
jump(void)
{
	if (setjmp(back) == 0)
		dive(20);
	after();
	kept = NULL;
}
