/* SPDX-License-Identifier: MIT */
/* logs_of.h - which logs does a path on the command line stand for? */
#ifndef ANALYSE_LOGS_OF_H
#define ANALYSE_LOGS_OF_H

#include <stdbool.h>
#include <stddef.h>

struct logs_of {
	char **paths;
	size_t count;
};

/*
 * PATH itself or, of a directory, the files in it, by name, but for the parts
 * that belong to other logs: .tail and .older.  Returns false, after a message,
 * when a directory cannot be read.  logs_of_free() it in any case.
 */
bool logs_of(struct logs_of *logs, const char *path);
void logs_of_free(struct logs_of *logs);

/* Is PATH one, so that it stands for several logs? */
bool logs_is_directory(const char *path);

#endif
