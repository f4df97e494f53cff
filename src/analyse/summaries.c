/* SPDX-License-Identifier: MIT */
#include <config.h>

#include "analyse/summaries.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "analyse/jsonvalues.h"
#include "cli/begin.h"
#include "cli/cli.h"

enum { BEGIN = 4096, CURVE = 16 };

bool
summary_is(const char *path)
{
	static const char head[] = "File path: ";
	char text[BEGIN + 1];

	cli_begin(path, text, sizeof(text));
	return strncmp(text, head, strlen(head)) == 0 &&
	       strstr(text, "\nWritten: ") != NULL;
}

static bool
begins(const char *line, const char *with)
{
	return strncmp(line, with, strlen(with)) == 0;
}

/* "1,500"; returns what is behind, or NULL. */
static const char *
take_count(const char *text, double *count)
{
	const char *at = text + strspn(text, " ");

	*count = 0;
	if (*at < '0' || *at > '9')
		return NULL;
	for (; (*at >= '0' && *at <= '9') || *at == ','; at++)
		if (*at != ',')
			*count = 10 * *count + (*at - '0');
	return at;
}

/* "1.2 MiB", or "12.5%" of objects without sizes, which is -1. */
static const char *
take_size(const char *text, double *bytes)
{
	static const char *const units[] = {
		" B", " KiB", " MiB", " GiB", " TiB", " PiB", " EiB", "%",
	};
	char *at;
	double factor = 1;

	*bytes = strtod(text, &at);
	for (size_t i = 0; i < PMT_ARRAY_SIZE(units) && at != text; i++) {
		size_t length = strlen(units[i]);

		if (strncmp(at, units[i], length) == 0) {
			*bytes = units[i][0] == '%' ? -1 : *bytes * factor;
			return at + length;
		}
		factor *= 1024;
	}
	return NULL;
}

/* Behind the curve, whose characters may have several bytes. */
static const char *
skip_curve(const char *text)
{
	for (int i = 0; i < CURVE + 4; i++) {
		if (*text == '\0')
			return NULL;
		for (text++; (*text & 0xc0) == 0x80; text++)
			continue;
	}
	return text;
}

/* TEXT up to END, which is that of the line if there is none. */
static json_t *
json_part(const char *text, const char *end)
{
	return json_text((struct pmt_text){
		text, end != NULL ? (size_t)(end - text) : strlen(text) });
}

/* A row of the list, or NULL.  What imports made is one without a place. */
static json_t *
parse_group(const char *line, bool *placed)
{
	static const char imports[] = "made by imports";
	double count, bytes = 0;
	const char *at = take_count(line, &count), *end;
	json_t *group;

	if (at != NULL)
		at = take_size(at, &bytes);
	if (at != NULL)
		at = skip_curve(at);
	if (at == NULL || *at == '\0')
		return NULL;
	*placed = begins(at, imports);
	end = *placed ? at + strlen(imports) : strstr(at, "  ");
	group = cli_need(json_pack("{s:o, s:f}", "type", json_part(at, end),
				   "alive", json_bounded(count)));
	if (bytes >= 0)
		json_object_set_new(group, "bytes", json_real(bytes));
	return group;
}

/* "prog.py:7 serve" */
static void
set_place(json_t *group, const char *at)
{
	const char *function = strrchr(at, ' '), *colon = function;

	if (function == NULL)
		return;
	while (colon > at && *colon != ':')
		colon--;
	json_set(group, "file", json_part(at, colon > at ? colon : function));
	json_set(group, "function", json_part(function + 1, NULL));
}

/* The lines below a row: where, then "for" which own code. */
static void
add_place(json_t *group, const char *line)
{
	const char *at = line + strspn(line, " ");
	json_t *own;

	if (json_object_get(group, "own") == NULL) {
		set_place(group, at);
		/* Its own code, if nothing else follows. */
		own = cli_need(json_object());
		set_place(own, at);
		json_object_set_new(group, "own", own);
	} else if (strncmp(at, "for ", 4) == 0) {
		set_place(json_object_get(group, "own"), at + 4);
	}
}

static void
add_clock(json_t *json, const char *line)
{
	double first, last;
	const char *from = strstr(line, ", from ");

	if (from != NULL && sscanf(from, ", from %lf s to %lf s", &first,
				   &last) == 2)
		json_object_set_new(json, "clock", json_pack("[f, f]", first,
							     last));
}

/* Of the lists that there may be, the one of the end. */
static void
parse(FILE *file, json_t *json, json_t *groups)
{
	char *line = NULL;
	size_t room = 0;
	bool within = false, placed = true;
	json_t *group = NULL;

	while (getline(&line, &room, file) > 0) {
		line[strcspn(line, "\n")] = '\0';
		if (begins(line, "Rows: "))
			add_clock(json, line);
		if (begins(line, "Alive at the end"))
			within = true;
		else if (line[0] == '\0')
			within = false;
		else if (within &&
			 (group = parse_group(line, &placed)) != NULL) {
			json_array_append_new(groups, group);
			continue;
		} else if (within && !placed && json_array_size(groups) > 0) {
			add_place(json_array_get(groups, json_array_size(
					groups) - 1), line);
		}
	}
	free(line);
}

bool
summary_read(const char *path, json_t *list)
{
	FILE *file = fopen(path, "re");
	json_t *groups = cli_need(json_array()), *json;

	if (file == NULL) {
		cli_warn(errno, "cannot open '%s'", path);
		json_decref(groups);
		return false;
	}
	json = cli_need(json_pack("{s:o, s:s, s:O}", "file",
				  json_part(path, NULL), "kind", "summary",
				  "groups", groups));
	parse(file, json, groups);
	fclose(file);
	json_decref(groups);
	json_array_append_new(list, json);
	return true;
}
