/* SPDX-License-Identifier: MIT */
/* show_limits.h - what of a log exceeds the limits of the options? */
#ifndef ANALYSE_SHOW_LIMITS_H
#define ANALYSE_SHOW_LIMITS_H

#include <stdbool.h>

#include "analyse/show.h"

/* A line for each, and for what it cannot tell of.  False if there are any. */
bool show_limits(const struct analysis *analysis);

/* PATH is no log at all: a line, and false, where there are limits. */
bool show_limits_of_none(const struct options *options, const char *path);

#endif
