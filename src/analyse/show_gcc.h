/* SPDX-License-Identifier: MIT */
/* show_gcc.h - what do editors and CI mark in source code? */
#ifndef ANALYSE_SHOW_GCC_H
#define ANALYSE_SHOW_GCC_H

#include <jansson.h>

#include "analyse/options.h"

/*
 * Print the first lines of the program's own code in each log of LIST, its
 * JSON, as gcc prints warnings: "FILE:LINE: warning: TEXT"; what does not grow
 * is a note.
 */
void show_gcc(const json_t *list, const struct options *options);

#endif
