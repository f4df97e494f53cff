/* SPDX-License-Identifier: MIT */
#include <config.h>

#include "cli/option.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/types.h>

#include "cli/cli.h"

#define PID_MAX 4194304		/* proc_sys_kernel(5) */

static const char *
find_name(const struct argp *argp, int key)
{
	const struct argp_option *option = argp->options;
	const struct argp_child *child = argp->children;
	const char *name = NULL;

	for (; option != NULL && (option->name != NULL || option->doc != NULL);
	     option++)
		if (option->key == key && option->name != NULL)
			return option->name;
	for (; child != NULL && child->argp != NULL && name == NULL; child++)
		name = find_name(child->argp, key);
	return name;
}

const char *
cli_option_name(const struct argp_state *state, int key)
{
	static char name[64];

	/* For --help, argp puts a parser of its own above the program's. */
	snprintf(name, sizeof(name), "--%s", find_name(state->root_argp, key));
	return name;
}

static int
word(struct argp_state *state, const char *name, const char *arg,
     size_t length, const struct cli_word *words)
{
	for (; words->name != NULL; words++)
		if (strlen(words->name) == length &&
		    memcmp(words->name, arg, length) == 0)
			return words->value;
	argp_error(state, "%s: '%.*s' is none of its words", name,
		   (int)length, arg);
	return 0;
}

static unsigned
words(struct argp_state *state, const char *name, const char *arg,
      const struct cli_word *known)
{
	unsigned bits = 0;
	size_t length;

	do {
		length = strcspn(arg, ",");
		bits |= (unsigned)word(state, name, arg, length, known);
		arg += length;
	} while (*arg++ == ',');
	return bits;
}

static int
level(struct argp_state *state, const char *name, const char *arg)
{
	static const char *const names[] = {
		"notset", "debug", "info", "warning", "error", "critical",
	};

	for (size_t i = 0; i < PMT_ARRAY_SIZE(names); i++)
		if (strcasecmp(arg, names[i]) == 0)
			return (int)i * 10;
	if (arg[0] < '0' || arg[0] > '9')
		argp_error(state, "%s: '%s' is neither a number nor a level "
			   "such as INFO", name, arg);
	return (int)cli_count(state, name, arg, 0, 1000);
}

static uint64_t
duration(struct argp_state *state, const char *name, const char *arg,
	 uint64_t min)
{
	uint64_t ns = cli_duration(state, name, arg);

	if (ns < min)
		argp_error(state, "%s: %g seconds is the least", name,
			   (double)min / 1e9);
	return ns;
}

/* The owner's are needed: to join a tail, to append to a record. */
static unsigned
mode(struct argp_state *state, const char *name, const char *arg)
{
	char *end;
	unsigned long bits = strtoul(arg, &end, 8);

	if (*arg < '0' || *arg > '7' || *end != '\0' || bits > 0777 ||
	    (bits & 0600) != 0600)
		argp_error(state, "%s: '%s' is no file mode such as 0640, with "
			   "0600 in it", name, arg);
	return (unsigned)bits;
}

/* Which of OPTIONS sets the field of OPTION to VALUE? */
static int
key_of(const struct cli_option *options, const struct cli_option *option,
       int value)
{
	while (options->kind != CLI_ONE_OF ||
	       options->offset != option->offset ||
	       options->min != (uint64_t)value)
		options++;
	return options->key;
}

static void
choose(const struct cli_option *options, const struct cli_option *option,
       struct argp_state *state, int *field)
{
	if (*field != 0 && *field != (int)option->min) {
		char first[64];

		snprintf(first, sizeof(first), "%s", cli_option_name(
			state, key_of(options, option, *field)));
		argp_error(state, "%s and %s: choose one", first,
			   cli_option_name(state, option->key));
	}
	*field = (int)option->min;
}

error_t
cli_option_set(const struct cli_option *options, int key, char *arg,
	       struct argp_state *state, void *into)
{
	const struct cli_option *option = options;
	const char *name;
	void *field;

	while (option->key != 0 && option->key != key)
		option++;
	if (option->key == 0)
		return ARGP_ERR_UNKNOWN;
	name = cli_option_name(state, key);
	field = (char *)into + option->offset;
	switch (option->kind) {
	case CLI_TRUE:
		*(bool *)field = true;
		break;
	case CLI_ONE_OF:
		choose(options, option, state, field);
		break;
	case CLI_BITS:
		*(unsigned *)field |= (unsigned)option->min;
		break;
	case CLI_TEXT:
		*(const char **)field = arg;
		break;
	case CLI_NUMBER:
		*(uint64_t *)field = cli_count(state, name, arg, option->min,
					       option->max);
		break;
	case CLI_PID:
		*(pid_t *)field = (pid_t)cli_count(state, name, arg, 1,
						   PID_MAX);
		break;
	case CLI_DURATION:
		*(uint64_t *)field = duration(state, name, arg, option->min);
		break;
	case CLI_LEVEL:
		*(int *)field = level(state, name, arg);
		break;
	case CLI_WORD:
		*(int *)field = word(state, name, arg, strlen(arg),
				     option->words);
		break;
	case CLI_WORDS:
		*(unsigned *)field = words(state, name, arg, option->words);
		break;
	case CLI_MODE:
		*(unsigned *)field = mode(state, name, arg);
		break;
	case CLI_CALL:
		option->call(state, option, arg);
		break;
	}
	return 0;
}
