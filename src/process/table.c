/* SPDX-License-Identifier: MIT */
#include <config.h>

#include "process/table.h"

#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/escape.h"
#include "cli/cli.h"
#include "cli/csv.h"
#include "cli/json.h"
#include "cli/name.h"
#include "process/spool.h"

#define RULE_WIDTH 75

static void
csv_number(FILE *out, double value)
{
	if (!isnan(value))
		fprintf(out, "%.6g", value);
	putc(',', out);
}

void
process_print_csv_titles(FILE *out)
{
	fputs("t,rss,page_faults_per_s,user,system,mean_cpu_percent,"
	      "inst_cpu_percent,timestamp,pid,label\r\n", out);
}

void
process_print_csv(FILE *out, const struct process_row *row)
{
	const struct process_record *record = row->record;

	fprintf(out, "%.6f,%" PRIu64 ",", record->elapsed, record->rss);
	csv_number(out, row->faults_per_s);
	fprintf(out, "%.6g,%.6g,", record->user, record->system);
	csv_number(out, 100 * row->mean_cpu);
	csv_number(out, 100 * row->inst_cpu);
	cli_csv_field(out, record->timestamp, ",");
	fprintf(out, ",%d,", (int)record->pid);
	cli_csv_field(out, record->label != NULL ? record->label : "", ",");
	fputs("\r\n", out);
}

static json_t *
number_or_null(double value)
{
	return isnan(value) ? json_null() : json_real(value);
}

void
process_print_json(FILE *out, const struct process_row *row)
{
	const struct process_record *record = row->record;
	json_t *json = json_object();

	json_object_set_new(json, "t", json_real(record->elapsed));
	json_object_set_new(json, "rss", json_integer((json_int_t)record->rss));
	json_object_set_new(json, "page_faults_per_s",
			    number_or_null(row->faults_per_s));
	json_object_set_new(json, "user", json_real(record->user));
	json_object_set_new(json, "system", json_real(record->system));
	json_object_set_new(json, "mean_cpu_percent",
			    number_or_null(100 * row->mean_cpu));
	json_object_set_new(json, "inst_cpu_percent",
			    number_or_null(100 * row->inst_cpu));
	json_object_set_new(json, "timestamp",
			    cli_json_string(record->timestamp));
	json_object_set_new(json, "pid", json_integer(record->pid));
	if (record->label != NULL)
		json_object_set_new(json, "label",
				    cli_json_string(record->label));
	json_dumpf(json, out, JSON_COMPACT | JSON_ENSURE_ASCII |
		   JSON_REAL_PRECISION(12));
	putc('\n', out);
	json_decref(json);
}

struct process_table {
	struct process_spool *rest;
	pid_t first;		/* 0: nothing came yet */
};

static void
rule(FILE *out, pid_t pid, const char *end)
{
	char text[64];
	int length = snprintf(text, sizeof(text), " PID: %d%s ", (int)pid, end);
	int left = (RULE_WIDTH - length) / 2;

	for (int i = 0; i < left; i++)
		putc('-', out);
	fputs(text, out);
	for (int i = left + length; i < RULE_WIDTH; i++)
		putc('-', out);
	putc('\n', out);
}

static void
titles(FILE *out, pid_t pid)
{
	rule(out, pid, "");
	fprintf(out, "%-12s %12s %12s %12s %12s %12s %-26s %6s %s\n",
		"#t(s)", "RSS", "PageFaults/s", "User", "Mean_CPU%",
		"Inst_CPU%", "Timestamp", "PID", "Label");
}

static void
number(FILE *out, double value, const char *unit)
{
	char text[400] = "-";

	if (!isnan(value))
		snprintf(text, sizeof(text), "%.1f%s", value, unit);
	fprintf(out, " %12s", text);
}

/* As datetime.isoformat() has it: a T between date and time. */
static void
timestamp(FILE *out, const char *from)
{
	char text[64], escaped[PMT_ESCAPED_SIZE(sizeof(text))];

	snprintf(text, sizeof(text), "%s", from);
	if (strlen(text) > 10 && text[10] == ' ')
		text[10] = 'T';
	pmt_escape_text(text, strlen(text), escaped);
	fprintf(out, " %-26s", escaped);
}

static void
label(FILE *out, const char *text)
{
	char *escaped = cli_printable(text);

	fprintf(out, " # %s", escaped);
	free(escaped);
}

static void
print_row(FILE *out, const struct process_row *row)
{
	const struct process_record *record = row->record;

	fprintf(out, "%-12.1f %12" PRIu64, record->elapsed, record->rss);
	number(out, row->faults_per_s, "");
	number(out, record->user, "");
	number(out, 100 * row->mean_cpu, "%");
	number(out, 100 * row->inst_cpu, "%");
	timestamp(out, record->timestamp);
	fprintf(out, " %6d", (int)record->pid);
	if (record->label != NULL)
		label(out, record->label);
	putc('\n', out);
}

/* How it ended, if that is known. */
static void
print_end(FILE *out, const struct process_record *record)
{
	if (record->signal > 0)
		fprintf(out, "ended by signal %d, %s\n", record->signal,
			record->timestamp);
	else if (record->exit_status >= 0)
		fprintf(out, "ended with exit status %d, %s\n",
			record->exit_status, record->timestamp);
	else
		fprintf(out, "ended, %s\n", record->timestamp);
}

static void
print(FILE *out, const struct process_row *row)
{
	if (row->record->gone)
		print_end(out, row->record);
	else
		print_row(out, row);
}

struct process_table *
process_table_new(void)
{
	struct process_table *table = calloc(1, sizeof(*table));

	if (table == NULL)
		cli_die(CLI_FAILED, ENOMEM, "cannot print");
	table->rest = process_spool_new();
	return table;
}

void
process_table_add(struct process_table *table, const struct process_row *row)
{
	char *text = NULL;
	size_t length;
	FILE *out;

	if (table->first == 0) {
		table->first = row->record->pid;
		titles(stdout, table->first);
	}
	if (row->record->pid == table->first) {
		print(stdout, row);
		return;
	}
	out = open_memstream(&text, &length);
	if (out == NULL)
		cli_die(CLI_FAILED, errno, "cannot print");
	print(out, row);
	if (fclose(out) != 0)
		cli_die(CLI_FAILED, errno, "cannot print");
	process_spool_add(table->rest, row->record->pid, text, length);
	free(text);
}

void
process_table_finish(struct process_table *table)
{
	if (table->first != 0)
		rule(stdout, table->first, " DONE");
	for (size_t i = 0; i < process_spool_count(table->rest); i++) {
		pid_t pid = process_spool_pid(table->rest, i);

		titles(stdout, pid);
		process_spool_copy(table->rest, i, stdout);
		rule(stdout, pid, " DONE");
	}
	process_spool_free(table->rest);
	free(table);
}
