/* SPDX-License-Identifier: MIT */
#include <config.h>

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "analyse/merge.h"
#include "analyse/show_json.h"
#include "base/units.h"
#include "cli/cli.h"
#include "cli/name.h"
#include "report/reporttext.h"

static void
print_text(const char *text)
{
	pmt_print_name(stdout, (struct pmt_text){ text, strlen(text) }, 0);
}

static void
print_size(double bytes)
{
	char text[PMT_SIZE_TEXT];

	printf("%10s", pmt_format_size(llrint(bytes), text));
}

static void
print_count(const struct merged *merged, double count)
{
	char text[PMT_NUMBER_TEXT];

	if (merged->measure->count != NULL)
		printf("%11s", pmt_format_count((uint64_t)llrint(count),
						text));
}

static void
print_log(const struct merged *merged, const struct merged_log *log)
{
	print_size(log->first);
	print_size(log->peak);
	print_size(log->last);
	print_count(merged, log->count);
	if (merged->has_bytes)
		print_size(log->bytes);
	fputs("  ", stdout);
	print_text(log->file);
	putchar('\n');
}

/* Paths are long, and those of one program alike. */
static const char *
name_of(const struct merged_log *log, bool full_path)
{
	return full_path ? log->file : cli_base_name(log->file);
}

/* What is told of each process, and of all. */
static void
print_logs(const struct merged *merged, bool full_path)
{
	struct merged_log all = { .file = "all" };

	printf("%10s%10s%10s%s%s  %s\n", "RSS first", "most", "last",
	       merged->measure->count != NULL ? "      Count" : "",
	       merged->has_bytes ? "     Bytes" : "", "Log");
	for (size_t i = 0; i < merged->log_count; i++) {
		struct merged_log log = merged->logs[i];

		all.first += log.first;
		all.peak += log.peak;
		all.last += log.last;
		all.count += log.count;
		all.bytes += log.bytes;
		if (!full_path)
			log.file = cli_base_name(log.file);
		print_log(merged, &log);
	}
	print_log(merged, &all);
	puts("A page that processes share counts in the RSS of each; the "
	     "peaks need not\nhave been at one time.");
}

/* A page that a fork shares with its parent is the parent's. */
static double
once(const struct merged *merged)
{
	double bytes = 0;

	for (size_t i = 0; i < merged->log_count; i++)
		bytes += merged->logs[i].forked ? merged->logs[i].private
						: merged->logs[i].last;
	return bytes;
}

/* At the end of each process. */
static void
print_sharing(const struct merged *merged, bool full_path)
{
	char size[PMT_SIZE_TEXT];

	if (!merged->sharing)
		return;
	printf("\n%10s%10s%10s  %s\n", "PSS", "Private", "Copied", "Log");
	for (size_t i = 0; i < merged->log_count; i++) {
		const struct merged_log *log = &merged->logs[i];

		if (!log->sharing)
			continue;
		print_size(log->pss);
		print_size(log->private);
		if (log->forked)
			print_size(log->unshared);
		else
			printf("%10s", "-");
		fputs("  ", stdout);
		print_text(name_of(log, full_path));
		putchar('\n');
	}
	printf("%10s  each page once: what forks have alone, and the RSS of "
	       "others\n", pmt_format_size(llrint(once(merged)), size));
	puts("All at the end of each.  Copied: of what a fork had from its "
	     "parent, where one\nof them wrote since, if only to count "
	     "references; gc.freeze() before it helps.");
}

static void
print_place(const struct merged_row *row, bool full_path)
{
	struct pmt_text path = { row->file, strlen(row->file) };

	if (row->file[0] != '\0')
		pmt_print_name(stdout, pmt_file_name(path, full_path), 0);
	if (row->line != 0)
		printf(":%" PRId64, (int64_t)row->line);
	if (row->function[0] != '\0') {
		putchar(' ');
		print_text(row->function);
	}
}

static void
print_row(const struct merged *merged, const struct merged_row *row,
	  const struct options *options)
{
	print_count(merged, row->count);
	if (merged->has_bytes)
		print_size(row->bytes);
	printf("%6zu  ", row->logs);
	if (row->type[0] != '\0')
		print_text(row->type);
	else
		print_place(row, options->full_path);
	if (row->growing > 0)
		printf("  (growing in %zu)", row->growing);
	if (row->type[0] != '\0' && row->file[0] != '\0') {
		printf("\n%12s", "");
		print_place(row, options->full_path);
	}
	putchar('\n');
}

static void
print_merged(const struct merged *merged, const struct options *options)
{
	printf("%zu logs, %s\n\n", merged->log_count,
	       merged->measure->subject);
	print_logs(merged, options->full_path);
	print_sharing(merged, options->full_path);
	printf("\n%s%s%6s  %s\n", merged->measure->count != NULL
	       ? "      Count" : "", merged->has_bytes ? "     Bytes" : "",
	       "Logs", "What");
	for (size_t i = 0; i < merged->row_count && !cli_stopped(); i++) {
		if (i == options->choice.top) {
			printf("%10s %" PRIu64 " more; --top 0 shows all\n",
			       "...", merged->row_count - options->choice.top);
			break;
		}
		print_row(merged, &merged->rows[i], options);
	}
}

static json_t *
json_logs(const struct merged *merged)
{
	json_t *list = cli_need(json_array());

	for (size_t i = 0; i < merged->log_count; i++) {
		const struct merged_log *log = &merged->logs[i];

		json_t *json = json_pack(
			"{s:s, s:f, s:f, s:f, s:f, s:f}", "file", log->file,
			"first", log->first, "peak", log->peak,
			"last", log->last, "count", log->count,
			"bytes", log->bytes);

		if (log->sharing) {
			json_set(json, "pss", json_real(log->pss));
			json_set(json, "private", json_real(log->private));
		}
		if (log->forked)
			json_set(json, "unshared", json_real(log->unshared));
		json_array_append_new(list, json);
	}
	return list;
}

static json_t *
json_rows(const struct merged *merged, uint64_t top)
{
	json_t *list = cli_need(json_array());

	for (size_t i = 0; i < merged->row_count && i < top; i++) {
		const struct merged_row *row = &merged->rows[i];

		json_array_append_new(list, json_pack(
			"{s:s, s:s, s:s, s:I, s:f, s:f, s:I, s:I}",
			"type", row->type, "file", row->file,
			"function", row->function, "line", row->line,
			"count", row->count, "bytes", row->bytes,
			"logs", (json_int_t)row->logs,
			"growing", (json_int_t)row->growing));
	}
	return list;
}

void
show_merged(const struct merged *merged, const struct options *options)
{
	json_t *json;

	if (!options->json) {
		print_merged(merged, options);
		return;
	}
	json = cli_need(json_pack("{s:s, s:o, s:o}",
				  "merged", merged->measure->subject,
				  "logs", json_logs(merged),
				  "rows", json_rows(merged,
						    options->choice.top)));
	if (merged->sharing)
		json_set(json, "once", json_real(once(merged)));
	json_print(json);
	json_decref(json);
}
