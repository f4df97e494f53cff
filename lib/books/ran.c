/* SPDX-License-Identifier: MIT */
#include <config.h>

#include "books/ran.h"

#include <string.h>

#include "log/what.h"

static const struct pmt_growth_own no_own = {
	.own_file = PMT_NO_NAME, .own_line = PMT_NO_NAME,
	.own_function = PMT_NO_NAME, .file = PMT_NO_NAME, .line = PMT_NO_NAME,
	.function = PMT_NO_NAME,
};

static bool
is_c(enum pmt_what what)
{
	return what == PMT_WHAT_C_CALL || what == PMT_WHAT_C_RETURN ||
	       what == PMT_WHAT_C_EXCEPT;
}

/* Tracers write so where no Python code runs. */
static bool
is_nowhere(const struct pmt_sites *sites, const struct pmt_site *site)
{
	static const char unknown[] = "<UNKNOWN_FUNCTION_NAME>";
	struct pmt_text name = pmt_sites_name(sites, site->function);

	return name.length == sizeof(unknown) - 1 &&
	       memcmp(name.bytes, unknown, name.length) == 0;
}

/* What works for the own place of SITE. */
static void
own_of_site(const struct pmt_site *site, struct pmt_growth_own *own)
{
	*own = no_own;
	own->own_file = site->own_file;
	own->own_line = site->own_line;
	own->own_function = site->own_function;
	own->imports = site->imports;
}

/* The same of what PLACE, a path's, calls. */
static void
own_of_path(const struct pmt_pathbook *paths,
	    const struct pmt_pathplace *place, struct pmt_growth_own *own)
{
	const struct pmt_call *call = pmt_callpaths_get(
		pmt_sites_callpaths(paths->sites), place->own);

	*own = no_own;
	if (call != NULL)
		own_of_site(pmt_sites_get(paths->sites, call->site), own);
	own->imports = place->imports;
}

/* At the place of SITE, which is not in C: may be the own place itself. */
static void
place_own(const struct pmt_site *site, uint32_t line,
	  struct pmt_growth_own *own)
{
	own->file = site->file;
	own->line = line;
	if (site->file == own->own_file && site->function == own->own_function)
		own->own_line = line;
	else
		own->function = site->function;
}

/* The last call of PATH, which waits for an event. */
static int
ran_caller(struct pmt_pathbook *paths, uint32_t path, struct pmt_ran *ran)
{
	const struct pmt_callpaths *calls = pmt_sites_callpaths(paths->sites);
	const struct pmt_call *call = pmt_callpaths_get(calls, path);
	struct pmt_pathplace place;
	const struct pmt_site *site;
	int err = pmt_pathbook_place(paths, path, &place);

	if (err != 0)
		return err;
	*ran = (struct pmt_ran){ place.node, PMT_NO_NAME, PMT_NO_NAME, no_own };
	if (call == NULL)
		return 0;
	site = pmt_sites_get(paths->sites, call->site);
	ran->file = site->file;
	ran->line = site->line;
	own_of_path(paths, &place, &ran->own);
	place_own(site, site->line, &ran->own);
	return 0;
}

/* The function that an event names, at LINE. */
static int
ran_here(struct pmt_pathbook *paths, const struct pmt_site *site, bool in_c,
	 uint32_t line, struct pmt_ran *ran)
{
	struct pmt_pathplace place;
	int err;

	*ran = (struct pmt_ran){ 0, PMT_NO_NAME, PMT_NO_NAME, no_own };
	if (site->path == PMT_PATH_OUTERMOST &&
	    is_nowhere(paths->sites, site))
		return 0;
	err = pmt_pathbook_called(paths, site->path, site, in_c, &ran->node);
	if (err != 0)
		return err;
	ran->file = site->file;
	ran->line = line;
	if (!in_c) {
		own_of_site(site, &ran->own);
		place_own(site, line, &ran->own);
		return 0;
	}
	/* Its own function, if it is that of the line, is in the path. */
	err = pmt_pathbook_place(paths, site->path, &place);
	if (err != 0)
		return err;
	own_of_path(paths, &place, &ran->own);
	ran->own.file = site->file;
	ran->own.line = line;
	ran->own.function = site->function;
	ran->own.in_c = true;
	return 0;
}

/* Which line of the function of SITE ran until an event there? */
static uint32_t
line_before(const struct pmt_pathbook *paths, const struct pmt_event *event,
	    const struct pmt_site *site, const struct pmt_ran_last *last)
{
	const struct pmt_call *call;
	const struct pmt_site *caller;

	if (last->event + 1 != event->event ||
	    last->thread != (PMT_HAS(event, THREAD) ? event->thread : 0) ||
	    event->what == PMT_WHAT_RETURN)
		return site->line;
	if (last->what != PMT_WHAT_RETURN)
		return last->path == site->path && last->file == site->file &&
			       last->function == site->function
				       ? last->line : site->line;
	call = pmt_callpaths_get(pmt_sites_callpaths(paths->sites), last->path);
	if (call == NULL || call->caller != site->path)
		return site->line;
	caller = pmt_sites_get(paths->sites, call->site);
	return caller->file == site->file && caller->function == site->function
		       ? caller->line : site->line;
}

static int
find(struct pmt_pathbook *paths, const struct pmt_event *event,
     const struct pmt_ran_last *last, struct pmt_ran *before,
     struct pmt_ran *named)
{
	const struct pmt_site copy = *pmt_sites_get(paths->sites, event->site);
	const struct pmt_site *site = &copy;	/* those move */
	bool calls = event->what == PMT_WHAT_CALL ||
		     event->what == PMT_WHAT_C_CALL;
	int err;

	/* Nothing is known of it but that it is no more than one step. */
	if (site->path == PMT_PATH_UNKNOWN) {
		*before = *named = last->ran;
		return 0;
	}
	err = ran_here(paths, site, is_c(event->what), site->line, named);
	if (err != 0)
		return err;
	if (calls)
		return ran_caller(paths, site->path, before);
	if (is_c(event->what)) {
		*before = *named;
		return 0;
	}
	return ran_here(paths, site, false,
			line_before(paths, event, site, last), before);
}

int
pmt_ran_before(struct pmt_pathbook *paths, const struct pmt_event *event,
	       struct pmt_ran_last *last, struct pmt_ran *before)
{
	const struct pmt_site *site;
	struct pmt_ran named;
	int err = find(paths, event, last, before, &named);

	if (err != 0)
		return err;
	site = pmt_sites_get(paths->sites, event->site);
	*last = (struct pmt_ran_last){
		.event = event->event,
		.thread = PMT_HAS(event, THREAD) ? event->thread : 0,
		.what = event->what,
		.path = site->path,
		.file = site->file,
		.function = site->function,
		.line = site->line,
		.ran = named,
	};
	return 0;
}
