/* SPDX-License-Identifier: MIT */
/* typefilter.h - objects of which types does the user want to see? */
#ifndef PMT_TYPEFILTER_H
#define PMT_TYPEFILTER_H

#include "module/compat.h"
#include "module/patterns.h"

/*
 * The precedence, first match decides: frames, code objects and pmt's own
 * objects are never wanted; builtin types only with `builtins`; then what
 * matches `exclude` is not; then, if `include` is given, only what matches it.
 */
struct type_filter {
	bool builtins;
	struct patterns exclude;
	struct patterns include;
};

/*
 * Is TYPE wanted?  Its names are those of the tp_name and of the qualified
 * form; a pattern may match either.  Runs no Python code.
 */
bool type_filter_wants(const struct type_filter *filter,
		       const PyTypeObject *type, const char *tp_name,
		       const char *qualified);

#endif
