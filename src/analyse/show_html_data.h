/* SPDX-License-Identifier: MIT */
/* show_html_data.h - what of the logs does a page carry, and how much? */
#ifndef ANALYSE_SHOW_HTML_DATA_H
#define ANALYSE_SHOW_HTML_DATA_H

#include <jansson.h>

#include "analyse/show_json.h"
#include "analyse/stacks.h"

/*
 * "measures": [name, unit]; "chosen": the index of one; "frames": [function,
 * file or null, line or 0]; "nodes": [caller, frame, a number for each
 * measure], of which the first, the root, has no frame; "courses": for each
 * measure null, or for each node by how much its own value rose from one of the
 * log's moments to the next, the first from 0.  What is less than a
 * thousandth of each measure, or more if there are more than MOST, is added to
 * its caller's own; UINT32_MAX: nothing is.
 */
json_t *page_stacks(const struct stacks *stacks, uint32_t most);

/* How the data of a page are written, for json_dumps(3). */
#define PAGE_JSON (JSON_COMPACT | JSON_ENSURE_ASCII | JSON_REAL_PRECISION(9))

/*
 * Make the logs in LIST small: long curves get fewer points, long names are
 * cut, and what stands elsewhere in the page goes.  Lines of Python files that
 * can be read get a "source".
 */
void page_data_shrink(json_t *list);

#endif
