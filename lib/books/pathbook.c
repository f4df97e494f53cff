/* SPDX-License-Identifier: MIT */
#include <config.h>

#include "books/pathbook.h"

#include <errno.h>
#include <stdlib.h>

#include "base/array.h"

/* How far up a function is looked for, and its last place on the path. */
enum { FOLDED_MAX = 16, STEPS_MAX = 64 };

/* The node of the same function among the last ones down to NODE, or 0. */
static uint32_t
find_above(const struct pmt_codebook *book, uint32_t node,
	   const struct pmt_site *site)
{
	for (int i = 0; node != 0 && i < FOLDED_MAX; i++) {
		const struct pmt_growth_node *at = &book->nodes[node];

		if (!at->in_c && at->file == site->file &&
		    at->function == site->function)
			return node;
		node = at->parent;
	}
	return 0;
}

/* How often does PATH come to NODE, as far as one looks? */
static uint32_t
times_of(const struct pmt_pathbook *paths, uint32_t path, uint32_t node)
{
	const struct pmt_callpaths *calls = pmt_sites_callpaths(paths->sites);

	for (int i = 0; path >= PMT_PATH_FIRST && i < STEPS_MAX; i++) {
		if (paths->places[path].node == node)
			return paths->places[path].times;
		path = pmt_callpaths_get(calls, path)->caller;
	}
	return 0;
}

/* *place: that of a call of the function of SITE by PATH. */
static int
step(struct pmt_pathbook *paths, uint32_t path, const struct pmt_site *site,
     struct pmt_pathplace *place)
{
	struct pmt_codebook *book = paths->book;
	const struct pmt_growth_node key = {
		.parent = paths->places[path].node,
		.file = site->file,
		.function = site->function,
	};

	place->node = find_above(book, key.parent, site);
	if (place->node == 0 &&
	    pmt_codebook_node(book, &key, &place->node) != 0)
		return -ENOMEM;
	place->times = 1 + times_of(paths, path, place->node);
	if (place->times > book->nodes[place->node].times)
		book->nodes[place->node].times = place->times;
	return 0;
}

/* "..." stands for callers that were not told. */
static int
place_cut(struct pmt_pathbook *paths, struct pmt_pathplace *place)
{
	static const struct pmt_site_text dots = {
		.type = { "\0\0\0\0\0\0\0", 0 },
		.file = { "...\0\0\0\0\0\0\0", 3 },
		.function = { "...\0\0\0\0\0\0\0", 3 },
	};
	struct pmt_growth_node key = { .file = PMT_NO_NAME };
	uint32_t site;

	if (pmt_sites_find(paths->sites, &dots, &site) != 0)
		return -ENOMEM;
	key.function = pmt_sites_get(paths->sites, site)->function;
	return pmt_codebook_node(paths->book, &key, &place->node);
}

/* Whose work a call at SITE does, which those of *PLACE called. */
static void
own(struct pmt_pathplace *place, const struct pmt_site *site, uint32_t path)
{
	if (site->imports == 2) {
		place->imports = 2;
	} else if (site->own_file != PMT_NO_PART) {
		place->imports = place->imports > 0;
		place->own = path;
	}
}

static int
place_next(struct pmt_pathbook *paths, uint32_t path,
	   struct pmt_pathplace *place)
{
	const struct pmt_call *call = pmt_callpaths_get(
		pmt_sites_callpaths(paths->sites), path);
	const struct pmt_site *site;

	*place = (struct pmt_pathplace){ 0 };
	if (path == PMT_PATH_CUT)
		return place_cut(paths, place);
	if (call == NULL)
		return 0;
	site = pmt_sites_get(paths->sites, call->site);
	place->own = paths->places[call->caller].own;
	place->imports = paths->places[call->caller].imports;
	own(place, site, path);
	return step(paths, call->caller, site, place);
}

int
pmt_pathbook_place(struct pmt_pathbook *paths, uint32_t path,
		   struct pmt_pathplace *place)
{
	/* Callers have lower numbers. */
	for (; paths->count <= path; paths->count++) {
		if (pmt_array_reserve((void **)&paths->places,
				      sizeof(*paths->places), paths->count,
				      &paths->room) != 0 ||
		    place_next(paths, paths->count,
			       &paths->places[paths->count]) != 0)
			return -ENOMEM;
	}
	*place = paths->places[path];
	return 0;
}

int
pmt_pathbook_called(struct pmt_pathbook *paths, uint32_t path,
		    const struct pmt_site *site, bool in_c, uint32_t *node)
{
	struct pmt_pathplace place;
	int err = pmt_pathbook_place(paths, path, &place);
	struct pmt_growth_node key = {
		.parent = place.node,
		.file = PMT_NO_NAME,
		.function = site->function,
		.in_c = true,
	};

	if (err != 0)
		return err;
	if (in_c)
		return pmt_codebook_node(paths->book, &key, node);
	err = step(paths, path, site, &place);
	*node = place.node;
	return err;
}

void
pmt_pathbook_fini(struct pmt_pathbook *paths)
{
	free(paths->places);
}
