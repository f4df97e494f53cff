/* SPDX-License-Identifier: MIT */
#include <config.h>

#include "run/started.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/escape.h"
#include "cli/cli.h"
#include "cli/python.h"

/* One line is for so many different ones, and so much of each. */
enum {
	NAMED = 5, WORDS = 40, WORDS_SIZE = WORDS + 16,
	NAME_SIZE = PMT_ESCAPED_SIZE(WORDS_SIZE) + 16,
};

/* What an entry says of one program; the board owns the text. */
struct started {
	pid_t parent, child;
	const char *how;	/* ends in a separator, as what follows */
};

struct starts {
	struct started *list;
	size_t count, room;
};

/* Equal ones are named once. */
struct name {
	char text[NAME_SIZE];
	size_t times;
};

static void
add(struct starts *starts, pid_t parent, const char *value)
{
	char *how;
	pid_t child = (pid_t)strtol(value, &how, 10);

	if (*how != '\x1f')
		return;
	if (pmt_array_reserve((void **)&starts->list, sizeof(*starts->list),
			      starts->count, &starts->room) != 0)
		cli_need(NULL);
	starts->list[starts->count++] = (struct started){
		parent, child, how + 1,
	};
}

static bool
is_exec(const struct started *started)
{
	return strncmp(started->how, "exec\x1f", 5) == 0;
}

/* PARENT's last exec(3) failed. */
static void
take_back(struct starts *starts, pid_t parent)
{
	for (size_t i = starts->count; i-- > 0;) {
		if (starts->list[i].parent != parent ||
		    !is_exec(&starts->list[i]))
			continue;
		memmove(&starts->list[i], &starts->list[i + 1],
			(--starts->count - i) * sizeof(*starts->list));
		return;
	}
}

/* The next part of an entry, in memory of its own; NULL after the last. */
static char *
next_part(const char **rest)
{
	size_t length;
	char *part;

	if (*rest == NULL)
		return NULL;
	length = strcspn(*rest, "\x1f");
	part = cli_need(strndup(*rest, length));
	*rest = (*rest)[length] == '\0' ? NULL : *rest + length + 1;
	return part;
}

/* What multiprocessing calls it, or NULL; "": a helper that holds nothing. */
static const char *
kind_of(const char *arguments)
{
	if (arguments == NULL)
		return NULL;
	if (strstr(arguments, "multiprocessing.resource_tracker") != NULL)
		return "";
	if (strstr(arguments, "--multiprocessing-fork") != NULL)
		return "spawn";
	if (strstr(arguments, "multiprocessing.forkserver") != NULL)
		return "forkserver";
	return NULL;
}

static const char *
base_name(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash != NULL && slash[1] != '\0' ? slash + 1 : path;
}

/* "python3 -c ...": code is long, and seldom a line. */
static void
put_words(const char *file, const char *arguments, char words[WORDS_SIZE])
{
	char *argument = next_part(&arguments);
	int n = snprintf(words, WORDS, "%s", base_name(file));
	bool code = false;

	free(argument);
	while (n < WORDS && !code &&
	       (argument = next_part(&arguments)) != NULL) {
		code = strcmp(argument, "-c") == 0;
		n += snprintf(words + n, WORDS - (size_t)n, " %s",
			      argument[0] == '/' ? base_name(argument)
						 : argument);
		free(argument);
	}
	if (code || n >= WORDS)
		strcat(words, " ..." + (n >= WORDS));
}

static void
add_name(struct name *names, size_t *count, const char *text)
{
	size_t i = 0;

	while (i < *count && strcmp(names[i].text, text) != 0)
		i++;
	if (i == NAMED)
		return;
	if (i == *count)
		snprintf(names[(*count)++].text, sizeof(names->text), "%s",
			 text);
	names[i].times++;
}

/* The command that a shell is given, or NULL. */
static const char *
shell_command(const char *how, const char *file, const char *arguments)
{
	const char *option;

	if (strcmp(how, "system") == 0)
		return file;
	option = arguments == NULL ? NULL : strstr(arguments, "\x1f-c\x1f");
	return option == NULL ? NULL : option + 4;
}

/*
 * Is it a Python?  Then WORDS name it.  All that can be told of a shell is
 * what its command begins with.
 */
static bool
is_python(const char *how, const char *file, const char *arguments,
	  char words[WORDS_SIZE])
{
	const char *command;
	char *first;
	bool python;

	if (strcmp(how, "system") != 0 && cli_python_runs(file)) {
		put_words(file, arguments, words);
		return true;
	}
	command = shell_command(how, file, arguments);
	if (command == NULL)
		return false;
	first = cli_need(strndup(command, strcspn(command, " \x1f")));
	python = cli_python_runs(first);
	if (python)
		snprintf(words, WORDS_SIZE, "sh -c %.*s ...", WORDS,
			 base_name(first));
	free(first);
	return python;
}

/* The same of STARTED, with the way it was started: fit for a terminal. */
static bool
describe(const struct started *started, char text[NAME_SIZE], bool *helper)
{
	const char *rest = started->how, *kind;
	char *how = next_part(&rest), *file = next_part(&rest);
	char words[WORDS_SIZE] = "", escaped[PMT_ESCAPED_SIZE(WORDS_SIZE)];
	bool python = file != NULL && is_python(how, file, rest, words);

	kind = kind_of(rest);
	*helper = kind != NULL && kind[0] == '\0';
	pmt_escape_text(words, strlen(words), escaped);
	snprintf(text, NAME_SIZE, "%s (%s)", escaped,
		 kind != NULL ? kind : how);
	free(how);
	free(file);
	return python;
}

static void
collect(const struct run_board *board, struct starts *starts)
{
	const char *key;
	size_t position = 0;
	pid_t pid;

	while ((key = run_board_next(board, &position, &pid)) != NULL) {
		if (strncmp(key, "started=", 8) == 0)
			add(starts, pid, key + 8);
		else if (strcmp(key, "unstarted=") == 0)
			take_back(starts, pid);
	}
}

static void
print(const struct name *names, size_t count, size_t total, size_t others)
{
	char line[NAMED * (NAME_SIZE + 24) + 80];
	size_t named = 0;
	int n = 0;

	line[0] = '\0';
	for (size_t i = 0; i < count; i++) {
		n += sprintf(line + n, "%s%s", i == 0 ? ": " : ", ",
			     names[i].text);
		if (names[i].times > 1)
			n += sprintf(line + n, " x%zu", names[i].times);
		named += names[i].times;
	}
	if (named + others < total)
		n += sprintf(line + n, ", other Pythons x%zu",
			     total - named - others);
	if (others > 0)
		sprintf(line + n, "%s%zu that %s no Python",
			count == 0 ? ": " : ", ", others,
			others == 1 ? "is" : "are");
	cli_warn(0, "%zu %s not followed%s", total,
		 total == 1 ? "child was" : "children were", line);
}

void
run_started_report(const struct run_board *board)
{
	struct starts starts = { .list = NULL };
	struct name names[NAMED] = { 0 };
	size_t count = 0, total = 0, others = 0;
	char text[NAME_SIZE];
	bool helper;

	collect(board, &starts);
	for (size_t i = 0; i < starts.count; i++) {
		bool python = describe(&starts.list[i], text, &helper);

		if (helper)
			continue;
		total++;
		others += !python;
		if (python)
			add_name(names, &count, text);
	}
	if (total > 0)
		print(names, count, total, others);
	free(starts.list);
}
