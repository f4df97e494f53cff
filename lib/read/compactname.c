/* SPDX-License-Identifier: MIT */
#include <config.h>

#include "read/compactname.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

void
pmt_compactnames_begin(struct pmt_compactnames *names)
{
	names->types = names->places = 0;
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
pmt_compactnames_find(struct pmt_compactnames *names, uint32_t type,
		      uint32_t place, int64_t line, uint32_t *site)
{
	static const struct pmt_text none = { "\0\0\0\0\0\0\0", 0 };
	const struct pmt_compact_place *at = &names->place[place];
	const struct pmt_site_text text = {
		.type = type == PMT_COMPACT_NO_TYPE ? none
						    : names->type[type].name,
		.file = at->file,
		.function = at->function,
		.line = (uint32_t)line,
		.own = at->own,
	};

	if (line < 0 || line > INT32_MAX ||
	    pmt_sites_find(names->sites, &text, site) != 0)
		return false;
	*pmt_compactnames_cached(names, type, place, line) =
		(struct pmt_compact_cached){
			type, place, (uint32_t)line, *site };
	return true;
}

void
pmt_compactnames_fini(struct pmt_compactnames *names)
{
	free(names->type);
	free(names->place);
}
