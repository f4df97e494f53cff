/* SPDX-License-Identifier: MIT */
/* option.h - which field of a struct does an option of the command line set? */
#ifndef PMT_CLI_OPTION_H
#define PMT_CLI_OPTION_H

#include <argp.h>
#include <stddef.h>
#include <stdint.h>

/* What becomes of the argument, and the type of the field. */
enum cli_kind {
	CLI_TRUE,	/* bool: there is no argument */
	CLI_ONE_OF,	/* int: min, unless another option has set it */
	CLI_BITS,	/* unsigned: those of min are added */
	CLI_TEXT,	/* const char *: as it stands */
	CLI_NUMBER,	/* uint64_t: from min to max */
	CLI_PID,	/* pid_t */
	CLI_DURATION,	/* nanoseconds in 64 bits: min or more */
	CLI_LEVEL,	/* int: a level of Python's logging, name or number */
	CLI_WORD,	/* int: of one of the words */
	CLI_WORDS,	/* unsigned: of some of the words, between commas */
	CLI_MODE,	/* unsigned: permissions, octal, 0600 among them */
	CLI_CALL,	/* what call makes of it */
};

struct cli_word {
	const char *name;	/* NULL ends a list */
	int value;
};

/* A row of a table that ends with { 0 }. */
struct cli_option {
	int key;		/* as in struct argp_option */
	enum cli_kind kind;
	size_t offset;		/* of the field */
	uint64_t min, max;
	const struct cli_word *words;
	void (*call)(struct argp_state *state, const struct cli_option *option,
		     char *arg);
};

/*
 * For argp parsers: set what KEY stands for in the struct INTO, or end the
 * program with a usage error that names the option.  Returns 0, or
 * ARGP_ERR_UNKNOWN when OPTIONS have no such key.
 */
error_t cli_option_set(const struct cli_option *options, int key,
		       char *arg, struct argp_state *state, void *into);

/* The long name, with its dashes; of the program's struct argp. */
const char *cli_option_name(const struct argp_state *state, int key);

#endif
