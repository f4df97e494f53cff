/* SPDX-License-Identifier: MIT */
#include <config.h>

#include "cli/recordlog.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <zlib.h>

#include "cli/cli.h"
#include "cli/recordquick.h"

/* A record has some hundred bytes; a longer line is none. */
#define LINE_SIZE (1 << 20)

struct reader {
	gzFile file;
	char *line;
	uint64_t number;
	bool too_long;
};

static bool
next_line(struct reader *reader)
{
	size_t length;

	if (gzgets(reader->file, reader->line, LINE_SIZE) == NULL)
		return false;
	reader->number++;
	reader->too_long = false;
	length = strlen(reader->line);
	while (length == LINE_SIZE - 1 && reader->line[length - 1] != '\n') {
		char rest[4096];

		reader->too_long = true;
		if (gzgets(reader->file, rest, sizeof(rest)) == NULL)
			break;
		length = strlen(rest);
		if (length < sizeof(rest) - 1 || rest[length - 1] == '\n')
			break;
		length = LINE_SIZE - 1;
	}
	return true;
}

/*
 * Where the JSON of LINE begins: behind the prefix, or at the begin.  NULL:
 * there is none.  MUST_BE is set when it can be nothing but a record.
 */
static char *
find_json(char *line, enum process_kind *kind, bool *must_be)
{
	char *at = strstr(line, PROCESS_PREFIX);

	*kind = PROCESS_SAMPLE;
	*must_be = at != NULL;
	if (at == NULL) {
		at = line + strspn(line, " \t");
		return *at == '{' ? at : NULL;
	}
	at += strlen(PROCESS_PREFIX);
	if (strncmp(at, "-START", 6) == 0) {
		*kind = PROCESS_START;
		at += 6;
	} else if (strncmp(at, "-STOP", 5) == 0) {
		*kind = PROCESS_STOP;
		at += 5;
	}
	at += strspn(at, " \t");
	/* A program may speak of the prefix without writing a record. */
	return *at == '{' ? at : NULL;
}

static void
take_record(struct process_record *record, enum process_kind kind,
	    struct process_log_stats *stats,
	    void (*take)(const struct process_record *, void *), void *with)
{
	if (kind != PROCESS_SAMPLE)
		record->kind = kind;
	stats->records++;
	take(record, with);
}

/* Returns whether LINE is fine, be it a record or something else. */
static bool
take_line(char *line, struct process_log_stats *stats,
	  void (*take)(const struct process_record *, void *), void *with)
{
	struct process_record record;
	enum process_kind kind;
	bool must_be, is_record;
	char *text = find_json(line, &kind, &must_be);
	json_error_t error;
	json_t *json;

	if (text == NULL)
		return true;
	if (process_quick_parse(text, &record)) {
		take_record(&record, kind, stats, take, with);
		return true;
	}
	json = json_loads(text, JSON_DISABLE_EOF_CHECK, &error);
	if (json == NULL)
		return false;
	is_record = process_record_parse(json, &record);
	if (is_record)
		take_record(&record, kind, stats, take, with);
	json_decref(json);
	return is_record || !must_be;
}

static gzFile
open_log(const char *path)
{
	gzFile file;

	errno = 0;
	if (strcmp(path, "-") == 0)
		file = gzdopen(dup(STDIN_FILENO), "rb");
	else
		file = gzopen(path, "rb");
	if (file == NULL)
		cli_die(CLI_FAILED, errno != 0 ? errno : ENOMEM,
			"cannot open '%s'", path);
	gzbuffer(file, 1 << 16);
	return file;
}

void
process_log_read(const char *path, struct process_log_stats *stats,
		 void (*take)(const struct process_record *, void *),
		 void *with)
{
	struct reader reader = { .file = open_log(path) };
	const char *why;
	int error, saved;

	*stats = (struct process_log_stats){ 0 };
	reader.line = malloc(LINE_SIZE);
	if (reader.line == NULL)
		cli_die(CLI_FAILED, ENOMEM, "cannot read '%s'", path);
	errno = 0;
	while (!cli_stopped() && next_line(&reader)) {
		if (reader.too_long ||
		    !take_line(reader.line, stats, take, with)) {
			if (stats->broken++ == 0)
				stats->first_broken = reader.number;
		}
		cli_progress("%ju records", (uintmax_t)stats->records);
		errno = 0;
	}
	saved = errno;
	cli_progress_end();
	why = gzerror(reader.file, &error);
	if (error == Z_ERRNO)
		cli_warn(saved, "cannot read '%s' behind line %ju", path,
			 (uintmax_t)reader.number);
	else if (error != Z_OK && error != Z_STREAM_END)
		cli_warn(0, "'%s' is torn behind line %ju: %s", path,
			 (uintmax_t)reader.number, why);
	gzclose(reader.file);
	free(reader.line);
}
