/* SPDX-License-Identifier: MIT */
/* layout.h - where does one CPython keep what is to be written to attach? */
#ifndef PMT_ATTACH_LAYOUT_H
#define PMT_ATTACH_LAYOUT_H

#include <stdint.h>

/* What an offset counts from. */
enum pmt_attach_base {
	PMT_IN_RUNTIME,		/* _PyRuntime */
	PMT_IN_INTERPRETER,	/* the main one */
	PMT_IN_THREAD,		/* the main thread's state */
};

/*
 * Offsets in bytes; -1: there is no such part.  One row is compiled for each
 * interpreter that pmt is built for, from its own headers.
 */
struct pmt_attach_layout {
	int32_t version;		/* major << 8 | minor */
	int32_t free_threaded;
	/* Of _PyRuntime. */
	int32_t core_initialized;	/* ints, 0 or 1 */
	int32_t initialized;
	int32_t finalizing;		/* a pointer */
	int32_t main_interpreter;	/* a pointer */
	int32_t main_thread;		/* pthread_t */
	/* Of an interpreter. */
	int32_t id;			/* 64 bits */
	int32_t threads;		/* a pointer to the first */
	/* Of a thread's state. */
	int32_t next;
	int32_t thread_id;		/* pthread_t */
	int32_t frame;			/* its innermost frame, or ... */
	int32_t cframe_frame;		/* ... frame leads to where that is */
	/*
	 * The flag that breaks the evaluation loop, and what it gets.  If the
	 * flag is all threads', no other but the main thread shall see it: one
	 * that is traced would not get on in 3.11.
	 */
	int32_t current;		/* who runs; of _PyRuntime */
	enum pmt_attach_base breaker_base;
	int32_t breaker;
	int32_t breaker_size;
	uint64_t breaker_bit;
	/* Pending calls of the main thread. */
	enum pmt_attach_base pending_base;
	int32_t pending;
	int32_t finishing;		/* of these: an int */
	int32_t lock, lock_size;	/* a semaphore, or 1 byte: 0 is free */
	int32_t to_do;			/* an int: a flag, from 3.13 a number */
	int32_t calls, call_size, call_count;
	int32_t first, last;		/* ints */
	/* Only of 3.11: what else sets the flag; ints. */
	int32_t async;			/* of pending calls */
	int32_t signals;		/* of _PyRuntime */
	int32_t drop_request;		/* of an interpreter */
	/*
	 * From 3.14 on: where in _Py_DebugOffsets stands where something is;
	 * and the largest path of a script, -1 before that.
	 */
	int32_t enabled;		/* an int of the interpreter */
	int32_t support;		/* of a thread's state; of this: */
	int32_t asked;			/* an int */
	int32_t path;
	int32_t path_size;
};

/* One behind the other: a compiler would align them more than an array's. */
#define PMT_ATTACH_LAYOUT_ROW \
	__attribute__((used, section("pmt_attach_layouts"), aligned(8)))

#endif
