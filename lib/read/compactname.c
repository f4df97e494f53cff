/* SPDX-License-Identifier: MIT */
#include <config.h>

#include "read/compactname.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

void
pmt_compactnames_begin(struct pmt_compactnames *names)
{
	names->types = names->places = names->paths = 0;
	/* No place has the number that this makes. */
	memset(names->cache, 0xff, sizeof(names->cache));
}

/* LIST, with room for one more than USED items; or NULL, and LIST as it was. */
static void *
make_room(void *list, size_t item, size_t used, size_t *room)
{
	size_t more = *room * 2 + 64;

	if (used < *room)
		return list;
	list = reallocarray(list, more, item);
	if (list != NULL)
		*room = more;
	return list;
}

int
pmt_compactnames_add_type(struct pmt_compactnames *names,
			  struct pmt_text name, int64_t live)
{
	struct pmt_compact_type *types =
		make_room(names->type, sizeof(*types), names->types,
			  &names->types_room);

	if (types == NULL)
		return -ENOMEM;
	names->type = types;
	names->type[names->types++] = (struct pmt_compact_type){
		.name = name, .live = live,
	};
	return 0;
}

int
pmt_compactnames_add_place(struct pmt_compactnames *names,
			   const struct pmt_compact_place *place)
{
	struct pmt_compact_place *places =
		make_room(names->place, sizeof(*places), names->places,
			  &names->places_room);

	if (places == NULL)
		return -ENOMEM;
	names->place = places;
	names->place[names->places++] = *place;
	return 0;
}

bool
pmt_compactnames_path(const struct pmt_compactnames *names, uint64_t callers,
		      uint32_t *path)
{
	if (callers < PMT_PATH_FIRST)
		*path = (uint32_t)callers;
	else if (callers - PMT_PATH_FIRST < names->paths)
		*path = names->path[callers - PMT_PATH_FIRST];
	else
		return false;
	return true;
}

int
pmt_compactnames_add_call(struct pmt_compactnames *names, uint64_t caller,
			  uint64_t place, uint64_t line)
{
	uint32_t *paths = make_room(names->path, sizeof(*paths), names->paths,
				    &names->paths_room);
	struct pmt_compact_site at = { .type = PMT_COMPACT_NO_TYPE };
	uint32_t site, path;

	if (paths == NULL)
		return -ENOMEM;
	names->path = paths;
	if (place >= names->places || line > INT32_MAX ||
	    caller == PMT_PATH_UNKNOWN ||
	    !pmt_compactnames_path(names, caller, &path))
		return -EBADMSG;
	at.place = (uint32_t)place;
	at.line = (int64_t)line;
	if (!pmt_compactnames_site(names, &at, &site) ||
	    pmt_sites_add_path(names->sites, path, site, &path) != 0)
		return -ENOMEM;
	names->path[names->paths++] = path;
	return 0;
}

bool
pmt_compactnames_find(struct pmt_compactnames *names,
		      const struct pmt_compact_site *at, uint32_t *site)
{
	static const struct pmt_text none = { "\0\0\0\0\0\0\0", 0 };
	const struct pmt_compact_place *place = &names->place[at->place];
	const struct pmt_site_text text = {
		.type = at->type == PMT_COMPACT_NO_TYPE
				? none : names->type[at->type].name,
		.file = place->file,
		.function = place->function,
		.line = (uint32_t)at->line,
		.own = place->own,
		.path = at->path,
	};

	if (at->line < 0 || at->line > INT32_MAX ||
	    pmt_sites_find(names->sites, &text, site) != 0)
		return false;
	*pmt_compactnames_cached(names, at) = (struct pmt_compact_cached){
		at->type, at->place, (uint32_t)at->line, at->path, *site,
	};
	return true;
}

void
pmt_compactnames_fini(struct pmt_compactnames *names)
{
	free(names->type);
	free(names->place);
	free(names->path);
}
