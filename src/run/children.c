/* SPDX-License-Identifier: MIT */
#include <config.h>

#include "run/children.h"

#include <dirent.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "log/logtail.h"

/* NAME is longer than any ENDING. */
static bool
has_ending(const char *name, const char *ending)
{
	return strcmp(name + strlen(name) - strlen(ending), ending) == 0;
}

/*
 * The process that a log's name tells, or 0.  A child of the writer of "x.log"
 * writes "x.log.PID", a child of that one "x.log.PID.PID"; generated names hold
 * the process: pmt-log(5).
 */
static pid_t
pid_in_name(const char *name, const char *parent)
{
	size_t length = strlen(parent);
	const char *rest;
	int pid = 0, end = 0;

	if (strncmp(name, parent, length) == 0) {
		rest = name + length;
		while (sscanf(rest, ".%d%n", &pid, &end) == 1)
			rest += end;
		if (pid != 0 && *rest == '\0')
			return pid;
	}
	rest = name;
	pid = 0;
	if (sscanf(name, "%*8[0-9]_%*6[0-9]_%*[0-9]_%d%n", &pid, &end) == 1)
		rest = name + end;
	end = 0;
	/* pymemtrace's newer names have the thread there. */
	sscanf(rest, "_%*[0-9]%n", &end);
	rest += end;
	end = 0;
	sscanf(rest, "_%*1[OPT]_%*d_PY%n", &end);
	if (pid != 0 && end > 0 &&
	    (has_ending(name, ".log") || has_ending(name, ".pmt") ||
	     has_ending(name, ".txt")))
		return pid;
	return 0;
}

/* Did the process PID, forked or followed, write logs of its own? */
static bool
is_child(const struct run_board *board, pid_t pid)
{
	size_t position = 0;
	const char *entry;
	pid_t writer;

	while ((entry = run_board_next(board, &position, &writer)) != NULL)
		if (writer == pid && (strcmp(entry, "forked=") == 0 ||
				      strncmp(entry, "log=", 4) == 0))
			return true;
	return false;
}

static void
close_log(const char *path, void *context)
{
	(void)context;
	/* Failures are no loss: pmt-analyse reads what is found then. */
	pmt_ignore(pmt_logtail_join(path));
}

/* Before the program became another one. */
static const char *
first_log(const struct run_board *board, const char *log)
{
	size_t position = 0;
	const char *entry;
	pid_t pid;

	while ((entry = run_board_next(board, &position, &pid)) != NULL)
		if (strncmp(entry, "log=", 4) == 0 ||
		    strncmp(entry, "summary=", 8) == 0)
			return strchr(entry, '=') + 1;
	return log;
}

static bool
is_of_child(const struct run_board *board, const char *name,
	    const char *parent)
{
	pid_t pid = pid_in_name(name, parent);

	return strcmp(name, parent) == 0 || (pid != 0 && is_child(board, pid));
}

size_t
run_children_each(const struct run_board *board, const char *log,
		  void (*each)(const char *path, void *context), void *context)
{
	char *copy = strdup(first_log(board, log));
	char *parent = copy == NULL ? NULL : strrchr(copy, '/');
	const char *slash = strrchr(log, '/');
	struct dirent *entry;
	size_t count = 0;
	DIR *directory;
	char *path;

	if (parent == NULL || slash == NULL) {
		free(copy);
		return 0;
	}
	*parent++ = '\0';
	directory = opendir(*copy == '\0' ? "/" : copy);
	while (directory != NULL && (entry = readdir(directory)) != NULL) {
		if (strcmp(entry->d_name, slash + 1) == 0 ||
		    !is_of_child(board, entry->d_name, parent))
			continue;
		if (asprintf(&path, "%s/%s", copy, entry->d_name) == -1)
			continue;
		each(path, context);
		free(path);
		count++;
	}
	if (directory != NULL)
		closedir(directory);
	free(copy);
	return count;
}

size_t
run_children_close_logs(const struct run_board *board, const char *log)
{
	return run_children_each(board, log, close_log, NULL);
}
