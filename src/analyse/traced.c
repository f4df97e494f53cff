/* SPDX-License-Identifier: MIT */
#include <config.h>

#include "analyse/traced.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "analyse/jsonvalues.h"
#include "cli/begin.h"
#include "cli/cli.h"

static const char head[] = "{\"pmt-snapshot\":";

/* An escaped character of JSON: \u0041. */
enum { ESCAPE = 6 };

bool
traced_is(const char *path)
{
	char room[sizeof(head)];

	return strcmp(cli_begin(path, room, sizeof(room)).bytes, head) == 0;
}

/* The character that an escape at AT stands for, or 0. */
static unsigned long
escaped(const char *at)
{
	char digits[5];

	if (at[0] != '\\' || at[1] != 'u' ||
	    strspn(at + 2, "0123456789abcdefABCDEF") < sizeof(digits) - 1)
		return 0;
	memcpy(digits, at + 2, sizeof(digits) - 1);
	digits[sizeof(digits) - 1] = '\0';
	return strtoul(digits, NULL, 16);
}

/*
 * A byte of a name that is not UTF-8 is half a pair of surrogates, as in
 * Python, which is no JSON.  It is taken for Latin-1, as in logs.
 */
static void
mend_surrogates(char *line)
{
	char *at = line;

	while ((at = strchr(at, '\\')) != NULL) {
		unsigned long one = escaped(at);

		if (one < 0xd800 || one > 0xdfff) {
			at += at[1] != '\0' ? 2 : 1;
		} else if (one < 0xdc00 && escaped(at + ESCAPE) >= 0xdc00 &&
			   escaped(at + ESCAPE) <= 0xdfff) {
			at += 2 * ESCAPE;
		} else {
			memcpy(at + 2, one >= 0xdc80 && one <= 0xdcff
					       ? "00" : "ff", 2);
			if (at[2] == 'f')
				memcpy(at + 4, "fd", 2);
			at += ESCAPE;
		}
	}
}

/* A line of a file, whose source lines are added up: they move. */
static json_t *
file_of(const json_t *given)
{
	const json_t *line;
	double bytes = 0, blocks = 0;
	size_t i;

	json_array_foreach(json_object_get(given, "lines"), i, line) {
		bytes += json_number_value(json_array_get(line, 1));
		blocks += json_number_value(json_array_get(line, 2));
	}
	return cli_need(json_pack("{s:O, s:f, s:f}", "file",
				  json_object_get(given, "file"), "bytes",
				  json_bounded(bytes), "blocks",
				  json_bounded(blocks)));
}

static bool
is_blank(const char *line)
{
	return line[strspn(line, " \t\r\n\v\f")] == '\0';
}

/* Returns whether all of it is there, after a message if not. */
static bool
parse(FILE *file, const char *path, json_t *files)
{
	json_int_t promised = -1;
	char *line = NULL;
	size_t room = 0;
	bool whole = true;

	for (int number = 1; whole && !cli_stopped() &&
			     getline(&line, &room, file) > 0; number++) {
		json_t *json;

		if (is_blank(line))
			continue;
		mend_surrogates(line);
		json = json_loads(line, 0, NULL);
		whole = json != NULL;
		if (!whole)
			cli_warn(0, "'%s' is torn in line %d", path, number);
		if (number == 1 && json_is_integer(json_object_get(json,
								   "files")))
			promised = json_integer_value(
				json_object_get(json, "files"));
		if (json_is_string(json_object_get(json, "file")))
			json_array_append_new(files, file_of(json));
		json_decref(json);
	}
	free(line);
	if (whole && promised >= 0 &&
	    (json_int_t)json_array_size(files) < promised) {
		cli_warn(0, "'%s' is cut short: %zu of %lld files", path,
			 json_array_size(files), (long long)promised);
		whole = false;
	}
	return whole;
}

bool
traced_read(const char *path, json_t *list)
{
	FILE *file = fopen(path, "re");
	json_t *files = cli_need(json_array());
	bool whole;

	if (file == NULL) {
		cli_warn(errno, "cannot open '%s'", path);
		json_decref(files);
		return false;
	}
	errno = 0;
	whole = parse(file, path, files);
	if (ferror(file)) {
		cli_warn(errno, "cannot read '%s'", path);
		whole = false;
	}
	fclose(file);
	json_array_append_new(list, cli_need(json_pack(
		"{s:o, s:s, s:o}", "file",
		json_text((struct pmt_text){ path, strlen(path) }), "kind",
		"snapshot", "files", files)));
	return whole;
}
