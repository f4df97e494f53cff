/* SPDX-License-Identifier: MIT */
#include <config.h>

#include "module/owncode.h"

#include "module/location.h"

enum { DEPTH_MAX = 1024, TOO_DEEP = 32 };

/*
 * Frames are where they were and run what they ran, most of them, from one
 * event to the next: then what was found out about them still holds.  The
 * instruction lies within its code object, so it tells that too, while none of
 * those dies.
 */
struct seen_frame {
	const struct compat_running *frame;
	const void *instruction;
};

struct kept_frame {
	struct seen_frame seen;
	struct pmt_own own;	/* what it is to a library that it calls */
};

/* The callers of an innermost frame, outermost first.  The event lock's. */
static struct {
	struct kept_frame frames[DEPTH_MAX];
	size_t depth;
	unsigned int deaths;	/* of code objects, at that time */
} kept;

/* The same as they are found: innermost first. */
static struct seen_frame seen[DEPTH_MAX];

static inline bool
is_kept(size_t i, const struct compat_running *frame)
{
	return kept.frames[i].seen.frame == frame &&
	       kept.frames[i].seen.instruction ==
		       compat_running_instruction(frame);
}

/* Are FRAME and its callers the first of those kept?  Then the others go. */
static inline bool
are_kept(const struct compat_running *frame)
{
	size_t depth = kept.depth, i;

	while (depth > 0 && kept.frames[depth - 1].seen.frame != frame)
		depth--;
	for (i = depth; i > 0 && frame != NULL && is_kept(i - 1, frame); i--)
		frame = compat_outer(frame);
	if (i > 0 || frame != NULL)
		return false;
	kept.depth = depth;
	return true;
}

/* What own code is that was called so. */
static inline unsigned int
within(const struct pmt_own *caller)
{
	return caller->kind & (PMT_OWN_IMPORT | PMT_OWN_IMPORTED)
		       ? PMT_OWN_IMPORTED : 0;
}

/* *own, of what called the frame, becomes what the frame is to others. */
static void
pass(PyInterpreterState *interp, const struct compat_running *frame,
     struct pmt_own *own)
{
	int offset;
	PyCodeObject *code = compat_running_code(frame, &offset);
	struct known_code *known;

	if (code == NULL)
		return;
	known = location_known(interp, code);
	if (known == NULL || known->whose == WHOSE_LIBRARY)
		return;
	if (known->whose == WHOSE_IMPORT) {
		own->kind = (own->kind & 3) | PMT_OWN_IMPORT;
		return;
	}
	own->kind = within(own) | PMT_OWN_CALLER;
	own->file = &known->file;
	own->function = &known->function;
	own->line = location_line(known, code, offset);
}

static PMT_COLD void
walk(PyInterpreterState *interp, const struct compat_running *frame)
{
	struct pmt_own own = { PMT_OWN_NONE, 0, NULL, NULL };
	size_t count = 0, depth = 0;

	for (; frame != NULL && count < DEPTH_MAX; count++) {
		seen[count].frame = frame;
		seen[count].instruction = compat_running_instruction(frame);
		frame = compat_outer(frame);
	}
	if (frame != NULL) {
		kept.depth = 0;
		count = TOO_DEEP;
	}
	while (depth < count && depth < kept.depth &&
	       kept.frames[depth].seen.frame == seen[count - 1 - depth].frame &&
	       kept.frames[depth].seen.instruction ==
		       seen[count - 1 - depth].instruction)
		depth++;
	if (depth > 0)
		own = kept.frames[depth - 1].own;
	for (; depth < count; depth++) {
		pass(interp, seen[count - 1 - depth].frame, &own);
		kept.frames[depth].seen = seen[count - 1 - depth];
		kept.frames[depth].own = own;
	}
	kept.depth = count;
}

void
owncode_find(PyThreadState *tstate, struct pmt_own *own)
{
	const struct compat_running *frame;
	struct known_code *known = NULL;
	PyCodeObject *code;
	int offset;

	*own = (struct pmt_own){ PMT_OWN_NONE, 0, NULL, NULL };
	frame = tstate == NULL ? NULL : compat_innermost(tstate);
	if (frame == NULL)
		return;
	if (kept.deaths != location_deaths) {
		kept.depth = 0;
		kept.deaths = location_deaths;
	}
	code = compat_running_code(frame, &offset);
	if (code != NULL)
		known = location_known(tstate->interp, code);
	frame = compat_outer(frame);
	if (pmt_unlikely(frame == NULL))
		kept.depth = 0;
	else if (pmt_unlikely(!are_kept(frame)))
		walk(tstate->interp, frame);
	if (kept.depth > 0)
		*own = kept.frames[kept.depth - 1].own;
	if (known == NULL || known->whose == WHOSE_LIBRARY)
		return;
	if (known->whose == WHOSE_IMPORT)
		own->kind = (own->kind & 3) | PMT_OWN_IMPORT;
	else
		*own = (struct pmt_own){
			within(own) | PMT_OWN_HERE, 0, NULL, NULL
		};
}
