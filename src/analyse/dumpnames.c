/* SPDX-License-Identifier: MIT */
#include <config.h>

#include "analyse/dumpnames.h"

#include <stdlib.h>

#include "cli/cli.h"

static struct pmt_column *
new_column(struct pmt_text text, size_t width)
{
	struct pmt_column *column = cli_need(malloc(sizeof(*column)));

	if (pmt_column_init(column, text.bytes, text.length, width) < 0)
		cli_need(NULL);
	return column;
}

static const struct pmt_column *
column_of(struct dumpnames *names, struct dumpnames_columns *columns,
	  size_t width, uint32_t name)
{
	if (name >= columns->count) {
		uint32_t count = pmt_sites_names(names->sites) * 2;

		columns->column = cli_need(reallocarray(
			columns->column, count, sizeof(*columns->column)));
		for (uint32_t i = columns->count; i < count; i++)
			columns->column[i] = NULL;
		columns->count = count;
	}
	if (columns->column[name] == NULL)
		columns->column[name] = new_column(
			pmt_sites_name(names->sites, name), width);
	return columns->column[name];
}

const struct pmt_column *
dumpnames_type(struct dumpnames *names, uint32_t name)
{
	return column_of(names, &names->types, PMT_TYPE_WIDTH, name);
}

const struct pmt_column *
dumpnames_file(struct dumpnames *names, uint32_t name)
{
	return column_of(names, &names->files, PMT_FILE_WIDTH, name);
}

const struct pmt_column *
dumpnames_function(struct dumpnames *names, uint32_t name)
{
	return column_of(names, &names->functions, PMT_FUNCTION_WIDTH, name);
}

struct pmt_own
dumpnames_own(struct dumpnames *names, const struct pmt_site *site)
{
	struct pmt_own own = {
		.kind = site->imports == 2 ? PMT_OWN_IMPORT :
			site->imports == 1 ? PMT_OWN_IMPORTED : 0,
	};

	if (site->own_file == PMT_NO_PART)
		return own;
	if (site->own_file == site->file && site->own_line == site->line &&
	    site->own_function == site->function) {
		own.kind |= PMT_OWN_HERE;
		return own;
	}
	own.kind |= PMT_OWN_CALLER;
	own.line = (int)site->own_line;
	own.file = dumpnames_file(names, site->own_file);
	own.function = dumpnames_function(names, site->own_function);
	return own;
}

static struct pmt_caller
caller_of(struct dumpnames *names, uint32_t number)
{
	const struct pmt_site *site = pmt_sites_get(names->sites, number);

	return (struct pmt_caller){
		.file = dumpnames_file(names, site->file),
		.function = dumpnames_function(names, site->function),
		.line = (int)site->line,
		.kind = site->imports == 2 ? PMT_OWN_IMPORT :
			site->own_file != PMT_NO_PART ? PMT_OWN_HERE :
			PMT_OWN_NONE,
	};
}

const struct pmt_callers *
dumpnames_callers(struct dumpnames *names, const struct pmt_site *site)
{
	const struct pmt_callpaths *paths =
		pmt_sites_callpaths(names->sites);
	uint32_t path = site->path;
	const struct pmt_call *call;
	size_t begin = DUMPNAMES_CALLERS;

	if (path == PMT_PATH_UNKNOWN)
		return NULL;
	while (begin > 0 && (call = pmt_callpaths_get(paths, path)) != NULL) {
		names->list[--begin] = caller_of(names, call->site);
		path = call->caller;
	}
	names->callers = (struct pmt_callers){
		names->list + begin, DUMPNAMES_CALLERS - begin,
		path != PMT_PATH_OUTERMOST
	};
	return &names->callers;
}

static void
free_columns(struct dumpnames_columns *columns)
{
	for (uint32_t i = 0; i < columns->count; i++) {
		if (columns->column[i] != NULL)
			pmt_column_fini(columns->column[i]);
		free(columns->column[i]);
	}
	free(columns->column);
}

void
dumpnames_fini(struct dumpnames *names)
{
	free_columns(&names->types);
	free_columns(&names->files);
	free_columns(&names->functions);
}
