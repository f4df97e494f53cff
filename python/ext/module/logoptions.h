/* SPDX-License-Identifier: MIT */
/* logoptions.h - what users ask of a log, whichever tracer writes it. */
#ifndef PMT_LOGOPTIONS_H
#define PMT_LOGOPTIONS_H

#include "log/encoding.h"
#include "module/compat.h"

/* More callers than that no row has (callpath.h). */
enum { LOG_STACK_MAX = 1024 };

/* Strings are malloc's and the options' own. */
struct log_options {
	char *message;		/* before the log; UTF-8, or NULL */
	char *filepath;		/* as given, or NULL */
	enum pmt_encoding encoding;
	uint64_t interval;	/* between summaries, nanoseconds; 0: none */
	uint64_t limit;		/* bytes, see recorder.h; 0: none */
	bool ring;
	unsigned int mode;	/* of the file; 0: 0600 */
	bool memory;		/* note where it is; a summary always does */
	size_t stack;		/* callers told of an event, 0: none */
};

/* Arguments as Python gave them; set to LOG_ARGUMENTS before parsing. */
struct log_arguments {
	const char *message;	/* or NULL */
	PyObject *filepath;	/* borrowed; None or what os.fspath() takes */
	const char *format;	/* "text", "compact", ..., or NULL */
	PyObject *interval;	/* borrowed; seconds, or None */
	long long max_size;	/* bytes, or -1; excludes ring */
	long long ring;
	int memory;		/* a truth value */
	int mode;		/* permissions, or -1 */
	PyObject *stack;	/* borrowed; an int, or a truth value */
};

#define LOG_ARGUMENTS { \
	NULL, Py_None, NULL, Py_None, -1, -1, 0, -1, Py_False \
}

/*
 * Check ARGUMENTS and copy them to *options, which is all zeroes; without a
 * format a filepath that ends in ".pmt" says compact.  Returns 0, or -1 with a
 * Python exception set; log_options_fini() is due in either case.
 */
int log_options_init(struct log_options *options,
		     const struct log_arguments *arguments);

/*
 * *columns: those that the iterable NAMES lists, all of them in ALLOWED, and
 * what OPTIONS ask for.  Returns 0, or -1 with a Python exception set.
 */
int log_columns_init(const struct log_options *options, PyObject *names,
		     unsigned int allowed, unsigned int *columns);

void log_options_fini(struct log_options *options);

#endif
