/* SPDX-License-Identifier: MIT */
/* options.h - what pmt-tree was asked to do. */
#ifndef PMT_TREE_OPTIONS_H
#define PMT_TREE_OPTIONS_H

#include <stdbool.h>

#include "cli/watched.h"
#include "tree/columns.h"
#include "tree/top.h"

struct tree_arguments {
	struct watched_options watched;
	unsigned columns;	/* TREE_ */
	bool omit_first, csv, top;
	bool classic;		/* as pymemtrace prints it */
	const char *separator, *json;
	enum tree_order order;
};

/* Read the command line, or end the program as --help and mistakes do. */
void tree_parse_options(int argc, char **argv,
			struct tree_arguments *arguments);

#endif
