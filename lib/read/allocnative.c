/* SPDX-License-Identifier: MIT */
#include <config.h>

#include "read/allocnative.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Of deeper stacks the outermost frames are left away. */
enum { MOST_FRAMES = 4096 };

/* A node as the log has it, or a pair of two. */
struct pmt_alloc_stack {
	uint32_t caller;		/* of a pair, the stack of Python */
	uint32_t place;			/* of a pair, the native stack */
	uint32_t node;			/* once it was asked for; 0: not yet */
	bool entry, pair;
};

int
pmt_allocnative_module(struct pmt_allocnames *names,
		       struct pmt_cursor *cursor)
{
	struct pmt_alloc_module *module;
	uint64_t base = pmt_cursor_number(cursor);
	struct pmt_text path = pmt_cursor_text(cursor);
	struct pmt_text id = pmt_cursor_text(cursor);

	if (id.length > sizeof(module->id))
		cursor->failed = true;
	if (cursor->failed)
		return 0;
	if (pmt_allocnames_grow(&names->modules, names->module_count,
				sizeof(*names->modules)) < 0)
		return -ENOMEM;
	module = calloc(1, sizeof(*module));
	if (module == NULL)
		return -ENOMEM;
	module->base = base;
	module->path = strndup(path.bytes, path.length);
	memcpy(module->id, id.bytes, id.length);
	module->id_size = id.length;
	if (module->path == NULL) {
		free(module);
		return -ENOMEM;
	}
	names->modules[names->module_count++] = module;
	return 0;
}

static struct pmt_text
text_of(const char *text)
{
	return (struct pmt_text){ text, strlen(text) };
}

static int
add_site(struct pmt_allocnames *names, struct pmt_text file,
	 struct pmt_text function, uint32_t line)
{
	uint32_t site;
	int err = pmt_allocnames_site(names, file, function, line, &site);

	if (err == 0)
		err = pmt_allocnames_grow(&names->native_sites,
					  names->native_site_count,
					  sizeof(site));
	if (err == 0)
		names->native_sites[names->native_site_count++] = site;
	return err;
}

/* Also where a compiler has put what is rarely run of it elsewhere. */
static bool
is_loop(struct pmt_text function)
{
	static const char name[] = "_PyEval_EvalFrameDefault";

	return function.length >= sizeof(name) - 1 &&
	       memcmp(function.bytes, name, sizeof(name) - 1) == 0;
}

/* What it is called, or its offset if nobody knows.  0 or -ENOMEM. */
static int
add_sites(struct pmt_allocnames *names, struct pmt_alloc_place *place)
{
	struct pmt_alloc_module *module = place->module == 0
		? NULL : names->modules[place->module - 1];
	struct pmt_text path = text_of(module == NULL ? "?" : module->path);
	struct pmt_symbol symbols[PMT_MOST_INLINED];
	char text[32];
	size_t count = 0;
	int err = 0;

	if (module != NULL && names->name_symbol != NULL)
		count = names->name_symbol(names->name_arg, module,
					   module->base + place->offset,
					   symbols);
	for (size_t i = 0; err == 0 && i < count; i++)
		err = add_site(names, symbols[i].file.length > 0
			? symbols[i].file : path, symbols[i].function,
			symbols[i].line);
	if (count > 0) {
		place->loop |= is_loop(symbols[count - 1].function);
		return err;
	}
	snprintf(text, sizeof(text), "+0x%" PRIx64, place->offset);
	return add_site(names, path, text_of(text), 0);
}

/* Names are looked for once they are needed, since that takes a while. */
static int
name_place(struct pmt_allocnames *names, struct pmt_alloc_place *place)
{
	int err;

	if (!place->native || place->sites > 0)
		return 0;
	place->site = names->native_site_count;
	err = add_sites(names, place);
	place->sites = (uint8_t)(names->native_site_count - place->site);
	return err;
}

int
pmt_allocnative_place(struct pmt_allocnames *names, struct pmt_cursor *cursor)
{
	uint64_t number = pmt_cursor_number(cursor);
	uint64_t offset = pmt_cursor_number(cursor);

	if (number >> 1 > names->module_count)
		cursor->failed = true;
	if (cursor->failed)
		return 0;
	if (pmt_allocnames_grow(&names->places, names->place_count,
				sizeof(*names->places)) < 0)
		return -ENOMEM;
	names->places[names->place_count++] = (struct pmt_alloc_place){
		.native = true,
		.loop = number & 1,
		.module = (uint32_t)(number >> 1),
		.offset = offset,
	};
	return 0;
}

static int
add_stack(struct pmt_allocnames *names, const struct pmt_alloc_stack *stack)
{
	if (pmt_allocnames_grow(&names->stacks, names->stack_count,
				sizeof(*stack)) < 0)
		return -ENOMEM;
	names->stacks[names->stack_count++] = *stack;
	return 0;
}

