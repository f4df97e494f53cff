/* SPDX-License-Identifier: MIT */
#include <config.h>

#include "profile/filter.h"

#include <stdlib.h>
#include <string.h>

#include "module/utf8.h"

static bool
matches_name(const struct patterns *patterns, PyObject *name)
{
	size_t size;
	char *text = utf8_from_str(name, &size);
	bool match;

	if (text == NULL)
		return false;
	match = patterns_match(patterns, text);
	free(text);
	return match;
}

/* A pattern may match the whole path or its last part. */
static bool
matches_file(const struct patterns *patterns, PyObject *path)
{
	size_t size;
	char *text = utf8_from_str(path, &size), *slash;
	bool match;

	if (text == NULL)
		return false;
	slash = strrchr(text, '/');
	match = patterns_match(patterns, text) ||
		(slash != NULL && patterns_match(patterns, slash + 1));
	free(text);
	return match;
}

static bool
matches_function(const struct patterns *patterns, PyCodeObject *code)
{
	return matches_name(patterns, code->co_name) ||
	       matches_name(patterns, compat_qualified_name(code));
}

bool
profiler_wants(const struct profiler_options *options, PyCodeObject *code)
{
	if (matches_file(&options->exclude_files, code->co_filename))
		return false;
	if (options->include_files.given &&
	    !matches_file(&options->include_files, code->co_filename))
		return false;
	return !options->include_functions.given ||
	       matches_function(&options->include_functions, code);
}
