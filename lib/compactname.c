/* SPDX-License-Identifier: MIT */
#include <config.h>

#include "compactname.h"

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

int
pmt_compactnames_add_type(struct pmt_compactnames *names,
			  struct pmt_text name, int64_t live)
{
	if (names->types == names->types_room) {
		size_t room = names->types_room * 2 + 64;
		void *type = reallocarray(names->type, room,
					  sizeof(*names->type));

		if (type == NULL)
			return -ENOMEM;
		names->type = type;
		names->types_room = room;
	}
	names->type[names->types++] = (struct pmt_compact_type){
		.name = name, .live = live,
	};
	return 0;
}

int
pmt_compactnames_add_place(struct pmt_compactnames *names,
			   struct pmt_text file, struct pmt_text function)
{
	if (names->places == names->places_room) {
		size_t room = names->places_room * 2 + 64;
		void *place = reallocarray(names->place, room,
					   sizeof(*names->place));

		if (place == NULL)
			return -ENOMEM;
		names->place = place;
		names->places_room = room;
	}
	names->place[names->places++] = (struct pmt_compact_place){
		.file = file, .function = function,
	};
	return 0;
}

bool
pmt_compactnames_find(struct pmt_compactnames *names, uint32_t type,
		      uint32_t place, int64_t line, uint32_t *site)
{
	static const struct pmt_text none = { "\0\0\0\0\0\0\0", 0 };

	if (line < 0 || line > INT32_MAX ||
	    pmt_sites_find(names->sites, type == PMT_COMPACT_NO_TYPE
			   ? none : names->type[type].name,
			   names->place[place].file, (uint32_t)line,
			   names->place[place].function, site) != 0)
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
