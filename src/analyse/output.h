/* SPDX-License-Identifier: MIT */
/* output.h - where do reports go that have a file of their own? */
#ifndef ANALYSE_OUTPUT_H
#define ANALYSE_OUTPUT_H

#include <stdbool.h>
#include <stdio.h>

/*
 * Make or overwrite the file PATH; "-" is standard output, which stays open.
 * Returns a descriptor or, after a message, -1.
 */
int output_create(const char *path);

/* The same as a stream: NULL after a message. */
FILE *output_open(const char *path);

/* Close it.  Returns false, after a message, if not all could be written. */
bool output_close(FILE *out, const char *path);

#endif
