/* SPDX-License-Identifier: MIT */
/* cli.h - what every program of the suite does alike. */
#ifndef PMT_CLI_H
#define PMT_CLI_H

#include <argp.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "base/common.h"

enum {
	CLI_OK = 0,
	CLI_FAILED = 1,		/* the work failed, or part of it */
	CLI_USAGE = 2,		/* the command line was wrong */
};

/*
 * First thing in main(): names the program in messages and in --version, makes
 * argp exit with CLI_USAGE, reads the character set from the environment (and
 * nothing else: numbers are the same in every locale), keeps descriptors 0 to 2
 * occupied, has standard output closed, with its errors reported, at exit, and
 * has a limit of file sizes (ulimit -f) be an error that is told.
 */
void cli_start(const char *program);

/* For programs that we become or start: did SIGXFSZ kill when we began? */
bool cli_limit_kills(void);

/*
 * argp_parse(), whose messages, and those of getopt(), name what was typed but
 * let nothing in it steer the terminal.  Ends the program where argp does.
 */
void cli_parse(const struct argp *argp, int argc, char **argv, unsigned flags,
	       void *input);

/*
 * One message, one write: "pmt-tree: cannot open 'x': No such file or
 * directory".  ERR is an errno, positive or negative, or 0 for none.
 */
void cli_warn(int err, const char *format, ...) PMT_PRINTF(2, 3);

/* The same, then exit(STATUS). */
void cli_die(int status, int err, const char *format, ...)
	PMT_PRINTF(3, 4) __attribute__((noreturn));

/* MEMORY; NULL, there is none, ends the program with CLI_FAILED. */
void *cli_need(void *memory);

/*
 * Arguments of options, for argp parsers: a wrong one ends the program with a
 * usage error that names OPTION ("--top").  Units as in units.h; durations are
 * in nanoseconds.
 */
uint64_t cli_size(struct argp_state *state, const char *option,
		  const char *arg);
uint64_t cli_duration(struct argp_state *state, const char *option,
		      const char *arg);
uint64_t cli_count(struct argp_state *state, const char *option,
		   const char *arg, uint64_t min, uint64_t max);

/* May we colour STREAM?  A terminal that can, and no NO_COLOR. */
bool cli_colour(FILE *stream);

/* Does the user's character set hold more than ASCII? */
bool cli_utf8(void);

/* Columns of the terminal behind STREAM, of COLUMNS, or 80. */
int cli_width(FILE *stream);

/*
 * One line of progress on standard error, at most ten times a second and only
 * on a terminal.  Call it as often as you like; messages take its place, and
 * cli_progress_end() removes the last one.
 */
void cli_progress(const char *format, ...) PMT_PRINTF(1, 2);
void cli_progress_end(void);

/*
 * From now on SIGINT, SIGTERM and SIGHUP only make cli_stopped() non-zero, so
 * that what is being printed can be finished.  They interrupt system calls.
 */
void cli_catch_signals(void);
int cli_stopped(void);

/*
 * Last thing in main(): return cli_finish(status).  Flushes standard output,
 * then dies of the signal that stopped us, if one did, as shells expect.
 */
int cli_finish(int status);

#endif
