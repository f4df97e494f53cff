/* SPDX-License-Identifier: MIT */
#include <config.h>

#include "analyse/show_html_data.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli/cli.h"

enum {
	POINTS = 1000,		/* of the curves of all logs, about */
	NAME = 160,		/* bytes of a string */
	PROBLEMS = 20,
	SOURCE = 200,		/* bytes of a source line */
};

/* Line LINE of the Python file PATH, or NULL if it cannot be read. */
static json_t *
source_line(const char *path, json_int_t line)
{
	size_t n = strlen(path), room = 0;
	char *text = NULL;
	struct stat status;
	json_t *json = NULL;
	FILE *file;
	int fd;

	if (n < 3 || strcmp(path + n - 3, ".py") != 0)
		return NULL;
	fd = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	if (fd == -1)
		return NULL;
	file = cli_need(fdopen(fd, "r"));
	if (fstat(fd, &status) == 0 && S_ISREG(status.st_mode))
		for (; line > 0 && getline(&text, &room, file) > 0; line--)
			if (line == 1) {
				text[strcspn(text, "\n")] = '\0';
				n = strnlen(text, SOURCE);
				json = json_text((struct pmt_text){ text, n });
			}
	free(text);
	fclose(file);
	return json;
}

static void
add_source(json_t *object)
{
	const char *path = json_string_value(json_object_get(object, "file"));
	json_int_t line = json_integer_value(json_object_get(object, "line"));
	json_t *source = NULL;

	if (path != NULL && line > 0)
		source = source_line(path, line);
	if (source != NULL)
		json_set(object, "source", source);
}

static void
shrink_text(json_t *text)
{
	size_t n = json_string_length(text);
	const char *bytes = json_string_value(text);
	char cut[NAME + 4];

	if (n <= NAME)
		return;
	/* Not within a character. */
	for (n = NAME; n > 0 && ((unsigned char)bytes[n] & 0xc0) == 0x80; n--)
		continue;
	memcpy(cut, bytes, n);
	memcpy(cut + n, "...", 3);
	json_string_setn(text, cut, n + 3);
}

/* JSON of ours is no deeper than a few levels. */
static void
shrink_all(json_t *json)
{
	const char *key;
	json_t *value;
	size_t i;

	if (json_is_string(json))
		shrink_text(json);
	json_array_foreach(json, i, value)
		shrink_all(value);
	if (!json_is_object(json))
		return;
	json_object_foreach(json, key, value)
		shrink_all(value);
	add_source(json);
}

/* Points [clock, low, high] become fewer, each of several that followed. */
static json_t *
thinner_curve(const json_t *curve, size_t points)
{
	size_t size = json_array_size(curve), each = size / points + 1;
	json_t *thin = json_array();

	for (size_t i = 0; i < size; i += each) {
		json_t *first = json_array_get(curve, i);
		json_int_t low = json_integer_value(json_array_get(first, 1));
		json_int_t high = json_integer_value(json_array_get(first, 2));

		for (size_t j = i + 1; j < i + each && j < size; j++) {
			json_t *next = json_array_get(curve, j);
			json_int_t l = json_integer_value(
				json_array_get(next, 1));
			json_int_t h = json_integer_value(
				json_array_get(next, 2));

			low = l < low ? l : low;
			high = h > high ? h : high;
		}
		json_array_append_new(thin, json_pack(
			"[O, I, I]", json_array_get(first, 0), low, high));
	}
	return thin;
}

static void
thin(json_t *log, const char *key, size_t points)
{
	const json_t *curve = json_object_get(log, key);

	if (json_array_size(curve) > points)
		json_set(log, key, thinner_curve(curve, points));
}

void
page_data_shrink(json_t *list)
{
	size_t points = POINTS / (json_array_size(list) + 1) + 50, i;
	json_t *log;

	json_array_foreach(list, i, log) {
		json_t *problems = json_object_get(log, "problems");

		/* These are among the call paths. */
		json_object_del(log, "paths");
		json_object_del(log, "stacks");
		thin(log, "curve", points);
		thin(log, "live_curve", points);
		while (json_array_size(problems) > PROBLEMS)
			json_array_remove(problems, PROBLEMS);
	}
	shrink_all(list);
}
