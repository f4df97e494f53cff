/* SPDX-License-Identifier: MIT */
#include <config.h>

#include "books/growth.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "books/callstack.h"

struct pmt_growth {
	struct pmt_sites *sites;
	int64_t since;
	struct pmt_codebook book;
	struct pmt_callstack *stacks;
	size_t stack_count, stack_room, current;
	int64_t rss;		/* of the row before */
	uint64_t event;		/* number of the row before */
	bool started, gaps;
	bool others;		/* other threads ran before the next row */
};

/* The calls of the event's thread; it changes seldom. */
static struct pmt_callstack *
find_stack(struct pmt_growth *growth, const struct pmt_event *event)
{
	int64_t thread = PMT_HAS(event, THREAD) ? event->thread : 0;
	struct pmt_callstack *stacks;

	if (growth->stack_count > 0 &&
	    growth->stacks[growth->current].thread == thread)
		return &growth->stacks[growth->current];
	for (size_t i = 0; i < growth->stack_count; i++) {
		if (growth->stacks[i].thread == thread) {
			growth->current = i;
			return &growth->stacks[i];
		}
	}
	if (pmt_array_reserve((void **)&growth->stacks, sizeof(*stacks),
			      growth->stack_count, &growth->stack_room) != 0)
		return NULL;
	stacks = growth->stacks;
	growth->current = growth->stack_count++;
	stacks[growth->current] = (struct pmt_callstack){ .thread = thread };
	return &stacks[growth->current];
}

static void
add_change(struct pmt_growth_change *sum, int64_t change)
{
	if (change > 0)
		sum->grown += (uint64_t)change;
	else
		sum->released += (uint64_t)-change;
}

static int
charge(struct pmt_growth *growth, const struct pmt_callstack *stack,
       struct pmt_growth_step *step)
{
	const struct pmt_frame *top = stack->depth == 0 ? NULL :
		&stack->frames[stack->depth - 1];
	struct pmt_growth_line key = {
		.file = top == NULL ? PMT_NO_NAME : top->file,
		.line = top == NULL ? PMT_NO_NAME : top->line,
	}, *line;

	step->node = pmt_callstack_node(stack);
	step->file = key.file;
	step->line = key.line;
	add_change(&growth->book.nodes[step->node].change, step->change);
	if (pmt_codebook_line(&growth->book, &key, &line) != 0)
		return -ENOMEM;
	add_change(&line->change, step->change);
	return 0;
}

/* Other threads may have done it: charge what belongs to none of the code. */
static int
charge_others(struct pmt_growth *growth, struct pmt_growth_step *step)
{
	static const struct pmt_site_text text = {
		.type = { "", 0 },
		.file = { "(other threads)", 15 },
		.function = { "(other threads)", 15 },
	};
	struct pmt_growth_node node = { .parent = 0, .file = PMT_NO_NAME };
	struct pmt_growth_line key = { .line = PMT_NO_NAME }, *line;
	uint32_t site;
	int err = pmt_sites_find(growth->sites, &text, &site);

	if (err != 0)
		return err;
	node.function = pmt_sites_get(growth->sites, site)->function;
	key.file = pmt_sites_get(growth->sites, site)->file;
	step->file = key.file;
	err = pmt_codebook_node(&growth->book, &node, &step->node);
	if (err == 0)
		err = pmt_codebook_line(&growth->book, &key, &line);
	if (err != 0)
		return err;
	add_change(&growth->book.nodes[step->node].change, step->change);
	add_change(&line->change, step->change);
	return 0;
}

/* The row names code: count it there, where the changes of it are. */
static int
count_row(struct pmt_growth *growth, const struct pmt_callstack *stack,
	  const struct pmt_event *event, const struct pmt_site *site)
{
	struct pmt_growth_line key = {
		.file = site->file, .line = site->line
	}, *line;

	if (event->row == PMT_ROW_PREV)
		return 0;
	if (pmt_codebook_line(&growth->book, &key, &line) != 0)
		return -ENOMEM;
	line->change.rows++;
	growth->book.nodes[pmt_callstack_node(stack)].change.rows++;
	return 0;
}

static bool
enters(const struct pmt_event *event)
{
	return event->what == PMT_WHAT_CALL || event->what == PMT_WHAT_C_CALL;
}

int
pmt_growth_add(struct pmt_growth *growth, const struct pmt_event *event,
	       struct pmt_growth_step *step)
{
	bool gap = growth->started && event->event != growth->event + 1;
	const struct pmt_site *site;
	struct pmt_callstack *stack;
	int err;

	*step = (struct pmt_growth_step){ 0, 0, PMT_NO_NAME, PMT_NO_NAME };
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

	err = pmt_callstack_settle(&growth->book, stack, event, site, gap);
	if (err == 0 && growth->others && step->change != 0)
		err = charge_others(growth, step);
	else if (err == 0)
		err = charge(growth, stack, step);
	growth->others = false;
	if (err == 0 && !enters(event))
		err = count_row(growth, stack, event, site);
	if (err == 0)
		err = pmt_callstack_happen(&growth->book, stack, event, site);
	if (err == 0 && enters(event))
		err = count_row(growth, stack, event, site);
	return err;
}

bool
pmt_growth_note(struct pmt_growth *growth, struct pmt_text text)
{
	static const char others[] = PMT_OTHER_THREADS_RAN;

	if (text.length != sizeof(others) - 1 ||
	    memcmp(text.bytes, others, text.length) != 0)
		return false;
	growth->others = true;
	return true;
}

struct pmt_growth *
pmt_growth_new(struct pmt_sites *sites, int64_t since)
{
	struct pmt_growth *growth = calloc(1, sizeof(*growth));
	struct pmt_growth_node root = {
		.parent = 0, .file = PMT_NO_NAME, .function = PMT_NO_NAME,
	};
	uint32_t number;

	if (growth == NULL)
		return NULL;
	growth->sites = sites;
	growth->since = since;
	if (pmt_codebook_init(&growth->book) != 0 ||
	    pmt_codebook_node(&growth->book, &root, &number) != 0) {
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
		pmt_callstack_fini(&growth->stacks[i]);
	free(growth->stacks);
	pmt_codebook_fini(&growth->book);
	free(growth);
}

bool
pmt_growth_has_gaps(const struct pmt_growth *growth)
{
	return growth->gaps;
}

const struct pmt_growth_node *
pmt_growth_nodes(const struct pmt_growth *growth, uint32_t *count)
{
	*count = growth->book.node_count;
	return growth->book.nodes;
}

const struct pmt_growth_line *
pmt_growth_lines(const struct pmt_growth *growth, uint32_t *count)
{
	*count = growth->book.line_count;
	return growth->book.lines;
}
