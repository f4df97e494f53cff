/* SPDX-License-Identifier: MIT */
#include <config.h>

#include "tree/json.h"

#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/cli.h"
#include "cli/commandline.h"
#include "cli/json.h"
#include "tree/text.h"

struct tree_json {
	const char *path;
	int fd;
	off_t end;		/* where the next sample goes */
	bool stream;		/* a pipe: the bracket comes at the close */
};

static void
write_all(struct tree_json *json, const char *text, size_t length)
{
	off_t at = json->end;
	ssize_t n;

	for (; length > 0; text += n, length -= (size_t)n, at += n) {
		n = json->stream ? write(json->fd, text, length) :
		    pwrite(json->fd, text, length, at);
		if (n == -1 && errno == EINTR)
			n = 0;
		if (n == -1)
			cli_die(CLI_FAILED, errno, "cannot write '%s'",
				json->path);
	}
}

struct tree_json *
tree_json_open(const char *file)
{
	struct tree_json *json = calloc(1, sizeof(*json));

	if (json == NULL)
		cli_die(CLI_FAILED, ENOMEM, "cannot open '%s'", file);
	json->path = file;
	json->fd = open(file, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
	if (json->fd == -1)
		cli_die(CLI_FAILED, errno, "cannot open '%s'", file);
	json->stream = lseek(json->fd, 0, SEEK_CUR) == -1;
	if (json->stream)
		return json;
	write_all(json, "[\n]\n", 4);
	return json;
}

static json_t *
number_value(const struct tree_column *column, const struct tree_cell *cell)
{
	if (column->kind == TREE_CPU_PERCENT)
		return json_real(round(cell->value * 100) / 100);
	if (column->unit == 1e9)
		return json_real(cell->value / 1e9);
	return json_integer((json_int_t)cell->value);
}

static void
add_columns(json_t *object, const struct tree_sample *sample,
	    const struct pmt_proctree_node *node)
{
	json_t *denied = json_array();
	struct tree_cell cell;

	for (size_t i = 0; i < tree_column_count; i++) {
		const struct tree_column *column = &tree_columns[i];

		if ((column->option & sample->options) == 0)
			continue;
		if (column->kind == TREE_STATE) {
			if (node != NULL)
				json_object_set_new(object, column->name,
					cli_json_string(pmt_proc_state_name(
						node->now.state)));
			continue;
		}
		cell = node == NULL ? sample->totals[i] :
		       tree_cell(column, node, sample->elapsed);
		if (cell.state == TREE_DENIED)
			json_array_append_new(denied,
					      cli_json_string(column->name));
		/* A total that lacks the denied is still a lower bound. */
		json_object_set_new(object, column->name,
			cell.state == TREE_KNOWN || node == NULL ?
			number_value(column, &cell) : json_null());
	}
	if (json_array_size(denied) > 0)
		json_object_set(object, "denied", denied);
	json_decref(denied);
}

static json_t *
process_value(struct pmt_procfs *fs, const struct tree_sample *sample,
	      const struct pmt_proctree_node *node)
{
	json_t *object = json_object();
	char *command;

	json_object_set_new(object, "process_time",
			    json_real((double)pmt_proc_age(&node->now) / 1e9));
	json_object_set_new(object, "pid", json_integer(node->now.pid));
	json_object_set_new(object, "ppid", json_integer(node->now.ppid));
	json_object_set_new(object, "name", cli_json_string(node->now.name));
	add_columns(object, sample, node);
	if ((sample->options & TREE_CMDLINE) != 0) {
		command = cli_command_line(fs, &node->now);
		if (command != NULL)
			json_object_set_new(object, "CmdLine",
					    cli_json_string(command));
		free(command);
	}
	json_object_set_new(object, "children", json_array());
	return object;
}

/* All trees of the forest; deeper[d] is where children of depth d go. */
static json_t *
forest_value(struct pmt_procfs *fs, const struct tree_sample *sample)
{
	json_t *trees = json_array(), **deeper, *object;
	size_t deepest = 0;

	for (size_t i = 0; i < sample->count; i++) {
		if (sample->nodes[i].depth > deepest)
			deepest = sample->nodes[i].depth;
	}
	deeper = calloc(deepest + 2, sizeof(*deeper));
	if (deeper == NULL)
		return trees;
	deeper[0] = trees;
	for (size_t i = 0; i < sample->count; i++) {
		unsigned depth = sample->nodes[i].depth;

		object = process_value(fs, sample, &sample->nodes[i]);
		deeper[depth + 1] = json_object_get(object, "children");
		json_array_append_new(deeper[depth], object);
	}
	free(deeper);
	return trees;
}

/* The root's own fields on top, as ever; beside them who lost it. */
static json_t *
sample_value(struct pmt_procfs *fs, const struct tree_sample *sample)
{
	json_t *value = json_object(), *totals = json_object();
	json_t *trees = forest_value(fs, sample);
	char now[CLI_JSON_TIME];

	json_object_set_new(value, "timestamp",
			    cli_json_string(cli_json_now(now)));
	json_object_set_new(value, "process_time", json_real(sample->age));
	if (sample->count > 0 && !sample->nodes[0].adopted) {
		json_object_update(value, json_array_get(trees, 0));
		json_array_remove(trees, 0);
	}
	if (json_array_size(trees) > 0)
		json_object_set(value, "adopted", trees);
	json_decref(trees);
	json_object_set_new(totals, "processes",
			    json_integer((json_int_t)sample->count));
	add_columns(totals, sample, NULL);
	json_object_set_new(value, "total", totals);
	return value;
}

void
tree_json_write(struct tree_json *json, struct pmt_procfs *fs,
		const struct tree_sample *sample)
{
	json_t *value = sample_value(fs, sample);
	char *text = json_dumps(value, JSON_COMPACT | JSON_ENSURE_ASCII |
				       JSON_REAL_PRECISION(12));
	bool first = json->end == 0;
	char *whole;
	int length;

	json_decref(value);
	length = text == NULL ? -1 :
		 asprintf(&whole, "%s%s%s", first ? "[\n" : ",\n", text,
			  json->stream ? "" : "\n]\n");
	free(text);
	if (length == -1)
		cli_die(CLI_FAILED, ENOMEM, "cannot write '%s'", json->path);
	write_all(json, whole, (size_t)length);
	free(whole);
	json->end += length - (json->stream ? 0 : 3);
}

void
tree_json_close(struct tree_json *json)
{
	if (json == NULL)
		return;
	if (json->stream)
		write_all(json, json->end == 0 ? "[]\n" : "\n]\n", 3);
	if (close(json->fd) == -1)
		cli_die(CLI_FAILED, errno, "cannot write '%s'", json->path);
	free(json);
}
