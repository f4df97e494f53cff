/* SPDX-License-Identifier: MIT */
/* database.h - a SQLite file that is there whole or not at all. */
#ifndef ANALYSE_DATABASE_H
#define ANALYSE_DATABASE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/text.h"

struct database;
struct database_table;

/*
 * Begin a file that is to take the place of PATH, beside it under a name of
 * its own, with the tables of SCHEMA.  All is one transaction.  Returns NULL,
 * after a message, if it cannot be made.  Where memory is short all of these
 * end the program.
 */
struct database *database_create(const char *path, const char *schema);

/* KEEP and no error so far: it is PATH now; else it is gone.  Returns which. */
bool database_close(struct database *database, bool keep);

/* Did writing fail?  It goes on without effect. */
bool database_failed(const struct database *database);

/*
 * Rows for a table of COLUMNS columns; lasts as long as the database.  Set the
 * columns, which count from 1, of one row and insert it: what is not set is
 * NULL.  Text is copied as name_utf8() does.
 */
struct database_table *database_table(struct database *database,
				      const char *name, unsigned int columns);
void database_integer(struct database_table *table, int column,
		      int64_t value);
void database_real(struct database_table *table, int column, double value);
void database_text(struct database_table *table, int column,
		   struct pmt_text text);
void database_insert(struct database_table *table);

#endif
