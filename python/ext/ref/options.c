/* SPDX-License-Identifier: MIT */
#include <config.h>

#include "ref/options.h"

#include <string.h>

#include "base/common.h"
#include "log/row.h"
#include "module/patterns.h"
#include "sample/chosen.h"

static int
parse_type_names(const char *text, bool *qualified)
{
	if (strcmp(text, "tp_name") != 0 && strcmp(text, "qualified") != 0) {
		PyErr_Format(PyExc_ValueError,
			     "type_names must be \"tp_name\" or \"qualified\", "
			     "not \"%s\"", text);
		return -1;
	}
	*qualified = text[0] == 'q';
	return 0;
}

int
ref_options_init(struct ref_options *options, PyObject *args, PyObject *kwargs)
{
	static const char *const names[] = {
		"message", "filepath", "include_builtins", "exclude_tp_names",
		"include_tp_names", "gc_collect_on_exit", "type_names",
		"columns", "format", "max_size", "ring", "interval", "memory",
		"mode", "stack", "sample", NULL,
	};
	const char *type_names = "tp_name";
	PyObject *exclude = Py_None, *include = Py_None, *columns = Py_None;
	struct log_arguments log = LOG_ARGUMENTS;
	long long sample = 1;
	int builtins = 0;

	options->gc_generation = 2;
	if (!PyArg_ParseTupleAndKeywords(args, kwargs,
			"|zOpOOi$sOzLLOpiOL:ReferenceTracing",
			(char **)(uintptr_t)names, &log.message,
			&log.filepath, &builtins, &exclude, &include,
			&options->gc_generation, &type_names, &columns,
			&log.format, &log.max_size, &log.ring,
			&log.interval, &log.memory, &log.mode, &log.stack,
			&sample))
		return -1;
	options->filter.builtins = builtins;
	if (options->gc_generation < -1 || options->gc_generation > 2) {
		PyErr_Format(PyExc_ValueError,
			     "gc_collect_on_exit must be -1, 0, 1, 2 not %d.",
			     options->gc_generation);
		return -1;
	}
	if (sample < 1) {
		PyErr_Format(PyExc_ValueError,
			     "sample must be 1 in so many objects, not %lld",
			     sample);
		return -1;
	}
	options->sample = (uint64_t)sample;
	options->bound = pmt_chosen_bound(options->sample);
	if (log_options_init(&options->log, &log) < 0 ||
	    parse_type_names(type_names, &options->qualified) < 0 ||
	    log_columns_init(&options->log, columns, PMT_WITH_THREAD |
			     PMT_WITH_WALL | PMT_WITH_SIZE | PMT_WITH_OWN,
			     &options->columns) < 0 ||
	    patterns_init(&options->filter.exclude, exclude,
			       "exclude_tp_names") < 0 ||
	    patterns_init(&options->filter.include, include,
			       "include_tp_names") < 0)
		return -1;
	return 0;
}

void
ref_options_fini(struct ref_options *options)
{
	log_options_fini(&options->log);
	patterns_fini(&options->filter.exclude);
	patterns_fini(&options->filter.include);
	memset(options, 0, sizeof(*options));
}
