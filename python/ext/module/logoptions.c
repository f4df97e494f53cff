/* SPDX-License-Identifier: MIT */
#include <config.h>

#include "module/logoptions.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/common.h"
#include "log/row.h"
#include "module/patterns.h"

static char *
copy_text(const char *text)
{
	char *copy = strdup(text);

	if (copy == NULL)
		PyErr_NoMemory();
	return copy;
}

static int
copy_path(PyObject *path, char **copy)
{
	PyObject *bytes;

	if (path == Py_None)
		return 0;
	if (!PyUnicode_FSConverter(path, &bytes))
		return -1;
	*copy = copy_text(PyBytes_AS_STRING(bytes));
	Py_DECREF(bytes);
	return *copy == NULL ? -1 : 0;
}

static int
parse_limit(struct log_options *options, long long max_size, long long ring)
{
	if (max_size != -1 && ring != -1) {
		PyErr_SetString(PyExc_ValueError,
				"max_size and ring exclude each other");
		return -1;
	}
	if (max_size < -1 || ring < -1 || max_size == 0 || ring == 0) {
		PyErr_Format(PyExc_ValueError, "%s must be more than 0 bytes",
			     max_size != -1 ? "max_size" : "ring");
		return -1;
	}
	options->ring = ring != -1;
	options->limit = options->ring ? (uint64_t)ring
			 : max_size != -1 ? (uint64_t)max_size : 0;
	return 0;
}

static int
parse_mode(struct log_options *options, int mode)
{
	/* Who writes must be able to read it, to join what a kill left. */
	if (mode != -1 && (mode < 0 || mode > 0777 || (mode & 0600) != 0600)) {
		PyErr_SetString(PyExc_ValueError, "mode must be permissions "
				"that have 0o600");
		return -1;
	}
	options->mode = mode == -1 ? 0 : (unsigned int)mode;
	return 0;
}

static int
parse_format(struct log_options *options, const char *format)
{
	static const char *const names[] = {
		[PMT_ENCODING_TEXT] = "text",
		[PMT_ENCODING_COMPACT] = "compact",
		[PMT_ENCODING_SUMMARY] = "summary",
		[PMT_ENCODING_NONE] = "none",
		[PMT_ENCODING_BOOKS] = "books",	/* for pmt-run alone */
	};
	const char *path = options->filepath;
	size_t size = path == NULL ? 0 : strlen(path);

	if (format == NULL) {
		options->encoding =
			size > 4 && strcmp(path + size - 4, ".pmt") == 0
				? PMT_ENCODING_COMPACT : PMT_ENCODING_TEXT;
		return 0;
	}
	for (size_t i = 0; i < PMT_ARRAY_SIZE(names); i++) {
		options->encoding = (enum pmt_encoding)i;
		if (strcmp(format, names[i]) == 0)
			return 0;
	}
	PyErr_Format(PyExc_ValueError, "format must be \"text\", \"compact\", "
		     "\"summary\" or \"none\", not \"%s\"", format);
	return -1;
}

/* Has what was asked for a meaning in a summary, or without one? */
static int
check_summary(struct log_options *options, PyObject *interval)
{
	bool summary = options->encoding == PMT_ENCODING_SUMMARY;
	double seconds;

	if (summary && options->limit != 0) {
		PyErr_SetString(PyExc_ValueError, "max_size and ring are of "
				"logs, a summary has none");
		return -1;
	}
	if (interval == Py_None)
		return 0;
	if (!summary) {
		PyErr_SetString(PyExc_ValueError,
				"interval needs format=\"summary\"");
		return -1;
	}
	seconds = PyFloat_AsDouble(interval);
	if (PyErr_Occurred())
		return -1;
	/* Not a number is neither. */
	if (!(seconds > 0 && seconds < 1e9)) {
		PyErr_SetString(PyExc_ValueError, "interval must be more than "
				"0 seconds, and less than 1e9");
		return -1;
	}
	options->interval = (uint64_t)(seconds * 1e9) + 1;
	return 0;
}

/* True, or how many. */
static int
parse_stack(struct log_options *options, PyObject *stack)
{
	long count;

	if (stack == Py_None || stack == Py_False)
		return 0;
	options->stack = LOG_STACK_MAX;
	if (stack == Py_True)
		return 0;
	count = PyLong_AsLong(stack);
	if (count == -1 && PyErr_Occurred())
		return -1;
	if (count < 0) {
		PyErr_SetString(PyExc_ValueError, "stack must not be negative");
		return -1;
	}
	if (count < LOG_STACK_MAX)
		options->stack = (size_t)count;
	if (count == 0 || options->encoding != PMT_ENCODING_SUMMARY)
		return 0;
	PyErr_SetString(PyExc_ValueError,
			"stack is of logs, a summary has none");
	return -1;
}

int
log_options_init(struct log_options *options,
		 const struct log_arguments *arguments)
{
	if (arguments->message != NULL) {
		options->message = copy_text(arguments->message);
		if (options->message == NULL)
			return -1;
	}
	if (copy_path(arguments->filepath, &options->filepath) < 0 ||
	    parse_limit(options, arguments->max_size, arguments->ring) < 0 ||
	    parse_mode(options, arguments->mode) < 0 ||
	    parse_format(options, arguments->format) < 0 ||
	    check_summary(options, arguments->interval) < 0 ||
	    parse_stack(options, arguments->stack) < 0)
		return -1;
	options->memory = arguments->memory ||
			  options->encoding == PMT_ENCODING_SUMMARY;
	return 0;
}

/* The bit of the column NAME, or 0 with ValueError. */
static unsigned int
parse_column(const char *name, unsigned int allowed)
{
	static const char *const names[] = { "Thread", "Wall", "Size", "Own" };
	char list[64] = "";

	for (unsigned int i = 0; i < PMT_ARRAY_SIZE(names); i++) {
		if ((allowed >> i & 1) == 0)
			continue;
		if (strcasecmp(name, names[i]) == 0)
			return 1u << i;
		if (list[0] != '\0')
			strcat(list, ", ");
		strcat(list, names[i]);
	}
	PyErr_Format(PyExc_ValueError, "columns must be of %s, not '%s'", list,
		     name);
	return 0;
}

int
log_columns_init(const struct log_options *options, PyObject *names,
		 unsigned int allowed, unsigned int *columns)
{
	struct patterns wanted;
	unsigned int column = 1;

	if (patterns_init(&wanted, names, "columns") < 0)
		return -1;
	for (size_t i = 0; i < wanted.count && column != 0; i++) {
		column = parse_column(wanted.pattern[i], allowed);
		*columns |= column;
	}
	patterns_fini(&wanted);
	/* Which of the callers are own code is what a path tells too. */
	if (options->stack > 0)
		*columns |= PMT_WITH_OWN | PMT_WITH_STACK;
	return column != 0 ? 0 : -1;
}

void
log_options_fini(struct log_options *options)
{
	free(options->message);
	free(options->filepath);
	memset(options, 0, sizeof(*options));
}
