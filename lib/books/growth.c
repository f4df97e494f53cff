/* SPDX-License-Identifier: MIT */
#include <config.h>

#include "books/growth.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "books/callstack.h"
#include "books/ran.h"

struct pmt_growth {
	struct pmt_sites *sites;
	int64_t since;
	struct pmt_codebook book;
	struct pmt_ownbook owns;
	struct pmt_pathbook paths;
	struct pmt_ran_last last;	/* of those with paths */
	bool exact;
	struct pmt_callstacks stacks;
	int64_t rss;		/* of the row before */
	uint64_t event;		/* number of the row before */
	bool started, gaps;
	bool others;		/* other threads ran before the next row */
};

static void
add_change(struct pmt_growth_change *sum, int64_t change)
{
	if (change > 0)
		sum->grown += (uint64_t)change;
	else
		sum->released += (uint64_t)-change;
}

/* Charge STEP, of which change is known, to what RAN. */
static int
charge(struct pmt_growth *growth, const struct pmt_ran *ran,
       struct pmt_growth_step *step)
{
	struct pmt_growth_line key = { .file = ran->file, .line = ran->line };
	struct pmt_growth_line *line;
	struct pmt_growth_own *own;

	step->node = ran->node;
	step->file = ran->file;
	step->line = ran->line;
	add_change(&growth->book.nodes[step->node].change, step->change);
	if (pmt_codebook_line(&growth->book, &key, &line) != 0)
		return -ENOMEM;
	add_change(&line->change, step->change);
	if (!growth->exact)
		return 0;
	if (pmt_ownbook_find(&growth->owns, &ran->own, &own) != 0)
		return -ENOMEM;
	add_change(&own->change, step->change);
	step->own = (uint32_t)(own - growth->owns.owns);
	return 0;
}

/* Other threads may have done it: charge what belongs to none of the code. */
static int
find_others(struct pmt_growth *growth, struct pmt_ran *ran)
{
	static const struct pmt_site_text text = {
		.type = { "", 0 },
		.file = { "(other threads)", 15 },
		.function = { "(other threads)", 15 },
	};
	struct pmt_growth_node node = { .parent = 0, .file = PMT_NO_NAME };
	uint32_t site;
	int err = pmt_sites_find(growth->sites, &text, &site);

	if (err != 0)
		return err;
	node.function = pmt_sites_get(growth->sites, site)->function;
	ran->file = pmt_sites_get(growth->sites, site)->file;
	ran->line = PMT_NO_NAME;
	ran->own = (struct pmt_growth_own){
		.own_file = ran->file, .own_line = PMT_NO_NAME,
		.own_function = PMT_NO_NAME, .file = ran->file,
		.line = PMT_NO_NAME, .function = PMT_NO_NAME,
	};
	return pmt_codebook_node(&growth->book, &node, &ran->node);
}

/* The row names code: count it there, where the changes of it are. */
static int
count_row(struct pmt_growth *growth, uint32_t node,
	  const struct pmt_event *event)
{
	const struct pmt_site *site = pmt_sites_get(growth->sites,
						    event->site);
	struct pmt_growth_line key = {
		.file = site->file, .line = site->line
	}, *line;
	struct pmt_growth_own *own;

	if (event->row == PMT_ROW_PREV)
		return 0;
	if (pmt_codebook_line(&growth->book, &key, &line) != 0)
		return -ENOMEM;
	line->change.rows++;
	growth->book.nodes[node].change.rows++;
	if (!growth->exact)
		return 0;
	if (pmt_ownbook_find(&growth->owns, &growth->last.ran.own, &own) != 0)
		return -ENOMEM;
	own->change.rows++;
	return 0;
}

static bool
enters(const struct pmt_event *event)
{
	return event->what == PMT_WHAT_CALL || event->what == PMT_WHAT_C_CALL;
}

/* What a stack of calls that was guessed says that it runs. */
static struct pmt_ran
ran_on(const struct pmt_callstack *stack)
{
	const struct pmt_frame *top = stack->depth == 0 ? NULL :
		&stack->frames[stack->depth - 1];

	return (struct pmt_ran){
		.node = pmt_callstack_node(stack),
		.file = top == NULL ? PMT_NO_NAME : top->file,
		.line = top == NULL ? PMT_NO_NAME : top->line,
	};
}