int
pmt_allocnative_node(struct pmt_allocnames *names, struct pmt_cursor *cursor)
{
	uint32_t back = pmt_cursor_index(cursor, names->stack_count);
	uint64_t place = pmt_cursor_number(cursor);
	struct pmt_alloc_stack stack = {
		.caller = back == 0 ? 0 : names->stack_count + 1 - back,
		.place = (uint32_t)(place >> 1),
		.entry = place & 1,
	};

	if (place >> 1 == 0 || place >> 1 > names->place_count)
		cursor->failed = true;
	return cursor->failed ? 0 : add_stack(names, &stack);
}

int
pmt_allocnative_pair(struct pmt_allocnames *names, struct pmt_cursor *cursor)
{
	struct pmt_alloc_stack stack = {
		.caller = pmt_cursor_index(cursor, names->stack_count),
		.place = pmt_cursor_index(cursor, names->stack_count),
		.pair = true,
	};

	return cursor->failed ? 0 : add_stack(names, &stack);
}

static uint32_t
hash_of(const struct pmt_alloc_node *node)
{
	uint64_t key = (uint64_t)node->caller << 32 | node->site;

	return (uint32_t)(key * UINT64_C(0x9E3779B97F4A7C15) >> 32);
}

/* The node of CALLER and SITE, found or made. */
static int
find_node(struct pmt_allocnames *names, const struct pmt_alloc_node *node,
	  uint32_t *number)
{
	uint32_t hash = hash_of(node), search = hash, at;

	if (names->by_node.slots == NULL &&
	    pmt_hash_init(&names->by_node) < 0)
		return -ENOMEM;
	while ((at = pmt_hash_next(&names->by_node, hash, &search)) != 0) {
		const struct pmt_alloc_node *there = &names->nodes[at - 1];

		if (there->caller == node->caller &&
		    there->site == node->site &&
		    there->native == node->native) {
			*number = at;
			return 0;
		}
	}
	if (pmt_allocnames_grow(&names->nodes, names->node_count,
				sizeof(*names->nodes)) < 0 ||
	    pmt_hash_reserve(&names->by_node, names->node_count) < 0)
		return -ENOMEM;
	pmt_hash_insert(&names->by_node, hash, names->node_count);
	names->nodes[names->node_count++] = *node;
	*number = names->node_count;
	return 0;
}

/* Frames of one stack, the innermost first. */
struct frames {
	uint32_t count;
	struct {
		uint32_t site;
		bool native;
	} list[MOST_FRAMES];
};

static void
add_frame(struct frames *frames, uint32_t site, bool native)
{
	if (frames->count == MOST_FRAMES)
		return;
	frames->list[frames->count].site = site;
	frames->list[frames->count++].native = native;
}

/* The innermost frames of *PYTHON that one run of the loop has made. */
static void
add_python(const struct pmt_allocnames *names, struct frames *frames,
	   uint32_t *python)
{
	const struct pmt_alloc_stack *stack;

	do {
		stack = &names->stacks[*python - 1];
		/* A damaged log may call anything a stack of Python. */
		if (!stack->pair && !names->places[stack->place - 1].native)
			add_frame(frames, names->places[stack->place - 1].site,
				  false);
		*python = stack->pair ? 0 : stack->caller;
	} while (*python != 0 && !stack->entry);
}

/* Returns 0 or -ENOMEM. */
static int
merge(struct pmt_allocnames *names, uint32_t python, uint32_t native,
      struct frames *frames)
{
	while (native != 0 && frames->count < MOST_FRAMES) {
		const struct pmt_alloc_stack *stack =
			&names->stacks[native - 1];
		struct pmt_alloc_place *place;

		if (stack->pair)
			break;
		place = &names->places[stack->place - 1];
		native = stack->caller;
		if (name_place(names, place) < 0)
			return -ENOMEM;
		if (place->loop && python != 0) {
			add_python(names, frames, &python);
			continue;
		}
		for (uint8_t i = 0; i < place->sites; i++)
			add_frame(frames, names->native_sites[place->site + i],
				  true);
	}
	while (python != 0 && frames->count < MOST_FRAMES)
		add_python(names, frames, &python);
	return 0;
}

int
pmt_allocnative_find(struct pmt_allocnames *names, uint32_t number,
		     uint32_t *node)
{
	struct frames frames;
	struct pmt_alloc_stack *stack;
	struct pmt_alloc_node at = { 0 };
	int err;

	*node = 0;
	if (number == 0)
		return 0;
	stack = &names->stacks[number - 1];
	*node = stack->node;
	if (stack->node != 0)
		return 0;
	frames.count = 0;
	err = merge(names, stack->pair ? stack->caller : number,
		    stack->pair ? stack->place : 0, &frames);
	while (err == 0 && frames.count-- > 0) {
		at.site = frames.list[frames.count].site;
		at.native = frames.list[frames.count].native;
		err = find_node(names, &at, node);
		at.caller = *node;
	}
	stack->node = *node;
	return err;
}
