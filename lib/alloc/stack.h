/* SPDX-License-Identifier: MIT */
/* stack.h - which Python stack is the calling thread in, at a ns a frame? */
#ifndef PMT_STACK_H
#define PMT_STACK_H

#include <stdint.h>

#include "alloc/names.h"
#include "base/common.h"

/*
 * A thread's frames as they were at its last event, the outermost first.
 * Those that are there still are compared and no more; the loads of a
 * comparison do not wait for each other, those of a walk do.
 */
struct pmt_stack {
	struct pmt_kept {
		char *frame;
		uint64_t key;		/* where it was in its code */
		uint32_t node;
	} *kept;
	uint32_t depth;
	uint32_t room;
	uint32_t epoch;			/* of names.h, at the last event */
};

PMT_HIDDEN uint32_t pmt_stack_walk(struct pmt_stack *stack, char *top);
PMT_HIDDEN uint32_t pmt_stack_renew(struct pmt_stack *stack, uint32_t from);
PMT_HIDDEN void pmt_stack_fini(struct pmt_stack *stack);

enum {
	PMT_STACK_FRESH = 24,	/* new frames before all are walked */
	PMT_STACK_LOOK = 12,	/* kept frames among which one is looked for */
};

/* Is FRAME among the innermost kept ones?  Its index, or -1. */
static inline int64_t
pmt_stack_index(const struct pmt_stack *stack, const char *frame)
{
	int64_t low = (int64_t)stack->depth - PMT_STACK_LOOK;

	for (int64_t i = (int64_t)stack->depth - 1; i >= 0 && i >= low; i--)
		if (stack->kept[i].frame == frame)
			return i;
	return -1;
}

/* Number of the stack's node in the log; 0: no Python runs here. */
static inline uint32_t
pmt_stack_node(struct pmt_stack *stack)
{
	char *fresh[PMT_STACK_FRESH], *top = pmt_python_frame(), *frame = top;
	uint32_t count = 0, changed, met;
	int64_t i;

	if (top == NULL)
		return 0;
	if (pmt_unlikely(stack->epoch != pmt_names.epoch))
		return pmt_stack_walk(stack, top);
	while ((i = pmt_stack_index(stack, frame)) < 0) {
		if (count == PMT_STACK_FRESH)
			return pmt_stack_walk(stack, top);
		fresh[count++] = frame;
		frame = pmt_frame_caller(frame);
		if (frame == NULL)
			return pmt_stack_walk(stack, top);
	}
	met = changed = (uint32_t)i + 1;
	if (pmt_unlikely(met + count > stack->room))
		return pmt_stack_walk(stack, top);
	for (; i >= 0; i--) {
		const struct pmt_kept *kept = &stack->kept[i];

		if (pmt_unlikely(pmt_frame_caller(kept->frame) !=
				 (i > 0 ? kept[-1].frame : NULL)))
			return pmt_stack_walk(stack, top);
		if (pmt_unlikely(pmt_frame_key(kept->frame) != kept->key))
			changed = (uint32_t)i;
	}
	stack->depth = met + count;
	for (uint32_t k = 0; k < count; k++)
		stack->kept[met + k].frame = fresh[count - 1 - k];
	if (changed == stack->depth)
		return stack->kept[changed - 1].node;
	return pmt_stack_renew(stack, changed);
}

#endif
