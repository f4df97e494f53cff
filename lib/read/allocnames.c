/* SPDX-License-Identifier: MIT */
#include <config.h>

#include "read/allocnames.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/escape.h"

int
pmt_allocnames_grow(void *array, uint32_t count, size_t size)
{
	void *bigger, *old;

	/* Powers of two, from 256 on. */
	if (count != 0 && (count < 256 || (count & (count - 1)) != 0))
		return 0;
	memcpy(&old, array, sizeof(old));
	bigger = reallocarray(old, count == 0 ? 256 : 2 * (size_t)count, size);
	if (bigger == NULL)
		return -ENOMEM;
	memcpy(array, &bigger, sizeof(bigger));
	return 0;
}

/* The name escaped, with the spare bytes that sites.h asks for. */
static char *
escape(struct pmt_text name, size_t *length)
{
	char *escaped = malloc(PMT_ESCAPED_SIZE(name.length) + 8);

	if (escaped != NULL)
		*length = pmt_escape_name(name.bytes, name.length, escaped);
	return escaped;
}

int
pmt_allocnames_code(struct pmt_allocnames *names, struct pmt_cursor *cursor)
{
	struct pmt_text file, name;
	struct pmt_alloccode code;

	pmt_cursor_number(cursor);
	file = pmt_cursor_text(cursor);
	name = pmt_cursor_text(cursor);
	if (cursor->failed)
		return 0;
	if (pmt_allocnames_grow(&names->codes, names->code_count,
				sizeof(code)) < 0)
		return -ENOMEM;
	code.file = escape(file, &code.file_length);
	code.name = escape(name, &code.name_length);
	if (code.file == NULL || code.name == NULL) {
		free(code.file);
		free(code.name);
		return -ENOMEM;
	}
	names->codes[names->code_count++] = code;
	return 0;
}

int
pmt_allocnames_place(struct pmt_allocnames *names, struct pmt_cursor *cursor)
{
	static const char no_type[8];
	uint32_t number = pmt_cursor_index(cursor, names->code_count);
	uint32_t line = pmt_cursor_index(cursor, UINT32_MAX), site;
	const struct pmt_alloccode *code;
	struct pmt_site_text text;
	int err;

	if (number == 0)
		cursor->failed = true;
	if (cursor->failed)
		return 0;
	code = &names->codes[number - 1];
	text = (struct pmt_site_text){
		.type = { no_type, 0 },
		.file = { code->file, code->file_length },
		.function = { code->name, code->name_length },
		.line = line,
	};
	err = pmt_sites_find(names->sites, &text, &site);
	if (err == 0)
		err = pmt_allocnames_grow(&names->places, names->place_count,
					  sizeof(*names->places));
	if (err == 0)
		names->places[names->place_count++] =
			(struct pmt_alloc_place){ .site = site };
	return err;
}

int
pmt_allocnames_node(struct pmt_allocnames *names, struct pmt_cursor *cursor)
{
	uint32_t back = pmt_cursor_index(cursor, names->node_count);
	uint32_t place = pmt_cursor_index(cursor, names->place_count);

	if (place == 0)
		cursor->failed = true;
	if (cursor->failed)
		return 0;
	if (pmt_allocnames_grow(&names->nodes, names->node_count,
				sizeof(*names->nodes)) < 0)
		return -ENOMEM;
	names->nodes[names->node_count] = (struct pmt_alloc_node){
		.caller = back == 0 ? 0 : names->node_count + 1 - back,
		.site = names->places[place - 1].site,
	};
	names->node_count++;
	return 0;
}

int
pmt_allocnames_site(struct pmt_allocnames *names, struct pmt_text file,
		    struct pmt_text function, uint32_t line, uint32_t *site)
{
	struct pmt_site_text text = { .line = line };
	char *in, *called;
	int err = -ENOMEM;

	text.type.bytes = "\0\0\0\0\0\0\0";
	in = escape(file, &text.file.length);
	called = escape(function, &text.function.length);
	text.file.bytes = in;
	text.function.bytes = called;
	if (in != NULL && called != NULL)
		err = pmt_sites_find(names->sites, &text, site);
	free(in);
	free(called);
	return err;
}

void
pmt_allocnames_fini(struct pmt_allocnames *names)
{
	for (uint32_t i = 0; i < names->code_count; i++) {
		free(names->codes[i].file);
		free(names->codes[i].name);
	}
	for (uint32_t i = 0; i < names->module_count; i++) {
		free(names->modules[i]->path);
		free(names->modules[i]);
	}
	free(names->codes);
	free(names->modules);
	free(names->native_sites);
	free(names->stacks);
	pmt_hash_fini(&names->by_node);
	free(names->places);
	free(names->nodes);
}
