/* SPDX-License-Identifier: MIT */
#include <config.h>

#include "profile/options.h"

#include <string.h>

#include "base/common.h"
#include "log/row.h"

const char *
profiler_kind_name(enum profiler_kind kind)
{
	static const char *const names[PROFILER_KINDS] = {
		[PROFILER_PROFILE] = "Profile",
		[PROFILER_TRACE] = "Trace",
	};

	return names[kind];
}

static int
parse_trigger(PyObject *number, int64_t *trigger)
{
	int overflow = 0;

	if (number == NULL) {
		*trigger = -1;
		return 0;
	}
	if (!PyLong_Check(number)) {
		PyErr_Format(PyExc_TypeError,
			     "d_rss_trigger must be an int, not %.200s",
			     Py_TYPE(number)->tp_name);
		return -1;
	}
	*trigger = PyLong_AsLongLongAndOverflow(number, &overflow);
	/* Every number below 0 means the same. */
	if (overflow > 0) {
		PyErr_SetString(PyExc_OverflowError,
				"d_rss_trigger must be less than 2**63 bytes");
		return -1;
	}
	return 0;
}

/* The index of TEXT in NAMES, which ends with NULL; -1 with ValueError. */
static int
parse_choice(const char *argument, const char *text, const char *const *names)
{
	for (int i = 0; names[i] != NULL; i++) {
		if (strcmp(text, names[i]) == 0)
			return i;
	}
	PyErr_Format(PyExc_ValueError, "%s must not be \"%s\"; one of the "
		     "words that help(%s) lists", argument, text, argument);
	return -1;
}

static int
parse_words(struct profiler_options *options, const char *rss,
	    const char *threads, const char *engine)
{
	static const char *const thread_names[] = { "current", "all", NULL };
	static const char *const engine_names[] = {
		[PROFILER_AUTO] = "auto",
		[PROFILER_MONITORING] = "monitoring",
		[PROFILER_LEGACY] = "legacy",
		NULL,
	};
	int choice;

	if (pmt_rss_mode_parse(rss, &options->rss) < 0) {
		PyErr_Format(PyExc_ValueError, "rss must be \"auto\", \"gap\", "
			     "\"ring\" or \"every\", not \"%s\"", rss);
		return -1;
	}
	choice = parse_choice("threads", threads, thread_names);
	if (choice < 0)
		return -1;
	options->all_threads = choice == 1;
	choice = parse_choice("engine", engine, engine_names);
	if (choice < 0)
		return -1;
	options->engine = (enum profiler_engine)choice;
	return 0;
}

int
profiler_options_init(struct profiler_options *options,
		      enum profiler_kind kind, PyObject *args,
		      PyObject *kwargs)
{
	static const char *const names[] = {
		"d_rss_trigger", "message", "filepath", "rss", "threads",
		"include_files", "exclude_files", "include_functions",
		"engine", "format", "max_size", "ring", "memory", "mode",
		"columns", "stack", "opcodes", NULL,
	};
	/* Profile has no opcodes. */
	static const char *const formats[PROFILER_KINDS] = {
		[PROFILER_PROFILE] = "|OzO$ssOOOszLLpiOO:Profile",
		[PROFILER_TRACE] = "|OzO$ssOOOszLLpiOOp:Trace",
	};
	const char *keywords[PMT_ARRAY_SIZE(names)];
	const char *rss = "auto", *threads = "current", *engine = "auto";
	PyObject *trigger = NULL, *include_files = NULL;
	PyObject *exclude_files = NULL, *include_functions = NULL;
	PyObject *columns = Py_None;
	struct log_arguments log = LOG_ARGUMENTS;
	int opcodes = 0;

	memcpy(keywords, names, sizeof(names));
	if (kind == PROFILER_PROFILE)
		keywords[PMT_ARRAY_SIZE(names) - 2] = NULL;
	if (!PyArg_ParseTupleAndKeywords(args, kwargs, formats[kind],
			(char **)(uintptr_t)keywords, &trigger, &log.message,
			&log.filepath, &rss, &threads, &include_files,
			&exclude_files, &include_functions, &engine,
			&log.format, &log.max_size, &log.ring, &log.memory,
			&log.mode, &columns, &log.stack, &opcodes))
		return -1;
	options->opcodes = opcodes;
	if (log_options_init(&options->log, &log) < 0)
		return -1;
	if (pmt_encoding_keeps_books(options->log.encoding)) {
		PyErr_Format(PyExc_ValueError, "format=\"%s\" is of "
			     "ReferenceTracing, not of %s", log.format,
			     profiler_kind_name(kind));
		return -1;
	}
	if (parse_trigger(trigger, &options->d_rss_trigger) < 0 ||
	    parse_words(options, rss, threads, engine) < 0 ||
	    log_columns_init(&options->log, columns, PMT_WITH_OWN,
			     &options->columns) < 0 ||
	    patterns_init(&options->include_files, include_files,
			  "include_files") < 0 ||
	    patterns_init(&options->exclude_files, exclude_files,
			  "exclude_files") < 0 ||
	    patterns_init(&options->include_functions, include_functions,
			  "include_functions") < 0)
		return -1;
	if (options->all_threads)
		options->columns |= PMT_WITH_THREAD;
	return 0;
}

void
profiler_options_fini(struct profiler_options *options)
{
	log_options_fini(&options->log);
	patterns_fini(&options->include_files);
	patterns_fini(&options->exclude_files);
	patterns_fini(&options->include_functions);
	memset(options, 0, sizeof(*options));
}