/* Charge STEP to RAN, or to the others that it was. */
static int
charge_someone(struct pmt_growth *growth, const struct pmt_ran *ran,
	       struct pmt_growth_step *step)
{
	struct pmt_ran others;
	int err;

	if (!growth->others || step->change == 0)
		return charge(growth, ran, step);
	err = find_others(growth, &others);
	return err != 0 ? err : charge(growth, &others, step);
}

static int
add_guessing(struct pmt_growth *growth, const struct pmt_event *event,
	     bool gap, struct pmt_growth_step *step)
{
	const struct pmt_site *site = pmt_sites_get(growth->sites,
						    event->site);
	struct pmt_callstack *stack = pmt_callstacks_find(&growth->stacks,
							  event);
	struct pmt_ran ran;
	int err;

	if (stack == NULL)
		return -ENOMEM;
	err = pmt_callstack_settle(&growth->book, stack, event, site, gap);
	if (err != 0)
		return err;
	ran = ran_on(stack);
	err = charge_someone(growth, &ran, step);
	if (err == 0 && !enters(event))
		err = count_row(growth, pmt_callstack_node(stack), event);
	if (err != 0)
		return err;
	site = pmt_sites_get(growth->sites, event->site);
	err = pmt_callstack_happen(&growth->book, stack, event, site);
	if (err == 0 && enters(event))
		err = count_row(growth, pmt_callstack_node(stack), event);
	return err;
}

static int
add_exactly(struct pmt_growth *growth, const struct pmt_event *event,
	    struct pmt_growth_step *step)
{
	struct pmt_ran before;
	int err = pmt_ran_before(&growth->paths, event, &growth->last,
				 &before);

	growth->exact = true;
	if (err == 0)
		err = charge_someone(growth, &before, step);
	return err != 0 ? err : count_row(growth, growth->last.ran.node,
					  event);
}

int
pmt_growth_add(struct pmt_growth *growth, const struct pmt_event *event,
	       struct pmt_growth_step *step)
{
	bool gap = growth->started && event->event != growth->event + 1;
	int err;

	*step = (struct pmt_growth_step){
		0, 0, PMT_NO_NAME, PMT_NO_NAME, PMT_NO_NAME,
	};
	/* The PREV of pymemtrace is the NEXT before it, or only a message. */
	if (!PMT_HAS(event, FUNCTION) || !PMT_HAS(event, RSS) ||
	    !PMT_HAS(event, EVENT) ||
	    (event->row == PMT_ROW_PREV && growth->started &&
	     event->event <= growth->event))
		return 0;
	growth->gaps |= gap;
	if (growth->started && event->clock >= growth->since)
		step->change = event->rss - growth->rss;
	growth->started = true;
	growth->rss = event->rss;
	growth->event = event->event;
	err = PMT_HAS(event, STACK) ? add_exactly(growth, event, step)
				    : add_guessing(growth, event, gap, step);
	growth->others = false;
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
	growth->paths.sites = sites;
	growth->paths.book = &growth->book;
	growth->last.ran = (struct pmt_ran){
		.file = PMT_NO_NAME, .line = PMT_NO_NAME,
		.own = {
			.own_file = PMT_NO_NAME, .own_line = PMT_NO_NAME,
			.own_function = PMT_NO_NAME, .file = PMT_NO_NAME,
			.line = PMT_NO_NAME, .function = PMT_NO_NAME,
		},
	};
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
	pmt_callstacks_fini(&growth->stacks);
	pmt_pathbook_fini(&growth->paths);
	pmt_ownbook_fini(&growth->owns);
	pmt_codebook_fini(&growth->book);
	free(growth);
}

bool
pmt_growth_has_gaps(const struct pmt_growth *growth)
{
	return growth->gaps;
}

bool
pmt_growth_is_exact(const struct pmt_growth *growth)
{
	return growth->exact;
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

const struct pmt_growth_own *
pmt_growth_owns(const struct pmt_growth *growth, uint32_t *count)
{
	*count = growth->owns.count;
	return growth->owns.owns;
}
