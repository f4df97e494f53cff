/* SPDX-License-Identifier: MIT */
#include <config.h>

#include "books/growth.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "log/sites.h"

/* A deeper stack, or a search further down, is not worth the time. */
#define DEPTH_MAX 20000
#define SEARCH_MAX 1000

struct frame {
	uint32_t node;
	uint32_t file, line;	/* where it is now; of its caller, if in C */
};

/* One thread's calls, outermost first. */
struct stack {
	int64_t thread;
	struct frame *frames;
	size_t depth, room;
};

/* Numbers of nodes or lines + 1, found by a hash of their key. */
struct index {
	uint32_t *slots;
	uint32_t mask;
};

struct pmt_growth {
	const struct pmt_sites *sites;
	int64_t since;
	struct pmt_node *nodes;
	uint32_t node_count, node_room;
	struct index node_index;
	struct pmt_line *lines;
	uint32_t line_count, line_room;
	struct index line_index;
	struct stack *stacks;
	size_t stack_count, current;
	int64_t rss;		/* of the row before */
	uint64_t event;		/* number of the row before */
	bool started, gaps;
};

static uint32_t
hash(uint32_t a, uint32_t b, uint32_t c)
{
	uint64_t h = (a + 1) * 0x9e3779b97f4a7c15u;

	h = (h ^ h >> 29 ^ b) * 0xbf58476d1ce4e5b9u;
	h = (h ^ h >> 32 ^ c) * 0x94d049bb133111ebu;
	return (uint32_t)(h >> 32);
}

static uint32_t
node_hash(const struct pmt_node *node)
{
	return hash(node->parent, node->file, node->function * 2 + node->in_c);
}

static uint32_t
line_hash(const struct pmt_line *line)
{
	return hash(line->file, line->line, 0);
}

static void
insert(struct index *index, uint32_t where, uint32_t number)
{
	while (index->slots[where & index->mask] != 0)
		where++;
	index->slots[where & index->mask] = number + 1;
}

/* Room in an array and its index for one more than COUNT. */
static int
reserve(void **array, size_t size, uint32_t count, uint32_t *room,
	struct index *index)
{
	uint32_t more = *room == 0 ? 512 : *room * 2;
	void *bigger;

	if (count < *room)
		return 0;
	if (more < *room || more > UINT32_MAX / 4)
		return -ENOMEM;
	bigger = realloc(*array, size * more);
	if (bigger == NULL)
		return -ENOMEM;
	*array = bigger;
	free(index->slots);
	index->slots = calloc(2 * (size_t)more, sizeof(*index->slots));
	if (index->slots == NULL)
		return -ENOMEM;
	index->mask = 2 * more - 1;
	*room = more;
	return 1;
}

static bool
same_node(const struct pmt_node *a, const struct pmt_node *b)
{
	return a->parent == b->parent && a->file == b->file &&
	       a->function == b->function && a->in_c == b->in_c;
}

static int
find_node(struct pmt_growth *growth, const struct pmt_node *key,
	  uint32_t *number)
{
	struct index *index = &growth->node_index;
	int grown = reserve((void **)&growth->nodes, sizeof(*growth->nodes),
			    growth->node_count, &growth->node_room, index);

	if (grown < 0)
		return grown;
	for (uint32_t i = 0; grown && i < growth->node_count; i++)
		insert(index, node_hash(&growth->nodes[i]), i);
	for (uint32_t i = node_hash(key);; i++) {
		uint32_t found = index->slots[i & index->mask];

		if (found == 0)
			break;
		if (same_node(&growth->nodes[found - 1], key)) {
			*number = found - 1;
			return 0;
		}
	}
	*number = growth->node_count++;
	growth->nodes[*number] = *key;
	insert(index, node_hash(key), *number);
	return 0;
}

static int
find_line(struct pmt_growth *growth, const struct pmt_line *key,
	  struct pmt_line **line)
{
	struct index *index = &growth->line_index;
	int grown = reserve((void **)&growth->lines, sizeof(*growth->lines),
			    growth->line_count, &growth->line_room, index);

	if (grown < 0)
		return grown;
	for (uint32_t i = 0; grown && i < growth->line_count; i++)
		insert(index, line_hash(&growth->lines[i]), i);
	for (uint32_t i = line_hash(key);; i++) {
		uint32_t found = index->slots[i & index->mask];

		if (found == 0)
			break;
		*line = &growth->lines[found - 1];
		if ((*line)->file == key->file && (*line)->line == key->line)
			return 0;
	}
	*line = &growth->lines[growth->line_count];
	**line = *key;
	insert(index, line_hash(key), growth->line_count++);
	return 0;
}

