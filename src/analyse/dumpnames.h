/* SPDX-License-Identifier: MIT */
/* dumpnames.h - how do the names of a log that was read look in its text? */
#ifndef ANALYSE_DUMPNAMES_H
#define ANALYSE_DUMPNAMES_H

#include <stddef.h>
#include <stdint.h>

#include "log/row.h"
#include "log/sites.h"

/* As many callers as a tracer tells of; a damaged log may have more. */
enum { DUMPNAMES_CALLERS = 1024 };

/* Columns, each made once: a row points to several.  Set sites alone. */
struct dumpnames {
	const struct pmt_sites *sites;
	struct dumpnames_columns {
		struct pmt_column **column;	/* by the number of the name */
		uint32_t count;
	} types, files, functions;
	struct pmt_caller list[DUMPNAMES_CALLERS];
	struct pmt_callers callers;
};

/* The column of a name, until the end.  Without memory the program ends. */
const struct pmt_column *dumpnames_type(struct dumpnames *names,
					uint32_t name);
const struct pmt_column *dumpnames_file(struct dumpnames *names,
					uint32_t name);
const struct pmt_column *dumpnames_function(struct dumpnames *names,
					    uint32_t name);

/* For whom something happened at SITE. */
struct pmt_own dumpnames_own(struct dumpnames *names,
			     const struct pmt_site *site);

/* Its callers, until the next call; NULL: they are not known. */
const struct pmt_callers *dumpnames_callers(struct dumpnames *names,
					    const struct pmt_site *site);

void dumpnames_fini(struct dumpnames *names);

#endif
