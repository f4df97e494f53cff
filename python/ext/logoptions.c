/* SPDX-License-Identifier: MIT */
#include <config.h>

#include "logoptions.h"

#include <stdlib.h>
#include <string.h>

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
parse_format(struct log_options *options, const char *format)
{
	const char *path = options->filepath;
	size_t size = path == NULL ? 0 : strlen(path);

	options->compact = size > 4 && strcmp(path + size - 4, ".pmt") == 0;
	if (format == NULL)
		return 0;
	options->compact = strcmp(format, "compact") == 0;
	if (options->compact || strcmp(format, "text") == 0)
		return 0;
	PyErr_Format(PyExc_ValueError,
		     "format must be \"text\" or \"compact\", not \"%s\"",
		     format);
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
	    parse_format(options, arguments->format) < 0)
		return -1;
	return 0;
}

void
log_options_fini(struct log_options *options)
{
	free(options->message);
	free(options->filepath);
	memset(options, 0, sizeof(*options));
}
