/* SPDX-License-Identifier: MIT */
#include <config.h>

#include "profile/paths.h"

#include "log/what.h"
#include "module/callpath.h"

/* Of all blocks, and what rows point to. */
static struct callpath path;
static struct pmt_callers callers;

static bool
tells(const struct profiler *profiler)
{
	return (profiler->options.columns &
		(PMT_WITH_OWN | PMT_WITH_STACK)) != 0;
}

void
profiler_paths_find(const struct profiler *profiler, PyThreadState *tstate)
{
	if (!tells(profiler))
		return;
	callpath_find(&path, tstate);
	callpath_enter_innermost(&path);
}

/* ROW: of CODE, which the first COUNT of the callers called. */
static void
tell(const struct profiler *profiler, const struct known_code *code,
     size_t count, struct pmt_profile_event *row)
{
	size_t in_c = row->callee != NULL && count < path.count;

	callpath_own(&path, count, code, &row->own);
	if ((profiler->options.columns & PMT_WITH_STACK) == 0)
		return;
	callers = callpath_callers(&path, count + in_c,
				   profiler->options.log.stack);
	row->callers = &callers;
}

static bool
is_caller(size_t count, const struct known_code *code)
{
	return count > 0 && path.callers[count - 1].function == &code->function;
}

void
profiler_paths_event(const struct profiler *profiler,
		     const struct known_code *code,
		     struct pmt_profile_event *row)
{
	if (!tells(profiler))
		return;
	/* A frame that an exception unwinds may be gone by now. */
	tell(profiler, code, path.count - is_caller(path.count, code), row);
}

void
profiler_paths_previous(const struct profiler *profiler, enum pmt_what next,
			bool same_thread, struct pmt_profile_event *row)
{
	const struct known_code *code = profiler->previous.code;
	/* Those that ran before NEXT. */
	size_t count = path.count - (next == PMT_WHAT_CALL && path.count > 0);

	if (!tells(profiler))
		return;
	if (same_thread && row->what == PMT_WHAT_RETURN)
		tell(profiler, code, count, row);
	else if (same_thread && is_caller(count, code))
		tell(profiler, code, count - 1, row);
	else
		callpath_own(&path, 0, code, &row->own);
}

void
profiler_paths_place(const struct profiler *profiler,
		     struct pmt_profile_event *row)
{
	struct pmt_place place;

	if (!tells(profiler))
		return;
	callpath_place(&path, &place);
	row->file = place.file;
	row->function = place.function;
	row->line = place.line;
	tell(profiler, path.known, path.count - (path.known != NULL), row);
}
