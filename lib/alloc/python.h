/* SPDX-License-Identifier: MIT */
/* python.h - which Python code runs in the calling thread, GIL or not? */
#ifndef PMT_ALLOC_PYTHON_H
#define PMT_ALLOC_PYTHON_H

#include <stddef.h>
#include <stdint.h>

#include "alloc/layout.h"
#include "base/common.h"

/*
 * The interpreter of this process.  What is read of it cannot change while
 * its thread is inside malloc: its frames are the thread's own, and what they
 * run stays alive.
 */
struct pmt_python {
	struct pmt_layout layout;
	void *(*attached)(void);	/* the state that has the GIL */
	void *(*own)(void);		/* the calling thread's, GIL or not */
	void *code_type;		/* NULL: no row for it, no names */
};

extern struct pmt_python pmt_python PMT_HIDDEN;

#define PMT_AT(type, object, offset) \
	(*(type *)(void *)((char *)(object) + (offset)))

/*
 * Find the interpreter and its row.  Returns NULL if its frames can be read,
 * else what is missing.
 */
PMT_HIDDEN const char *pmt_python_find(void);

/* Its version as it tells it ("3.13.0 (main, ..."); NULL: this is no Python. */
PMT_HIDDEN const char *pmt_python_version(void);

/*
 * From now on FUNCTION is told of each code object that dies, and has to call
 * what it returns.
 */
PMT_HIDDEN void (*pmt_python_watch_code(void (*function)(void *)))(void *);

/* The thread's innermost frame, perhaps one of C code; NULL: there is none. */
static inline char *
pmt_python_frame(void)
{
	void *state = NULL;
	char *frame;

	if (pmt_python.attached != NULL)
		state = pmt_python.attached();
	if (state == NULL && pmt_python.own != NULL)
		state = pmt_python.own();
	if (state == NULL)
		return NULL;
	frame = PMT_AT(char *, state, pmt_python.layout.thread_frame);
	if (pmt_python.layout.cframe_frame >= 0 && frame != NULL)
		frame = PMT_AT(char *, frame, pmt_python.layout.cframe_frame);
	return frame;
}

static inline char *
pmt_frame_caller(const char *frame)
{
	return PMT_AT(char *, frame, pmt_python.layout.frame_previous);
}

static inline char *
pmt_frame_code(const char *frame)
{
	uintptr_t code = PMT_AT(uintptr_t, frame, pmt_python.layout.frame_code);

	/* From 3.14 on the low bits tell who counts the reference. */
	return (char *)(code & ~(uintptr_t)3);
}

static inline int
pmt_frame_is_c(const char *frame)
{
	int owner = pmt_python.layout.frame_owner;

	return owner >= 0 && PMT_AT(char, frame, owner) >= PMT_OWNER_C;
}

/* Has it a run of the interpreter's loop of its own? */
static inline int
pmt_frame_is_entry(const char *frame)
{
	const struct pmt_layout *layout = &pmt_python.layout;
	const char *caller = pmt_frame_caller(frame);

	if (layout->frame_entry >= 0)
		return PMT_AT(char, frame, layout->frame_entry) != 0;
	return layout->frame_owner < 0 || caller == NULL ||
	       pmt_frame_is_c(caller);
}

/*
 * What tells the instruction from all others while its code object lives: its
 * address, or before 3.11 the code's and the index, which is -1 at first.
 */
static inline uint64_t
pmt_frame_key(const char *frame)
{
	const struct pmt_layout *layout = &pmt_python.layout;

	if (pmt_likely(layout->frame_owner >= 0))
		return PMT_AT(uintptr_t, frame, layout->frame_instruction);
	return ((uint64_t)(uintptr_t)pmt_frame_code(frame) << 16) +
	       (uint64_t)(PMT_AT(int, frame, layout->frame_instruction) + 1);
}

/* Of a code object: the line of its instruction with this key. */
PMT_HIDDEN uint32_t pmt_code_line(const char *code, uint64_t key);
PMT_HIDDEN uint32_t pmt_code_first_line(const char *code);

/*
 * Write the file's or the qualified name of a code object to TEXT, as UTF-8, at
 * most SIZE bytes.  Returns how many; lone surrogates become "?".
 */
PMT_HIDDEN size_t pmt_code_file(const char *code, char *text, size_t size);
PMT_HIDDEN size_t pmt_code_name(const char *code, char *text, size_t size);

/* Is it one at all?  Frames of C code may name something else. */
static inline int
pmt_is_code(const char *object)
{
	return object != NULL && PMT_AT(void *, object,
		pmt_python.layout.object_type) == pmt_python.code_type;
}

#endif
