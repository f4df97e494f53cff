/* SPDX-License-Identifier: MIT */
/* madeup.h - a CPython that is none, in our own memory; with cmocka. */
#ifndef PMT_TESTS_MADEUP_H
#define PMT_TESTS_MADEUP_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>

#include "attach/attach.h"
#include "attach/memory.h"

/* A ring of RING has room for one less. */
enum { RING = 4, PATH_ROOM = 32, SUPPORT = 16, VERSION_8 = 0x0308,
       VERSION_11 = 0x030b, VERSION_13 = 0x030d, VERSION_14 = 0x030e };

struct madeup_call {
	uint64_t function, argument, flags;
};

struct madeup_runtime {
	char cookie[8];
	uint64_t enabled, support, asked, path;	/* offsets */
	uint32_t core_initialized, initialized, signals;
	uint64_t finalizing, main_interpreter, main_thread, current;
	uint64_t lock;		/* the address of a semaphore, or a byte */
	uint32_t finishing, to_do, first, last, async;
	struct madeup_call calls[RING];
};

struct madeup_interpreter {
	uint64_t id, threads;
	uint32_t drop_request, breaker;
	uint32_t enabled;
};

struct madeup_thread {
	uint64_t next, id, frame, breaker;
	uint32_t asked;
	char path[PATH_ROOM];
};

/* All of it; equal bytes are equal states. */
struct madeup {
	struct madeup_runtime runtime;
	struct madeup_interpreter interpreter;
	struct madeup_thread other, main;
	uint64_t cframe;
	uint32_t semaphore;
	char text[64];
};

static struct madeup madeup;
static struct pmt_attach_layout madeup_layout;
static struct pmt_attach madeup_attach;

static inline uint64_t
madeup_address(const void *object)
{
	return (uintptr_t)object;
}

#define MADEUP_RUNTIME(part) (int32_t)offsetof(struct madeup_runtime, part)
#define MADEUP_PENDING(part) (MADEUP_RUNTIME(part) - MADEUP_RUNTIME(lock))
#define MADEUP_INTERPRETER(part) \
	(int32_t)offsetof(struct madeup_interpreter, part)
#define MADEUP_THREAD(part) (int32_t)offsetof(struct madeup_thread, part)

static inline void
madeup_lay_out(int32_t version)
{
	madeup_layout = (struct pmt_attach_layout){
		.version = version,
		.core_initialized = MADEUP_RUNTIME(core_initialized),
		.initialized = MADEUP_RUNTIME(initialized),
		.finalizing = MADEUP_RUNTIME(finalizing),
		.main_interpreter = MADEUP_RUNTIME(main_interpreter),
		.main_thread = MADEUP_RUNTIME(main_thread),
		.id = MADEUP_INTERPRETER(id),
		.threads = MADEUP_INTERPRETER(threads),
		.next = MADEUP_THREAD(next),
		.thread_id = MADEUP_THREAD(id),
		.frame = MADEUP_THREAD(frame),
		.cframe_frame = version == VERSION_11 ? 0 : -1,
		.current = version == VERSION_11 ? MADEUP_RUNTIME(current) : -1,
		.breaker_base = version < VERSION_13 ? PMT_IN_INTERPRETER
						     : PMT_IN_THREAD,
		.breaker = version < VERSION_13
			? MADEUP_INTERPRETER(breaker)
			: MADEUP_THREAD(breaker),
		.breaker_size = version < VERSION_13 ? 4 : 8,
		.breaker_bit = version < VERSION_13 ? 1 : 4,
		.pending_base = PMT_IN_RUNTIME,
		.pending = MADEUP_RUNTIME(lock),
		.finishing = version == VERSION_8 ? MADEUP_PENDING(finishing)
						  : -1,
		.lock_size = version < VERSION_13 ? 8 : 1,
		.to_do = MADEUP_PENDING(to_do),
		.calls = MADEUP_PENDING(calls),
		.call_size = sizeof(struct madeup_call),
		.call_count = RING,
		.first = MADEUP_PENDING(first),
		.last = MADEUP_PENDING(last),
		.async = version == VERSION_11 ? MADEUP_PENDING(async) : -1,
		.signals = MADEUP_RUNTIME(signals),
		.drop_request = MADEUP_INTERPRETER(drop_request),
		.enabled = MADEUP_RUNTIME(enabled),
		.support = MADEUP_RUNTIME(support),
		.asked = MADEUP_RUNTIME(asked),
		.path = MADEUP_RUNTIME(path),
		.path_size = version < VERSION_14 ? -1 : PATH_ROOM,
	};
}

/* One that is at work, in its main thread. */
static inline void
madeup_start(int32_t version)
{
	madeup_lay_out(version);
	madeup = (struct madeup){
		.runtime = {
			.cookie = "xdebugp",
			.core_initialized = 1, .initialized = 1,
			.main_interpreter = madeup_address(&madeup.interpreter),
			.main_thread = 7,
			.current = madeup_address(&madeup.main),
			.enabled = offsetof(struct madeup_interpreter, enabled),
			.support = SUPPORT,
			.asked = offsetof(struct madeup_thread, asked) -
				 SUPPORT,
			.path = offsetof(struct madeup_thread, path) - SUPPORT,
			.lock = version < VERSION_13
				? madeup_address(&madeup.semaphore) : 0,
		},
		.interpreter = {
			.threads = madeup_address(&madeup.other), .enabled = 1,
		},
		.other = { .id = 9, .next = madeup_address(&madeup.main) },
		.main = { .id = 7, .frame = madeup_address(&madeup.cframe) },
		.cframe = 1, .semaphore = 1,
	};
	madeup.runtime.cookie[7] = 'y';
	madeup_attach = (struct pmt_attach){
		.pid = getpid(), .memory = madeup_attach.memory,
		.version = version, .layout = &madeup_layout,
		.runtime = madeup_address(&madeup.runtime), .run = 0xca11,
		.text = madeup_address(madeup.text),
		.base = { madeup_address(&madeup.runtime),
			  madeup_address(&madeup.interpreter),
			  madeup_address(&madeup.main) },
	};
}

static inline int
madeup_setup(void **state)
{
	(void)state;
	madeup_attach.memory = pmt_memory_open(getpid());
	return madeup_attach.memory < 0 ? -1 : 0;
}

static inline int
madeup_teardown(void **state)
{
	(void)state;
	return close(madeup_attach.memory);
}

#endif
