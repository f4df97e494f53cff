/* SPDX-License-Identifier: MIT */
#include <config.h>

#include "analyse/logs_of.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "cli/cli.h"

bool
logs_is_directory(const char *path)
{
	struct stat status;

	return stat(path, &status) == 0 && S_ISDIR(status.st_mode);
}

static int
is_log(const struct dirent *entry)
{
	const char *dot = strrchr(entry->d_name, '.');

	return entry->d_name[0] != '.' &&
	       (dot == NULL || (strcmp(dot, ".tail") != 0 &&
				strcmp(dot, ".older") != 0));
}

static void
add_path(struct logs_of *logs, const char *directory, const char *name)
{
	char *path;

	if (asprintf(&path, "%s/%s", directory, name) == -1)
		cli_need(NULL);
	if (logs_is_directory(path))
		free(path);
	else
		logs->paths[logs->count++] = path;
}

bool
logs_of(struct logs_of *logs, const char *path)
{
	struct dirent **entries;
	int count;

	*logs = (struct logs_of){ NULL, 0 };
	if (!logs_is_directory(path)) {
		logs->paths = cli_need(malloc(sizeof(*logs->paths)));
		logs->paths[logs->count++] = cli_need(strdup(path));
		return true;
	}
	count = scandir(path, &entries, is_log, alphasort);
	if (count == -1) {
		cli_warn(errno, "cannot read '%s'", path);
		return false;
	}
	logs->paths = cli_need(calloc((size_t)count + 1,
				      sizeof(*logs->paths)));
	for (int i = 0; i < count; i++) {
		add_path(logs, path, entries[i]->d_name);
		free(entries[i]);
	}
	free(entries);
	return true;
}

void
logs_of_free(struct logs_of *logs)
{
	for (size_t i = 0; i < logs->count; i++)
		free(logs->paths[i]);
	free(logs->paths);
}
