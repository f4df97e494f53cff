/* SPDX-License-Identifier: MIT */
#include <config.h>

#include "run/started.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/escape.h"
#include "cli/cli.h"
#include "cli/name.h"
#include "cli/python.h"
#include "run/starts.h"

/* One line is for so many different ones, and so much of each. */
enum {
	NAMED = 5, WORDS = 40, WORDS_SIZE = WORDS + 16,
	NAME_SIZE = PMT_ESCAPED_SIZE(WORDS_SIZE) + 16,
};

/* Equal ones are named once. */
struct name {
	char text[NAME_SIZE];
	size_t times;
};

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

/* "python3 -c ...": code is long, and seldom a line. */
static void
put_words(const char *file, const char *arguments, char words[WORDS_SIZE])
{
	char *argument = next_part(&arguments);
	int n = snprintf(words, WORDS, "%s", cli_base_name(file));
	bool code = false;

	free(argument);
	while (n < WORDS && !code &&
	       (argument = next_part(&arguments)) != NULL) {
		code = strcmp(argument, "-c") == 0;
		n += snprintf(words + n, WORDS - (size_t)n, " %s",
			      argument[0] == '/' ? cli_base_name(argument)
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
			 cli_base_name(first));
	free(first);
	return python;
}

/* The same of STARTED, with the way it was started: fit for a terminal. */
static bool
describe(const struct run_start *started, char text[NAME_SIZE], bool *helper)
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

static void
print_refusal(const char *why)
{
	char *escaped = cli_printable(why);

	cli_warn(0, "the last one that was to be: %s", escaped);
	free(escaped);
}

void
run_started_report(const struct run_board *board)
{
	struct run_starts starts;
	struct name names[NAMED] = { 0 };
	size_t count = 0, total = 0, others = 0;
	char text[NAME_SIZE];
	bool helper;

	run_starts_read(board, &starts);
	for (size_t i = 0; i < starts.count; i++) {
		bool python;

		if (starts.list[i].followed)
			continue;
		python = describe(&starts.list[i], text, &helper);
		if (helper)
			continue;
		total++;
		others += !python;
		if (python)
			add_name(names, &count, text);
	}
	if (total > 0)
		print(names, count, total, others);
	if (total > 0 && starts.refusal != NULL)
		print_refusal(starts.refusal);
	run_starts_free(&starts);
}
