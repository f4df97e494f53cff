/* SPDX-License-Identifier: MIT */
#include <config.h>

#include "alloc/native.h"

#include <dlfcn.h>
#include <string.h>

#include "alloc/cfi.h"
#include "alloc/modules.h"
#include "alloc/names.h"
#include "alloc/own.h"
#include "alloc/python.h"

enum {
	RULES = 1 << 14,
	FIRST_ROOM = 256,
	MOST_ROOM = 1 << 16,	/* what is further out is left away */
	LARGEST_FRAME = 1 << 24,
};

/* What to do at an instruction, and the number of its place in the log. */
static struct rule {
	uintptr_t pc;
	struct pmt_cfi_rule cfi;
	uint32_t place;		/* 0: it is ours */
} rules[RULES];

struct registers {
	uintptr_t pc, sp, fp;
};

/* Frames that were not there before, the innermost first. */
static struct {
	struct fresh {
		struct pmt_native_frame frame;
		uint32_t place;
	} *frames;
	uint32_t room;
} fresh;

static uint32_t epoch = 1;
static uintptr_t interpreter;	/* its loop */
bool pmt_native_wanted;

const char *
pmt_native_init(void)
{
	if (!PMT_CFI_WORKS)
		return "native frames: only of x86-64 and AArch64";
	if (!pmt_modules_work())
		return "native frames: pmt was built with glibc before 2.35";
	fresh.frames = pmt_own_get(FIRST_ROOM * sizeof(*fresh.frames));
	if (fresh.frames == NULL)
		return "native frames: no memory";
	fresh.room = FIRST_ROOM;
	interpreter = (uintptr_t)dlsym(RTLD_DEFAULT,
				       "_PyEval_EvalFrameDefault");
	pmt_native_wanted = true;
	return NULL;
}

/*
 * From 3.12 on each run of the loop has a frame, owned by C, on its own stack.
 * That tells the parts of it that a compiler has put elsewhere.
 */
static bool
has_entry(const struct pmt_cfi_rule *cfi, const struct registers *at)
{
	uintptr_t base = cfi->base == PMT_CFI_SP ? at->sp : at->fp;
	uintptr_t cfa = base + (uintptr_t)(intptr_t)cfi->cfa;

	if (pmt_python.code_type == NULL ||
	    (cfi->base != PMT_CFI_SP && cfi->base != PMT_CFI_FP) ||
	    cfa <= at->sp || cfa - at->sp > LARGEST_FRAME)
		return false;
	for (const char *frame = pmt_python_frame(); frame != NULL;
	     frame = pmt_frame_caller(frame))
		if (pmt_frame_is_c(frame) &&
		    (uintptr_t)frame - at->sp < cfa - at->sp)
			return true;
	return false;
}

static PMT_COLD void
learn(struct rule *rule, const struct registers *at)
{
	uintptr_t pc = at->pc, start = 0;
	const struct pmt_module *module = pmt_module_at(pc);

	*rule = (struct rule){ .pc = pc };
	if (module != NULL && module->unwinding != NULL)
		rule->cfi = pmt_cfi_find(module->map, module->end,
					 module->unwinding, pc, &start);
	if (module == NULL)
		rule->place = pmt_place_native(0, pc, false);
	else if (!module->ours)
		rule->place = pmt_place_native(
			module->number, pc - (uintptr_t)module->map,
			(start != 0 && start == interpreter) ||
				(interpreter - (uintptr_t)module->map <
				 (size_t)(module->end - module->map) &&
				 has_entry(&rule->cfi, at)));
}

static inline const struct rule *
rule_of(const struct registers *at)
{
	struct rule *rule = &rules[(at->pc ^ at->pc >> 13) % RULES];

	if (pmt_unlikely(rule->pc != at->pc))
		learn(rule, at);
	return rule;
}

/* A return address without its signature. */
static inline uintptr_t
bare(uintptr_t pc)
{
#ifdef __aarch64__
	register uintptr_t x30 __asm__("x30") = pc;

	__asm__("hint 7" : "+r"(x30));	/* xpaclri */
	return x30;
#else
	return pc;
#endif
}

static inline uintptr_t
load(uintptr_t address)
{
	return *(const uintptr_t *)address;
}

/* To the caller, whose FRAME it is.  False: there is none that we know. */
static inline bool
step(const struct rule *rule, struct registers *at,
     struct pmt_native_frame *frame)
{
	const struct pmt_cfi_rule *cfi = &rule->cfi;
	uintptr_t base = cfi->base == PMT_CFI_SP ? at->sp : at->fp;
	uintptr_t cfa = base + (uintptr_t)(intptr_t)cfi->cfa;

	if (cfi->base == PMT_CFI_END)
		return false;
	frame->by_fp = cfi->base != PMT_CFI_SP;
	frame->cfa_slot = 0;
	if (pmt_unlikely(cfi->base == PMT_CFI_AT_FP)) {
		frame->cfa_slot = cfa;
		if (cfa % sizeof(cfa) != 0 || cfa < at->sp)
			return false;
		cfa = load(cfa);
		base = at->fp;
	} else {
		base = cfa;
	}
	/* Wrong tables must not lead anywhere. */
	if (cfa % sizeof(cfa) != 0 || cfa <= at->sp ||
	    cfa - at->sp > LARGEST_FRAME)
		return false;
	frame->cfa = cfa;
	frame->fp_slot = 0;
	if (cfi->fp_saved) {
		frame->fp_slot = base + (uintptr_t)(intptr_t)cfi->fp;
		at->fp = load(frame->fp_slot);
	}
	frame->slot = cfa + (uintptr_t)(intptr_t)cfi->ra;
	frame->pc = load(frame->slot);
	frame->fp = at->fp;
	at->sp = cfa;
	/* The call, not what follows it. */
	at->pc = bare(frame->pc) - 1;
	return frame->pc != 0;
}

