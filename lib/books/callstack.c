/* SPDX-License-Identifier: MIT */
#include <config.h>

#include "books/callstack.h"

#include <errno.h>
#include <stdlib.h>

#include "base/array.h"

/* A deeper stack, or a search further down, is not worth the time. */
#define DEPTH_MAX 20000
#define SEARCH_MAX 1000

uint32_t
pmt_callstack_node(const struct pmt_callstack *stack)
{
	return stack->depth == 0 ? 0 : stack->frames[stack->depth - 1].node;
}

static int
push(struct pmt_codebook *book, struct pmt_callstack *stack, uint32_t file,
     uint32_t line, uint32_t function, bool in_c)
{
	struct pmt_growth_node key = {
		.parent = pmt_callstack_node(stack),
		.file = in_c ? PMT_NO_NAME : file,
		.function = function,
		.in_c = in_c,
	};
	struct pmt_frame frame = { .file = file, .line = line };
	int err;

	if (stack->depth == DEPTH_MAX)
		stack->depth--;
	if (pmt_array_reserve((void **)&stack->frames, sizeof(frame),
			      stack->depth, &stack->room) != 0)
		return -ENOMEM;
	err = pmt_codebook_node(book, &key, &frame.node);
	if (err == 0)
		stack->frames[stack->depth++] = frame;
	return err;
}

/*
 * How deep the stack is down to the innermost frame like this, or 0.  Any
 * function will do for PMT_NO_NAME.
 */
static size_t
depth_of(const struct pmt_codebook *book, const struct pmt_callstack *stack,
	 uint32_t file, uint32_t function, bool in_c)
{
	size_t end = stack->depth > SEARCH_MAX ? stack->depth - SEARCH_MAX : 0;

	for (size_t i = stack->depth; i > end; i--) {
		const struct pmt_frame *frame = &stack->frames[i - 1];
		const struct pmt_growth_node *node = &book->nodes[frame->node];

		if (node->in_c == in_c && frame->file == file &&
		    (function == PMT_NO_NAME || node->function == function))
			return i;
	}
	return 0;
}

/*
 * Events were left out: of the calls before, only the first frame of all, that
 * of the with statement, is sure to be there still, and something unknown runs
 * below it.
 */
static int
forget_calls(struct pmt_codebook *book, struct pmt_callstack *stack)
{
	if (stack->depth > 1)
		stack->depth = 1;
	return push(book, stack, PMT_NO_NAME, PMT_NO_NAME, PMT_NO_NAME,
		    false);
}

/* How deep the stack is down to the caller of a C function; 0: not there. */
static size_t
depth_of_caller(const struct pmt_codebook *book,
		const struct pmt_callstack *stack,
		const struct pmt_site *site, bool gap)
{
	size_t depth = depth_of(book, stack, site->file, PMT_NO_NAME, false);

	/* After a gap another function of the file is as likely. */
	if (depth > 0 && gap && stack->frames[depth - 1].line != site->line)
		return 0;
	return depth;
}

/* The Python function that runs at this place; we may not know its name. */
static int
settle_caller(struct pmt_codebook *book, struct pmt_callstack *stack,
	      const struct pmt_site *site, bool gap)
{
	size_t depth = depth_of_caller(book, stack, site, gap);

	if (depth > 0) {
		stack->depth = depth;
		stack->frames[depth - 1].line = site->line;
		return 0;
	}
	if (gap && forget_calls(book, stack) != 0)
		return -ENOMEM;
	return push(book, stack, site->file, site->line, PMT_NO_NAME, false);
}

/* A function that was running; its caller, if it is new, stays on top. */
static int
settle_function(struct pmt_codebook *book, struct pmt_callstack *stack,
		const struct pmt_site *site, bool in_c, bool gap)
{
	size_t depth = depth_of(book, stack, site->file, site->function,
				in_c);

	if (depth > 0) {
		stack->depth = depth;
		return 0;
	}
	if (in_c && settle_caller(book, stack, site, gap) != 0)
		return -ENOMEM;
	if (!in_c && gap && forget_calls(book, stack) != 0)
		return -ENOMEM;
	return push(book, stack, site->file, site->line, site->function,
		    in_c);
}

int
pmt_callstack_settle(struct pmt_codebook *book, struct pmt_callstack *stack,
       const struct pmt_event *event, const struct pmt_site *site, bool gap)
{
	size_t depth;
	int err;

	switch (event->what) {
	case PMT_WHAT_CALL:
		if (!gap)
			return 0;
		depth = depth_of(book, stack, site->file, site->function,
				 false);
		if (depth == 0)
			return forget_calls(book, stack);
		stack->depth = depth - 1;
		return 0;
	case PMT_WHAT_C_CALL:
		return settle_caller(book, stack, site, gap);
	case PMT_WHAT_C_RETURN:
	case PMT_WHAT_C_EXCEPT:
		return settle_function(book, stack, site, true, gap);
	default:
		err = settle_function(book, stack, site, false, gap);
		/* Which line ran is only sure when the row before told it. */
		if (err == 0 && (gap || event->what == PMT_WHAT_RETURN))
			stack->frames[stack->depth - 1].line = site->line;
		return err;
	}
}

int
pmt_callstack_happen(struct pmt_codebook *book, struct pmt_callstack *stack,
       const struct pmt_event *event, const struct pmt_site *site)
{
	switch (event->what) {
	case PMT_WHAT_CALL:
		return push(book, stack, site->file, site->line,
			    site->function, false);
	case PMT_WHAT_C_CALL:
		return push(book, stack, site->file, site->line,
			    site->function, true);
	case PMT_WHAT_RETURN:
	case PMT_WHAT_C_RETURN:
	case PMT_WHAT_C_EXCEPT:
		stack->depth--;
		return 0;
	default:
		stack->frames[stack->depth - 1].line = site->line;
		return 0;
	}
}

struct pmt_callstack *
pmt_callstacks_find(struct pmt_callstacks *all, const struct pmt_event *event)
{
	int64_t thread = PMT_HAS(event, THREAD) ? event->thread : 0;

	/* It changes seldom. */
	if (all->count > 0 && all->stacks[all->current].thread == thread)
		return &all->stacks[all->current];
	for (size_t i = 0; i < all->count; i++) {
		if (all->stacks[i].thread == thread) {
			all->current = i;
			return &all->stacks[i];
		}
	}
	if (pmt_array_reserve((void **)&all->stacks, sizeof(*all->stacks),
			      all->count, &all->room) != 0)
		return NULL;
	all->current = all->count++;
	all->stacks[all->current] = (struct pmt_callstack){ .thread = thread };
	return &all->stacks[all->current];
}

void
pmt_callstacks_fini(struct pmt_callstacks *all)
{
	for (size_t i = 0; i < all->count; i++)
		free(all->stacks[i].frames);
	free(all->stacks);
}