/* The calls of the event's thread; it changes seldom. */
static struct stack *
find_stack(struct pmt_growth *growth, const struct pmt_event *event)
{
	int64_t thread = PMT_HAS(event, THREAD) ? event->thread : 0;
	struct stack *stacks;

	if (growth->stack_count > 0 &&
	    growth->stacks[growth->current].thread == thread)
		return &growth->stacks[growth->current];
	for (size_t i = 0; i < growth->stack_count; i++) {
		if (growth->stacks[i].thread == thread) {
			growth->current = i;
			return &growth->stacks[i];
		}
	}
	stacks = realloc(growth->stacks,
			 (growth->stack_count + 1) * sizeof(*stacks));
	if (stacks == NULL)
		return NULL;
	growth->stacks = stacks;
	growth->current = growth->stack_count++;
	stacks[growth->current] = (struct stack){ .thread = thread };
	return &stacks[growth->current];
}

static uint32_t
top_node(const struct stack *stack)
{
	return stack->depth == 0 ? 0 : stack->frames[stack->depth - 1].node;
}

static int
push(struct pmt_growth *growth, struct stack *stack, uint32_t file,
     uint32_t line, uint32_t function, bool in_c)
{
	struct pmt_node key = {
		.parent = top_node(stack),
		.file = in_c ? PMT_NO_NAME : file,
		.function = function,
		.in_c = in_c,
	};
	struct frame frame = { .file = file, .line = line };
	int err;

	if (stack->depth == DEPTH_MAX)
		stack->depth--;
	if (stack->depth == stack->room) {
		size_t room = stack->room == 0 ? 64 : stack->room * 2;
		struct frame *frames = realloc(stack->frames,
					       room * sizeof(*frames));

		if (frames == NULL)
			return -ENOMEM;
		stack->frames = frames;
		stack->room = room;
	}
	err = find_node(growth, &key, &frame.node);
	if (err == 0)
		stack->frames[stack->depth++] = frame;
	return err;
}

/*
 * How deep the stack is down to the innermost frame like this, or 0.  Any
 * function will do for PMT_NO_NAME.
 */
