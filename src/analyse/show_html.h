/* SPDX-License-Identifier: MIT */
/* show_html.h - how do logs become one page for a browser? */
#ifndef ANALYSE_SHOW_HTML_H
#define ANALYSE_SHOW_HTML_H

#include <jansson.h>
#include <stdbool.h>
#include <stdio.h>

#include "analyse/options.h"
#include "analyse/reading.h"
#include "analyse/stacks.h"

/*
 * The options for the reports of a page of COUNT logs: the first screen as
 * text for any terminal, tables of so many rows that all fit in a page.
 */
struct options page_text_options(const struct options *options);
struct options page_table_options(const struct options *options);

/* What is printed to standard output meanwhile. */
struct page_capture {
	FILE *given;
	char *text;
	size_t size;
};

void page_capture_begin(struct page_capture *capture);

/* The text, for the caller to free. */
char *page_capture_end(struct page_capture *capture);

/*
 * To the last object of LIST, which is a log's JSON, add its first screen, the
 * text TEXT, and its call paths; STACKS may be NULL.  COMPARED: their measures
 * are what is new and what was old.  The page will be about LOGS logs.
 */
void page_add(json_t *list, const char *text, const struct stacks *stacks,
	      bool compared, size_t logs);

/*
 * Write the page about LIST to options->out.  Returns false, after a message,
 * when it could not be written.
 */
bool page_write(json_t *list, const struct options *options);

#endif
