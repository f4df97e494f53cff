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
 * measure], of which the first, the root, has no frame.  What is less than a
 * thousandth of each measure, or more if one of LOGS would not fit the page,
 * is added to its caller's own.
 */
json_t *page_stacks(const struct stacks *stacks, size_t logs);

/*
 * Make the logs in LIST, which are as page_add() left them, fit a page: long
 * curves get fewer points, long names are cut, and what stands elsewhere in
 * the page goes.  Lines of Python files that can be read get a "source".
 */
void page_data_shrink(json_t *list);

#endif
