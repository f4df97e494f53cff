/* SPDX-License-Identifier: MIT */
/* json.h - pmt-tree's samples as JSON, whole at every moment. */
#ifndef PMT_TREE_JSON_H
#define PMT_TREE_JSON_H

#include "proc/procfs.h"
#include "tree/columns.h"

struct tree_json;

/*
 * Make FILE, an array of samples.  Each sample is written together with the
 * bracket that ends the array, over the bracket before: so a file is valid
 * JSON whenever we are killed.  Ends the program when it cannot.
 */
struct tree_json *tree_json_open(const char *file);

void tree_json_write(struct tree_json *json, struct pmt_procfs *fs,
		     const struct tree_sample *sample);

/* NULL is allowed. */
void tree_json_close(struct tree_json *json);

#endif
