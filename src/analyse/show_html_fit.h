/* SPDX-License-Identifier: MIT */
/* show_html_fit.h - what goes from a page that would be too big? */
#ifndef ANALYSE_SHOW_HTML_FIT_H
#define ANALYSE_SHOW_HTML_FIT_H

#include <jansson.h>

/*
 * Of LIST, the logs, and of TEXTS, the first screen and picture of each, drop
 * what is of least worth until both together take less than 2 MiB: pictures,
 * the part of the time of call paths, rows of tables, the last of all logs,
 * which is told.
 */
void page_fit(json_t *list, json_t *texts);

#endif