static bool
make_fresh_room(void)
{
	void *grown;

	if (fresh.room >= MOST_ROOM)
		return false;
	grown = pmt_own_grow(fresh.frames, fresh.room * sizeof(*fresh.frames),
			     2 * fresh.room * sizeof(*fresh.frames));
	if (grown == NULL)
		return false;
	fresh.frames = grown;
	fresh.room *= 2;
	return true;
}

/* Are the kept frames up to LAST still what they were? */
static inline bool
are_same(const struct pmt_native *native, int64_t last)
{
	bool same = true;

	for (int64_t i = last; i >= 0; i--) {
		const struct pmt_native_frame *kept = &native->kept[i];

		same &= load(kept->slot) == kept->pc;
		if (kept->needs_fp && i < last && kept->fp_slot != 0)
			same &= load(kept->fp_slot) == kept->fp;
		if (pmt_unlikely(kept->cfa_slot != 0))
			same &= load(kept->cfa_slot) == kept->cfa;
	}
	return same;
}

/*
 * Unwind, from whoever called us, until a kept frame is met: *LAST, or -1, and
 * how many are new.  What is further out than that is not looked at.  It is to
 * be called, since tables are sure to be right at calls only.
 */
static __attribute__((noinline)) uint32_t
unwind(const struct pmt_native *native, int64_t *last)
{
	struct registers at = {
		.pc = (uintptr_t)__builtin_return_address(0) - 1,
		.sp = (uintptr_t)__builtin_dwarf_cfa(),
		/* Where a frame begins that has a frame pointer, as ours. */
		.fp = load((uintptr_t)__builtin_frame_address(0)),
	};
	int64_t i = (int64_t)native->depth - 1;
	uint32_t count = 0;

	for (;; count++) {
		const struct rule *rule = rule_of(&at);
		struct pmt_native_frame *frame;

		if (count > 0)
			fresh.frames[count - 1].place = rule->place;
		if (pmt_unlikely(count == fresh.room) && !make_fresh_room())
			break;
		frame = &fresh.frames[count].frame;
		if (!step(rule, &at, frame))
			break;
		while (i >= 0 && native->kept[i].slot < frame->slot)
			i--;
		if (i >= 0 && native->kept[i].slot == frame->slot &&
		    native->kept[i].pc == frame->pc &&
		    (!native->kept[i].needs_fp ||
		     native->kept[i].fp == frame->fp)) {
			*last = i;
			return count;
		}
	}
	*last = -1;
	return count;
}

static bool
make_room(struct pmt_native *native, uint32_t depth)
{
	uint32_t room = native->room == 0 ? FIRST_ROOM : native->room;
	void *kept;

	while (room < depth)
		room *= 2;
	if (room == native->room)
		return true;
	kept = native->kept == NULL
		? pmt_own_get(room * sizeof(*native->kept))
		: pmt_own_grow(native->kept,
			       native->room * sizeof(*native->kept),
			       room * sizeof(*native->kept));
	if (kept == NULL)
		return false;
	native->kept = kept;
	native->room = room;
	return true;
}

/* Put the COUNT new frames upon the DEPTH that stay.  Returns the node. */
static uint32_t
keep(struct pmt_native *native, uint32_t depth, uint32_t count)
{
	uint32_t node = depth == 0 ? 0 : native->kept[depth - 1].node;

	native->depth = depth;
	if (pmt_unlikely(depth + count > native->room) &&
	    (depth + count > 2 * MOST_ROOM ||
	     !make_room(native, depth + count)))
		return node;
	while (count-- > 0) {
		struct pmt_native_frame *frame =
			&native->kept[native->depth++];
		const struct pmt_native_frame *outer = frame - 1;

		*frame = fresh.frames[count].frame;
		frame->needs_fp = frame > native->kept &&
			(outer->by_fp ||
			 (outer->fp_slot == 0 && outer->needs_fp));
		if (fresh.frames[count].place != 0)
			node = pmt_node(node, fresh.frames[count].place);
		frame->node = node;
	}
	return node;
}

__attribute__((noinline)) uint32_t
pmt_native_node(struct pmt_native *native, uint32_t python)
{
	int64_t last;
	uint32_t count, node;

	if (pmt_unlikely(native->epoch != epoch)) {
		native->depth = native->pair = 0;
		native->epoch = epoch;
	}
	count = unwind(native, &last);
	if (pmt_unlikely(!are_same(native, last))) {
		native->depth = 0;
		count = unwind(native, &last);
	}
	node = keep(native, (uint32_t)(last + 1), count);
	if (pmt_unlikely(native->pair == 0 || native->python != python ||
			 native->native != node)) {
		native->python = python;
		native->native = node;
		native->pair = pmt_node_pair(python, node);
	}
	return native->pair;
}

void
pmt_native_forget(bool log_is_new)
{
	if (!pmt_native_wanted)
		return;
	memset(rules, 0, sizeof(rules));
	epoch++;
	if (log_is_new)
		pmt_modules_renumber();
	else
		pmt_modules_forget();
}

void
pmt_native_fini(struct pmt_native *native)
{
	if (native->kept != NULL)
		pmt_own_put(native->kept,
			    native->room * sizeof(*native->kept));
	*native = (struct pmt_native){ .depth = 0 };
}
