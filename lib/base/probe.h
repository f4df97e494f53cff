/* SPDX-License-Identifier: MIT */
/* probe.h - how is bpftrace or dtrace told what happens in here? */
#ifndef PMT_PROBE_H
#define PMT_PROBE_H

#include "base/common.h"

/*
 * A probe is an instruction that does nothing until the kernel puts a trap
 * there for a tracer (USDT; man pmt-dtrace).  Its semaphore counts those who
 * listen: arguments are made for them only.  The kernel changes it from
 * without, so each look is a load.
 *
 * PMT_PROBE_DECLARE goes into a header, PMT_PROBE_DEFINE, with the visibility
 * of the semaphore, into one source file of each library or module that fires
 * the probe.  Without <sys/sdt.h> nobody ever listens, and all is optimized
 * away.
 */
#ifdef HAVE_SYS_SDT_H
#define _SDT_HAS_SEMAPHORES 1
#include <sys/sdt.h>

#define PMT_PROBE_DECLARE(name, visibility) \
	extern volatile unsigned short pmt_##name##_semaphore visibility
#define PMT_PROBE_DEFINE(name) \
	volatile unsigned short pmt_##name##_semaphore \
		__attribute__((section(".probes"), used))
#define pmt_probe_heard(name) pmt_unlikely(pmt_##name##_semaphore != 0)

/* What their strings point at must be in memory: sdt.h does not say so. */
#define PMT_PROBE_N(n, ...) do { \
	__asm__ volatile ("" : : : "memory"); \
	STAP_PROBE##n(pmt, __VA_ARGS__); \
} while (0)
#define PMT_PROBE2(name, ...) PMT_PROBE_N(2, name, __VA_ARGS__)
#define PMT_PROBE3(name, ...) PMT_PROBE_N(3, name, __VA_ARGS__)
#define PMT_PROBE4(name, ...) PMT_PROBE_N(4, name, __VA_ARGS__)
#define PMT_PROBE5(name, ...) PMT_PROBE_N(5, name, __VA_ARGS__)
#define PMT_PROBE6(name, ...) PMT_PROBE_N(6, name, __VA_ARGS__)
#else
#define PMT_PROBE_DECLARE(name, visibility) struct pmt_probe_##name
#define PMT_PROBE_DEFINE(name) struct pmt_probe_##name
#define pmt_probe_heard(name) 0

static inline void
pmt_probe_nobody(int first, ...)
{
	(void)first;
}

#define PMT_PROBE2(name, ...) pmt_probe_nobody(0, __VA_ARGS__)
#define PMT_PROBE3 PMT_PROBE2
#define PMT_PROBE4 PMT_PROBE2
#define PMT_PROBE5 PMT_PROBE2
#define PMT_PROBE6 PMT_PROBE2
#endif

#endif