static size_t
depth_of(const struct pmt_growth *growth, const struct stack *stack,
	 uint32_t file, uint32_t function, bool in_c)
{
	size_t end = stack->depth > SEARCH_MAX ? stack->depth - SEARCH_MAX : 0;

	for (size_t i = stack->depth; i > end; i--) {
		const struct frame *frame = &stack->frames[i - 1];
		const struct pmt_node *node = &growth->nodes[frame->node];

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
forget_calls(struct pmt_growth *growth, struct stack *stack)
{
	if (stack->depth > 1)
		stack->depth = 1;
	return push(growth, stack, PMT_NO_NAME, PMT_NO_NAME, PMT_NO_NAME,
		    false);
}

/* How deep the stack is down to the caller of a C function; 0: not there. */
static size_t
depth_of_caller(const struct pmt_growth *growth, const struct stack *stack,
		const struct pmt_site *site, bool gap)
{
	size_t depth = depth_of(growth, stack, site->file, PMT_NO_NAME, false);

	/* After a gap another function of the file is as likely. */
	if (depth > 0 && gap && stack->frames[depth - 1].line != site->line)
		return 0;
	return depth;
}

/* The Python function that runs at this place; we may not know its name. */
static int
settle_caller(struct pmt_growth *growth, struct stack *stack,
	      const struct pmt_site *site, bool gap)
{
	size_t depth = depth_of_caller(growth, stack, site, gap);

	if (depth > 0) {
		stack->depth = depth;
		stack->frames[depth - 1].line = site->line;
		return 0;
	}
	if (gap && forget_calls(growth, stack) != 0)
		return -ENOMEM;
	return push(growth, stack, site->file, site->line, PMT_NO_NAME, false);
}

/* A function that was running; its caller, if it is new, stays on top. */
static int
settle_function(struct pmt_growth *growth, struct stack *stack,
		const struct pmt_site *site, bool in_c, bool gap)
{
	size_t depth = depth_of(growth, stack, site->file, site->function,
				in_c);

	if (depth > 0) {
		stack->depth = depth;
		return 0;
	}
	if (in_c && settle_caller(growth, stack, site, gap) != 0)
		return -ENOMEM;
	if (!in_c && gap && forget_calls(growth, stack) != 0)
		return -ENOMEM;
	return push(growth, stack, site->file, site->line, site->function,
		    in_c);
}

/* Make the stack what it must have been just before the event. */
static int
settle(struct pmt_growth *growth, struct stack *stack,
       const struct pmt_event *event, const struct pmt_site *site, bool gap)
{
	size_t depth;
	int err;

	switch (event->what) {
	case PMT_WHAT_CALL:
		if (!gap)
			return 0;
		depth = depth_of(growth, stack, site->file, site->function,
				 false);
		if (depth == 0)
			return forget_calls(growth, stack);
		stack->depth = depth - 1;
		return 0;
	case PMT_WHAT_C_CALL:
		return settle_caller(growth, stack, site, gap);
	case PMT_WHAT_C_RETURN:
	case PMT_WHAT_C_EXCEPT:
		return settle_function(growth, stack, site, true, gap);
	default:
		err = settle_function(growth, stack, site, false, gap);
		/* Which line ran is only sure when the row before told it. */
		if (err == 0 && (gap || event->what == PMT_WHAT_RETURN))
			stack->frames[stack->depth - 1].line = site->line;
		return err;
	}
}

/* Let the event happen: enter, leave, or go to the next line. */
static int
happen(struct pmt_growth *growth, struct stack *stack,
       const struct pmt_event *event, const struct pmt_site *site)
{
	switch (event->what) {
	case PMT_WHAT_CALL:
		return push(growth, stack, site->file, site->line,
			    site->function, false);
	case PMT_WHAT_C_CALL:
		return push(growth, stack, site->file, site->line,
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

static void
add_change(struct pmt_change *sum, int64_t change)
{
	if (change > 0)
		sum->grown += (uint64_t)change;
	else
		sum->released += (uint64_t)-change;
}

static int
charge(struct pmt_growth *growth, const struct stack *stack,
       struct pmt_step *step)
{
	const struct frame *top = stack->depth == 0 ? NULL :
		&stack->frames[stack->depth - 1];
	struct pmt_line key = {
		.file = top == NULL ? PMT_NO_NAME : top->file,
		.line = top == NULL ? PMT_NO_NAME : top->line,
	}, *line;

	step->node = top_node(stack);
	step->file = key.file;
	step->line = key.line;
	add_change(&growth->nodes[step->node].change, step->change);
	if (find_line(growth, &key, &line) != 0)
		return -ENOMEM;
	add_change(&line->change, step->change);
	return 0;
}

/* The row names code: count it there, where the changes of it are. */
static int
count_row(struct pmt_growth *growth, const struct stack *stack,
	  const struct pmt_event *event, const struct pmt_site *site)
{
	struct pmt_line key = { .file = site->file, .line = site->line }, *line;

	if (event->row == PMT_ROW_PREV)
		return 0;
	if (find_line(growth, &key, &line) != 0)
		return -ENOMEM;
	line->change.rows++;
	growth->nodes[top_node(stack)].change.rows++;
	return 0;
}

static bool
enters(const struct pmt_event *event)
{
	return event->what == PMT_WHAT_CALL || event->what == PMT_WHAT_C_CALL;
}

int
pmt_growth_add(struct pmt_growth *growth, const struct pmt_event *event,
	       struct pmt_step *step)
{
	bool gap = growth->started && event->event != growth->event + 1;
	const struct pmt_site *site;
	struct stack *stack;
	int err;

	*step = (struct pmt_step){ 0, 0, PMT_NO_NAME, PMT_NO_NAME };
	/* The PREV of pymemtrace is the NEXT before it, or only a message. */
	if (!PMT_HAS(event, FUNCTION) || !PMT_HAS(event, RSS) ||
	    !PMT_HAS(event, EVENT) ||
	    (event->row == PMT_ROW_PREV && growth->started &&
	     event->event <= growth->event))
		return 0;
	site = pmt_sites_get(growth->sites, event->site);
	stack = find_stack(growth, event);
	if (stack == NULL)
		return -ENOMEM;
	growth->gaps |= gap;
	if (growth->started && event->clock >= growth->since)
		step->change = event->rss - growth->rss;
	growth->started = true;
	growth->rss = event->rss;
	growth->event = event->event;

	err = settle(growth, stack, event, site, gap);
	if (err == 0)
		err = charge(growth, stack, step);
	if (err == 0 && !enters(event))
		err = count_row(growth, stack, event, site);
	if (err == 0)
		err = happen(growth, stack, event, site);
	if (err == 0 && enters(event))
		err = count_row(growth, stack, event, site);
	return err;
}

struct pmt_growth *
pmt_growth_new(const struct pmt_sites *sites, int64_t since)
{
	struct pmt_growth *growth = calloc(1, sizeof(*growth));
	struct pmt_node root = {
		.parent = 0, .file = PMT_NO_NAME, .function = PMT_NO_NAME,
	};
	uint32_t number;

	if (growth == NULL)
		return NULL;
	growth->sites = sites;
	growth->since = since;
	if (find_node(growth, &root, &number) != 0) {
		pmt_growth_free(growth);
		return NULL;
	}
	return growth;
}

void
pmt_growth_free(struct pmt_growth *growth)
{
	if (growth == NULL)
		return;
	for (size_t i = 0; i < growth->stack_count; i++)
		free(growth->stacks[i].frames);
	free(growth->stacks);
	free(growth->nodes);
	free(growth->node_index.slots);
	free(growth->lines);
	free(growth->line_index.slots);
	free(growth);
}

bool
pmt_growth_has_gaps(const struct pmt_growth *growth)
{
	return growth->gaps;
}

const struct pmt_node *
pmt_growth_nodes(const struct pmt_growth *growth, uint32_t *count)
{
	*count = growth->node_count;
	return growth->nodes;
}

const struct pmt_line *
pmt_growth_lines(const struct pmt_growth *growth, uint32_t *count)
{
	*count = growth->line_count;
	return growth->lines;
}
