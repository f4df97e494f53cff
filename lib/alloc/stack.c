/* SPDX-License-Identifier: MIT */
#include <config.h>

#include "alloc/stack.h"

#include "alloc/own.h"

enum {
	FIRST_ROOM = 680,	/* four pages */
	MOST_ROOM = 1 << 20,
};

/* Nodes of the frames from FROM on, which are new or have moved on. */
uint32_t
pmt_stack_renew(struct pmt_stack *stack, uint32_t from)
{
	uint32_t node = from == 0 ? 0 : stack->kept[from - 1].node;

	for (uint32_t i = from; i < stack->depth; i++) {
		struct pmt_kept *kept = &stack->kept[i];

		kept->key = pmt_frame_key(kept->frame);
		if (!pmt_frame_is_c(kept->frame)) {
			uint32_t place = pmt_place(kept->frame, kept->key);

			if (place != 0 && pmt_names.native &&
			    pmt_frame_is_entry(kept->frame))
				place |= PMT_PLACE_ENTRY;
			if (place != 0)
				node = pmt_node(node, place);
		}
		kept->node = node;
	}
	return node;
}

static int
make_room(struct pmt_stack *stack, uint32_t depth)
{
	uint32_t room = stack->room == 0 ? FIRST_ROOM : stack->room;
	void *kept;

	while (room < depth)
		room *= 2;
	if (room == stack->room)
		return 0;
	if (room > MOST_ROOM)
		return -1;
	kept = stack->kept == NULL
		? pmt_own_get(room * sizeof(*stack->kept))
		: pmt_own_grow(stack->kept, stack->room * sizeof(*stack->kept),
			       room * sizeof(*stack->kept));
	if (kept == NULL)
		return -1;
	stack->kept = kept;
	stack->room = room;
	return 0;
}

/* All frames anew. */
PMT_COLD uint32_t
pmt_stack_walk(struct pmt_stack *stack, char *top)
{
	uint32_t depth = 0;

	for (char *frame = top; frame != NULL; frame = pmt_frame_caller(frame))
		depth++;
	stack->depth = 0;
	if (make_room(stack, depth) < 0) {
		pmt_names.unnamed++;
		return 0;
	}
	stack->depth = depth;
	stack->epoch = pmt_names.epoch;
	for (char *frame = top; frame != NULL; frame = pmt_frame_caller(frame))
		stack->kept[--depth].frame = frame;
	return pmt_stack_renew(stack, 0);
}

void
pmt_stack_fini(struct pmt_stack *stack)
{
	if (stack->kept != NULL)
		pmt_own_put(stack->kept, stack->room * sizeof(*stack->kept));
	*stack = (struct pmt_stack){ .depth = 0 };
}
