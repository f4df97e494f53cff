/* SPDX-License-Identifier: MIT */
#include <config.h>

#include "module/callpath.h"

enum { TOO_DEEP = 32 };

/*
 * The instruction lies within its code object, so it tells that too, while none
 * of those dies.
 */
static inline bool
is_kept(const struct callpath *path, size_t i,
	const struct compat_running *frame)
{
	return path->frames[i].frame == frame &&
	       path->frames[i].instruction == compat_running_instruction(frame);
}

/* Are FRAME and its callers the first of those kept?  Then the others go. */
static inline bool
are_kept(struct callpath *path, const struct compat_running *frame)
{
	size_t depth = path->depth, i;

	while (depth > 0 && path->frames[depth - 1].frame != frame)
		depth--;
	for (i = depth; i > 0 && frame != NULL && is_kept(path, i - 1, frame);
	     i--)
		frame = compat_outer(frame);
	if (i > 0 || frame != NULL)
		return false;
	path->depth = depth;
	return true;
}

/* What own code is that was called so. */
static inline unsigned int
within(const struct pmt_own *caller)
{
	return caller->kind & (PMT_OWN_IMPORT | PMT_OWN_IMPORTED)
		       ? PMT_OWN_IMPORTED : 0;
}

static struct known_code *
known_of(PyInterpreterState *interp, const struct compat_running *frame,
	 int *line)
{
	int offset;
	PyCodeObject *code = compat_running_code(frame, &offset);
	struct known_code *known;

	if (pmt_unlikely(code == NULL))
		return NULL;
	known = location_known(interp, code);
	if (pmt_unlikely(known == NULL || known->whose == WHOSE_PMT))
		return NULL;
	*line = location_line(known, code, offset);
	return known;
}

static struct pmt_caller
caller_of(const struct known_code *known, int line)
{
	static const unsigned int kinds[] = {
		[WHOSE_OWN] = PMT_OWN_HERE,
		[WHOSE_IMPORT] = PMT_OWN_IMPORT,
	};

	return (struct pmt_caller){
		.file = &known->file,
		.function = &known->function,
		.line = line,
		.kind = known->whose < PMT_ARRAY_SIZE(kinds)
				? kinds[known->whose] : PMT_OWN_NONE,
	};
}

/* One more caller. */
static void
enter(struct callpath *path, const struct known_code *known, int line)
{
	struct pmt_own own = { PMT_OWN_NONE, 0, NULL, NULL };

	if (path->count > 0)
		own = path->owns[path->count - 1];
	if (known->whose == WHOSE_IMPORT)
		own.kind = (own.kind & 3) | PMT_OWN_IMPORT;
	else if (known->whose == WHOSE_OWN)
		own = (struct pmt_own){
			within(&own) | PMT_OWN_CALLER, line, &known->file,
			&known->function
		};
	path->owns[path->count] = own;
	path->callers[path->count++] = caller_of(known, line);
}

/* FRAME and its callers, but for those that are kept already. */
static PMT_COLD void
walk(struct callpath *path, PyInterpreterState *interp,
     const struct compat_running *frame)
{
	/* As they are found, innermost first. */
	static const struct compat_running *seen[CALLPATH_DEPTH];
	size_t count = 0, depth = 0;
	struct known_code *known;
	int line;

	if (path->cut)
		path->depth = 0;
	for (; frame != NULL && count < CALLPATH_DEPTH; count++) {
		seen[count] = frame;
		frame = compat_outer(frame);
	}
	path->cut = frame != NULL;
	if (path->cut) {
		path->depth = 0;
		count = TOO_DEEP;
	}
	while (depth < count && depth < path->depth &&
	       is_kept(path, depth, seen[count - 1 - depth]))
		depth++;
	path->count = depth > 0 ? path->frames[depth - 1].callers : 0;
	for (; depth < count; depth++) {
		frame = seen[count - 1 - depth];
		known = known_of(interp, frame, &line);
		if (known != NULL)
			enter(path, known, line);
		path->frames[depth] = (struct callpath_frame){
			frame, compat_running_instruction(frame),
			(uint32_t)path->count,
		};
	}
	path->depth = count;
}

/* The innermost frame that is not ours. */
static inline const struct compat_running *
find_innermost(struct callpath *path, PyThreadState *tstate)
{
	const struct compat_running *frame = compat_innermost(tstate);

	path->known = NULL;
	while (frame != NULL) {
		path->known = known_of(tstate->interp, frame, &path->line);
		if (pmt_likely(path->known != NULL))
			break;
		frame = compat_outer(frame);
	}
	return frame;
}

void
callpath_find(struct callpath *path, PyThreadState *tstate)
{
	const struct compat_running *frame = NULL;

	path->known = NULL;
	if (tstate != NULL)
		frame = find_innermost(path, tstate);
	if (frame != NULL)
		frame = compat_outer(frame);
	if (path->deaths != location_deaths || frame == NULL) {
		path->depth = 0;
		path->deaths = location_deaths;
	}
	if (frame != NULL && pmt_unlikely(!are_kept(path, frame)))
		walk(path, tstate->interp, frame);
	path->count = path->depth > 0
			      ? path->frames[path->depth - 1].callers : 0;
	if (path->depth == 0)
		path->cut = false;
}

void
callpath_own(const struct callpath *path, size_t count,
	     const struct known_code *known, struct pmt_own *own)
{
	*own = (struct pmt_own){ PMT_OWN_NONE, 0, NULL, NULL };
	if (count > 0)
		*own = path->owns[count - 1];
	if (known == NULL || known->whose == WHOSE_LIBRARY)
		return;
	if (known->whose == WHOSE_IMPORT)
		own->kind = (own->kind & 3) | PMT_OWN_IMPORT;
	else
		*own = (struct pmt_own){
			within(own) | PMT_OWN_HERE, 0, NULL, NULL
		};
}

void
callpath_enter_innermost(struct callpath *path)
{
	if (path->known != NULL)
		enter(path, path->known, path->line);
}
