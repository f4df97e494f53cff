/* SPDX-License-Identifier: MIT */
/* typefilter.h - objects of which types does the user want to see? */
#ifndef PMT_TYPEFILTER_H
#define PMT_TYPEFILTER_H

#include "compat.h"

/* Shell patterns (fnmatch(3)) for names of types, in memory of our own. */
struct type_patterns {
	char **pattern;
	size_t count;
	bool given;		/* an empty list is not the same as none */
};

/*
 * The precedence, first match decides: frames, code objects and pmt's own
 * objects are never wanted; builtin types only with `builtins`; then what
 * matches `exclude` is not; then, if `include` is given, only what matches it.
 */
struct type_filter {
	bool builtins;
	struct type_patterns exclude;
	struct type_patterns include;
};

/*
 * Read the patterns from LIST: None or an iterable of str.  ARGUMENT names it
 * in messages.  Returns 0, or -1 with TypeError or what the iteration raised.
 */
int type_patterns_init(struct type_patterns *patterns, PyObject *list,
		       const char *argument);

void type_patterns_fini(struct type_patterns *patterns);

/*
 * Is TYPE wanted?  Its names are those of the tp_name and of the qualified
 * form; a pattern may match either.  Runs no Python code.
 */
bool type_filter_wants(const struct type_filter *filter,
		       const PyTypeObject *type, const char *tp_name,
		       const char *qualified);

#endif
