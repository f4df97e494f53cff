/* SPDX-License-Identifier: MIT */
/* table.h - rows of a log: as a table for each process, CSV, JSON. */
#ifndef PMT_PROCESS_TABLE_H
#define PMT_PROCESS_TABLE_H

#include "process/row.h"

/* One row as CSV or as a line of JSON. */
void process_print_csv_titles(FILE *out);
void process_print_csv(FILE *out, const struct process_row *row);
void process_print_json(FILE *out, const struct process_row *row);

/*
 * Tables on standard output, one process after the other: the first as it
 * comes, the rest at the end.
 */
struct process_table;

struct process_table *process_table_new(void);
void process_table_add(struct process_table *table,
		       const struct process_row *row);

/* Print what is left, and free. */
void process_table_finish(struct process_table *table);

#endif
