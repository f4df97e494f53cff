/* SPDX-License-Identifier: MIT */
/* patterns.h - names that a user wants, or not, given as shell patterns. */
#ifndef PMT_PATTERNS_H
#define PMT_PATTERNS_H

#include "module/compat.h"

/* Patterns of fnmatch(3), in memory of our own. */
struct patterns {
	char **pattern;
	size_t count;
	bool given;		/* an empty list is not the same as none */
};

/*
 * Read the patterns from LIST: None or an iterable of str.  ARGUMENT names it
 * in messages.  Returns 0, or -1 with TypeError or what the iteration raised.
 */
int patterns_init(struct patterns *patterns, PyObject *list,
		  const char *argument);

void patterns_fini(struct patterns *patterns);

/*
 * Does one of them match NAME?  A name with brackets matches itself, whatever
 * it means as a pattern.  Runs no Python code.
 */
bool patterns_match(const struct patterns *patterns, const char *name);

#endif
