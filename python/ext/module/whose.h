/* SPDX-License-Identifier: MIT */
/* whose.h - is code the program's own, or that of somebody's library? */
#ifndef PMT_WHOSE_H
#define PMT_WHOSE_H

#include "log/column.h"

enum whose {
	WHOSE_OWN,
	WHOSE_LIBRARY,	/* the standard library's, an installed package's */
	WHOSE_IMPORT,	/* what runs imports */
	WHOSE_PMT,	/* ours */
};

/*
 * Once for the process: where is the standard library?  Returns 0, or -1 with a
 * Python exception set.
 */
int whose_init(void);

/* Whose is the code of FILE?  Runs no Python code. */
enum whose whose_file(const struct pmt_column *file);

#endif
