/* SPDX-License-Identifier: MIT */
#include <config.h>

#include "process/sink.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli/cli.h"
#include "process/metrics.h"
#include "process/row.h"
#include "process/table.h"

struct process_sink {
	const struct process_arguments *arguments;
	FILE *file;		/* NULL: OpenMetrics into a file */
	struct process_past *past;
	struct process_metrics *metrics;
};

static void
set_mode(FILE *file, const struct process_arguments *arguments)
{
	struct stat st;

	if (fstat(fileno(file), &st) == 0 && S_ISREG(st.st_mode) &&
	    fchmod(fileno(file), arguments->mode) == -1)
		cli_die(CLI_FAILED, errno, "cannot set the mode of '%s'",
			arguments->output);
}

struct process_sink *
process_sink_open(const struct process_arguments *arguments)
{
	struct process_sink *sink = calloc(1, sizeof(*sink));
	bool replace = arguments->format == PROCESS_OPENMETRICS &&
		       arguments->output != NULL;

	if (sink == NULL)
		cli_die(CLI_FAILED, ENOMEM, "cannot record");
	sink->arguments = arguments;
	sink->past = process_past_new();
	sink->metrics = process_metrics_new();
	if (arguments->output == NULL)
		sink->file = stdout;
	else if (!replace)
		sink->file = fopen(arguments->output, "ae");
	if (sink->file == NULL && !replace)
		cli_die(CLI_FAILED, errno, "cannot open '%s'",
			arguments->output);
	if (arguments->mode != 0 && !replace)
		set_mode(sink->file, arguments);
	if (arguments->format == PROCESS_CSV &&
	    (sink->file == stdout || ftell(sink->file) <= 0))
		process_print_csv_titles(sink->file);
	return sink;
}

static const char *
level_name(int level, char text[32])
{
	static const char *const names[] = {
		"NOTSET", "DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL",
	};

	if (level % 10 == 0 && level / 10 < (int)PMT_ARRAY_SIZE(names))
		return names[level / 10];
	snprintf(text, 32, "Level %d", level);
	return text;
}

/* As the format of the Python logger has it, with a comma before the ms. */
static void
print_prefix(const struct process_sink *sink,
	     const struct process_record *record)
{
	static const char *const kinds[] = { "-START", "", "-STOP" };
	char level[32];

	fprintf(sink->file, "%.19s,%.3s - pmt-process - %5d - (%-10s) - %-8s "
		"- " PROCESS_PREFIX "%s ", record->timestamp,
		record->timestamp + 20, (int)getpid(), "ProcMon",
		level_name(sink->arguments->level, level),
		kinds[record->kind]);
}

static void
print_json(const struct process_sink *sink, const struct process_record *record)
{
	bool classic = sink->arguments->format == PROCESS_CLASSIC;
	json_t *json = process_record_json(record, classic);
	char text[4096];
	size_t length;

	if (classic)
		print_prefix(sink, record);
	/* Into memory and then out takes half the time of json_dumpf(). */
	length = json_dumpb(json, text, sizeof(text), JSON_REAL_PRECISION(15));
	if (length > 0 && length <= sizeof(text))
		fwrite(text, 1, length, sink->file);
	else
		json_dumpf(json, sink->file, JSON_REAL_PRECISION(15));
	putc('\n', sink->file);
	json_decref(json);
}

static bool
print_metrics(struct process_sink *sink, const struct process_record *record,
	      const char *name)
{
	int err;

	process_metrics_set(sink->metrics, record, name);
	if (sink->file != NULL) {
		/* It has been printed, and the end says nothing new. */
		if (record->kind != PROCESS_STOP)
			process_metrics_print(sink->metrics, sink->file);
		return true;
	}
	err = process_metrics_replace(sink->metrics, sink->arguments->output,
				      sink->arguments->mode);
	if (err != 0)
		cli_warn(err, "cannot write '%s'", sink->arguments->output);
	return err == 0;
}

static bool
flushed(struct process_sink *sink)
{
	if (sink->file == NULL || fflush(sink->file) == 0)
		return true;
	/* Of standard output cli tells at the end. */
	if (sink->file != stdout)
		cli_warn(errno, "cannot write '%s'", sink->arguments->output);
	return false;
}

bool
process_sink_write(struct process_sink *sink,
		   const struct process_record *record, const char *name)
{
	struct process_row row;

	switch (sink->arguments->format) {
	case PROCESS_OPENMETRICS:
		if (!print_metrics(sink, record, name))
			return false;
		break;
	case PROCESS_CSV:
		row = process_row(sink->past, record);
		if (!record->gone)
			process_print_csv(sink->file, &row);
		break;
	case PROCESS_DEFAULT:
	case PROCESS_JSON:
	case PROCESS_CLASSIC:
		print_json(sink, record);
		break;
	}
	return flushed(sink);
}

bool
process_sink_close(struct process_sink *sink)
{
	bool fine = true;

	if (sink->file != NULL && sink->file != stdout &&
	    fclose(sink->file) != 0) {
		cli_warn(errno, "cannot write '%s'", sink->arguments->output);
		fine = false;
	}
	process_past_free(sink->past);
	process_metrics_free(sink->metrics);
	free(sink);
	return fine;
}
