/* SPDX-License-Identifier: MIT */
/* filter.h - does the user want to hear of this code? */
#ifndef PMT_PROFILE_FILTER_H
#define PMT_PROFILE_FILTER_H

#include "module/compat.h"
#include "profile/options.h"

/*
 * Do the patterns of OPTIONS let CODE pass?  Makes no Python object, runs no
 * Python code.
 */
bool profiler_wants(const struct profiler_options *options,
		    PyCodeObject *code);

#endif
