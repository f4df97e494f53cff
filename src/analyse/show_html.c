/* SPDX-License-Identifier: MIT */
#include <config.h>

#include "analyse/show_html.h"

#include <stdlib.h>
#include <string.h>

#include "analyse/html/page.inc"
#include "analyse/names.h"
#include "analyse/output.h"
#include "analyse/show_html_data.h"
#include "analyse/show_html_fit.h"
#include "analyse/show_stacks.h"
#include "cli/cli.h"

/* Of all logs of a page together. */
enum {
	TABLE_ROWS = 400, ROWS_LEAST = 20, REPORT_ROWS = 5,
	NODES = 2500,
	BOXES = 1000,	/* of pictures for who has no JavaScript */
};

struct options
page_text_options(const struct options *options)
{
	struct options text = *options;

	text.brief = true;
	text.utf8 = true;
	text.colour = false;
	text.choice.top = REPORT_ROWS;
	return text;
}

struct options
page_table_options(const struct options *options)
{
	struct options tables = *options;
	uint64_t rows = TABLE_ROWS / options->log_count;

	tables.choice.top = rows < ROWS_LEAST ? ROWS_LEAST : rows;
	tables.choice.fold_imports = false;
	return tables;
}

void
page_capture_begin(struct page_capture *capture)
{
	capture->given = stdout;
	capture->text = NULL;
	stdout = cli_need(open_memstream(&capture->text, &capture->size));
}

char *
page_capture_end(struct page_capture *capture)
{
	fclose(stdout);
	stdout = capture->given;
	return cli_need(capture->text);
}

/* As markup that needs no script. */
static json_t *
json_picture(const struct stacks *stacks, bool compared, uint32_t boxes)
{
	char *text = NULL;
	size_t size;
	FILE *out = cli_need(open_memstream(&text, &size));
	json_t *json;

	flamegraph_put(out, stacks, compared, boxes);
	fclose(out);
	json = json_text((struct pmt_text){ text, size });
	free(text);
	return json;
}

void
page_add(json_t *list, const char *text, const struct stacks *stacks,
	 bool compared, size_t logs)
{
	json_t *log = json_array_get(list, json_array_size(list) - 1);

	json_set(log, "report", json_text((struct pmt_text){
		text, strlen(text) }));
	if (stacks == NULL)
		return;
	json_set(log, "call_paths",
		 page_stacks(stacks, (uint32_t)(NODES / logs)));
	json_set(log, "picture", json_picture(stacks, compared,
					      (uint32_t)(BOXES / logs)));
}

static void
put_text(FILE *out, const char *text)
{
	static const struct name_escape markup[] = {
		{ '<', "&lt;" }, { '&', "&amp;" }, { '\n', "\n" }, { 0 },
	};

	name_print(out, (struct pmt_text){ text, strlen(text) }, SIZE_MAX,
		   markup);
}

static void
put_picture(FILE *out, const char *picture)
{
	if (picture != NULL)
		fprintf(out, "\n<noscript>\n%s</noscript>", picture);
}

static void
put_reports(FILE *out, const json_t *texts)
{
	json_t *text;
	size_t i;

	json_array_foreach(texts, i, text) {
		fputs("<section class=\"report\"><h2>", out);
		put_text(out, json_string_value(
			json_object_get(text, "file")));
		fputs("</h2><pre>", out);
		put_text(out, json_string_value(
			json_object_get(text, "report")));
		fputs("</pre>", out);
		put_picture(out, json_string_value(
			json_object_get(text, "picture")));
		fputs("</section>\n", out);
	}
}

/* A "<" in a string could end the element that the data stand in. */
static void
put_data(FILE *out, const json_t *list)
{
	char *data = cli_need(json_dumps(list, PAGE_JSON));

	for (const char *p = data; *p != '\0'; p++)
		if (*p == '<')
			fputs("\\u003c", out);
		else
			putc(*p, out);
	free(data);
}

static void
put_page(FILE *out, const json_t *list, const json_t *texts)
{
	for (size_t i = 0; i < PMT_ARRAY_SIZE(page_lines); i++) {
		if (strcmp(page_lines[i], "@REPORTS@\n") == 0)
			put_reports(out, texts);
		else if (strcmp(page_lines[i], "@DATA@\n") == 0)
			put_data(out, list);
		else
			fputs(page_lines[i], out);
	}
}

/* What page_add() put among the data is not for the script. */
static json_t *
take_texts(json_t *list)
{
	static const char *const keys[] = { "file", "report", "picture" };
	json_t *texts = cli_need(json_array()), *log;
	size_t i;

	json_array_foreach(list, i, log) {
		json_t *text = cli_need(json_object());

		for (size_t k = 0; k < PMT_ARRAY_SIZE(keys); k++) {
			json_t *value = json_object_get(log, keys[k]);

			if (value != NULL)
				json_set(text, keys[k], json_incref(value));
			if (k > 0)
				json_object_del(log, keys[k]);
		}
		/* The name there will be cut. */
		json_set(log, "file", json_copy(json_object_get(log, "file")));
		json_array_append_new(texts, text);
	}
	return texts;
}

bool
page_write(json_t *list, const struct options *options)
{
	FILE *out = output_open(options->out);
	json_t *texts;

	if (out == NULL)
		return false;
	texts = take_texts(list);
	page_data_shrink(list);
	page_fit(list, texts);
	put_page(out, list, texts);
	json_decref(texts);
	return output_close(out, options->out);
}
