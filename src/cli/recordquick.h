/* SPDX-License-Identifier: MIT */
/* recordquick.h - what does a record say that is written as usual? */
#ifndef PMT_CLI_RECORDQUICK_H
#define PMT_CLI_RECORDQUICK_H

#include <stdbool.h>

#include "cli/record.h"

/*
 * Read the JSON object at TEXT, with anything behind it, into *RECORD, as
 * process_record_parse() would; its label lies in TEXT, which is changed for
 * that.  Returns false, with TEXT as it was, for what is not plain: escapes,
 * letters beyond ASCII, the same key twice, objects in objects in objects, and
 * all that is no record.
 */
bool process_quick_parse(char *text, struct process_record *record);

#endif
