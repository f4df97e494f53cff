/* SPDX-License-Identifier: MIT */
/* plot.h - have gnuplot draw a profile's memory over time. */
#ifndef ANALYSE_PLOT_H
#define ANALYSE_PLOT_H

#include <stdbool.h>

#include "analyse/profile.h"

/* Does the path end as the pictures that we can have drawn? */
bool is_picture(const char *path);

/* Draw; returns false, after a message, when that failed. */
bool plot_profile(const struct reading *reading, const struct profile *profile,
		  const char *path);

#endif
