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
	FILE *row;		/* a stream to text, for each row of the rest */
	char *text;
	size_t length;
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

/* A row as it grows, all but its label; printf(3) is slow for a million. */
struct line {
	char bytes[512];
	size_t length;
};

/* TEXT in a column of WIDTH, at its right end. */
static void
put_right(struct line *line, const char *text, size_t length, size_t width)
{
	size_t blanks = length < width ? width - length : 0;

	memset(line->bytes + line->length, ' ', blanks);
	memcpy(line->bytes + line->length + blanks, text, length);
	line->length += blanks + length;
}

/* NUMBER before END, of which it returns the begin. */
static char *
put_digits(char *end, uint64_t number)
{
	do {
		*--end = (char)('0' + number % 10);
		number /= 10;
	} while (number > 0);
	return end;
}

enum { TENTHS_TEXT = 32 };

/*
 * VALUE as "%.1f" has it, but for what no process ever was.  What lies in the
 * middle of two tenths, but for the error of multiplying, is left to printf(3),
 * which knows all of its digits.
 */
static size_t
format_tenths(double value, char text[TENTHS_TEXT])
{
	char *end = text + 24, *begin;
	double tenths = value * 10, down = floor(tenths);
	double part = tenths - down;
	uint64_t number;

	if (!(fabs(value) < 1e12))
		return (size_t)snprintf(text, TENTHS_TEXT, "%.6g", value);
	if (value < 0 || fabs(part - 0.5) < 1e-3)
		return (size_t)snprintf(text, TENTHS_TEXT, "%.1f", value);
	number = (uint64_t)down + (part > 0.5);
	*--end = (char)('0' + number % 10);
	*--end = '.';
	begin = put_digits(end, number / 10);
	memmove(text, begin, (size_t)(text + 24 - begin));
	return (size_t)(text + 24 - begin);
}

static void
put_number(struct line *line, double value, const char *unit)
{
	char text[TENTHS_TEXT + 1] = "-";
	size_t length = 1;

	if (!isnan(value)) {
		length = format_tenths(value, text);
		strcpy(text + length, unit);
		length += strlen(unit);
	}
	line->bytes[line->length++] = ' ';
	put_right(line, text, length, 12);
}

static void
put_count(struct line *line, uint64_t number, size_t width)
{
	char text[24], *begin = put_digits(text + sizeof(text), number);

	line->bytes[line->length++] = ' ';
	put_right(line, begin, (size_t)(text + sizeof(text) - begin), width);
}

static bool
is_plain(const char *text)
{
	for (; *text != '\0'; text++)
		if (*text < ' ' || *text > '~' || *text == '\\')
			return false;
	return true;
}

/* As datetime.isoformat() has it: a T between date and time. */
static void
put_timestamp(struct line *line, const char *from)
{
	char text[64], escaped[PMT_ESCAPED_SIZE(sizeof(text))];
	const char *shown = text;
	size_t length = strlen(from);

	memcpy(text, from, length + 1);
	if (length > 10 && text[10] == ' ')
		text[10] = 'T';
	if (!is_plain(text)) {
		pmt_escape_text(text, length, escaped);
		shown = escaped;
		length = strlen(escaped);
	}
	line->bytes[line->length++] = ' ';
	memcpy(line->bytes + line->length, shown, length);
	line->length += length;
	for (; length < 26; length++)
		line->bytes[line->length++] = ' ';
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
	struct line line = { .length = 0 };
	char text[TENTHS_TEXT];
	size_t length = format_tenths(record->elapsed, text);

	memcpy(line.bytes, text, length);
	for (line.length = length; line.length < 12; line.length++)
		line.bytes[line.length] = ' ';
	put_count(&line, record->rss, 12);
	put_number(&line, row->faults_per_s, "");
	put_number(&line, record->user, "");
	put_number(&line, 100 * row->mean_cpu, "%");
	put_number(&line, 100 * row->inst_cpu, "%");
	put_timestamp(&line, record->timestamp);
	put_count(&line, (uint64_t)record->pid, 6);
	fwrite(line.bytes, 1, line.length, out);
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
	table->row = open_memstream(&table->text, &table->length);
	if (table->row == NULL)
		cli_die(CLI_FAILED, errno, "cannot print");
	return table;
}

void
process_table_add(struct process_table *table, const struct process_row *row)
{
	if (table->first == 0) {
		table->first = row->record->pid;
		titles(stdout, table->first);
	}
	if (row->record->pid == table->first) {
		print(stdout, row);
		return;
	}
	rewind(table->row);
	print(table->row, row);
	if (fflush(table->row) != 0)
		cli_die(CLI_FAILED, errno, "cannot print");
	process_spool_add(table->rest, row->record->pid, table->text,
			  table->length);
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
	fclose(table->row);
	free(table->text);
	free(table);
}
