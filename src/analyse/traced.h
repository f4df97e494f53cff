/* SPDX-License-Identifier: MIT */
/* traced.h - what does a snapshot say is allocated, to compare it? */
#ifndef ANALYSE_TRACED_H
#define ANALYSE_TRACED_H

#include <jansson.h>
#include <stdbool.h>

/* Is the file PATH a pmt-snapshot(5)? */
bool traced_is(const char *path);

/*
 * Add to LIST its files, and the bytes and blocks of each, as JSON of the kind
 * "snapshot".  Returns false, after a message, when it cannot be read, or not
 * all of it.
 */
bool traced_read(const char *path, json_t *list);

#endif
