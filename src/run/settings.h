/* SPDX-License-Identifier: MIT */
/* settings.h - what do the options of pmt-run put where? */
#ifndef PMT_RUN_SETTINGS_H
#define PMT_RUN_SETTINGS_H

#include <argp.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "cli/limits.h"
#include "cli/option.h"
#include "run/board.h"
#include "run/dtrace.h"
#include "run/status.h"

/* The strings are argv's. */
struct run_options {
	const char *python;	/* what --python says, or NULL */
	const char **argv;	/* [0]: room for the interpreter; its options */
				/* and the program follow; NULL-terminated */
	const char *script;	/* NULL: a module or code */
	pid_t pid;		/* what runs already, or 0 */
	uint64_t duration;	/* of that, in ns, or 0 */
	uint64_t wait;		/* for it to begin, in ns; 0: not told */
	bool rows;		/* of events; else one look */
	bool summary;		/* there is no log, but a report */
	bool quiet, report, verbose;
	unsigned mode;		/* of the log, or 0 */
	bool follow;		/* children, too */
	struct cli_limits limits;
	bool temporary;		/* the log is for the report only */
	bool first_screen;	/* the report is to fit one */
	bool preload;		/* the library of -a */
	bool snapshots;		/* SIGUSR2 is for them */
	const char *script_name;	/* of --dtrace, or NULL */
	struct run_dtrace dtrace;
};

enum {
	OPT_BUDGET = 256, OPT_BUILTINS, OPT_COLUMNS, OPT_EXCLUDE_FILE,
	OPT_EXCLUDE_TYPE, OPT_DTRACE, OPT_FAIL_GROWTH, OPT_FAIL_LEAK,
	OPT_FOLLOW, OPT_GC_COLLECT, OPT_HEAP_SNAPSHOT, OPT_INCLUDE_FILE,
	OPT_INCLUDE_FUNCTION, OPT_INCLUDE_TYPE, OPT_MAX_SIZE, OPT_MESSAGE,
	OPT_MODE, OPT_NATIVE, OPT_NO_BUILTINS, OPT_OBJECTS, OPT_OPCODES,
	OPT_PID, OPT_PROBES, OPT_PYTHON, OPT_PYTHON_OPTION, OPT_REPORT,
	OPT_RING, OPT_RSS, OPT_SAMPLE, OPT_STACK, OPT_SUMMARY, OPT_TEXT,
	OPT_THREADS, OPT_TOP, OPT_TRIGGER, OPT_TYPE_NAMES, OPT_WAIT,
	OPT_WHOLE_PATHS,
};

/* Headings of --help. */
enum { FOR_CHANGES = 4, FOR_REFERENCES, FOR_ALLOCATIONS, GROUPS };

struct run_parsing {
	struct run_options *options;
	struct run_board *board;
	size_t argc;		/* of options->argv */
	bool has_program;
	int tracer;		/* the key of its option, or 0 */
	const char *output;	/* what -o says, or NULL */
	const char *sample;	/* what --sample says, "" too, or NULL */
	bool summary, rows, periodic, stack;	/* which options were there */
	int limit;		/* the key of --max-size or --ring, or 0 */
	const char *last_of[GROUPS];	/* options below each heading */
};

/*
 * For cli_option_set(); the input of argp is a struct run_parsing, the struct
 * to fill its options.
 */
extern const struct cli_option run_settings[];

/* From SCRIPT, or what comes next, on the line belongs to the program. */
void run_take_script(struct argp_state *state, char *script);

/* Put what --sample says on the board, once it is known of what tracer. */
void run_put_sample(struct argp_state *state);

/* Put a setting on the board, or end the process with RUN_FAILED. */
void run_setting_put(struct run_board *board, const char *key,
		     const char *value);

#endif
