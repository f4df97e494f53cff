/* SPDX-License-Identifier: MIT */
/* spool.h - text for many processes, given in any order, kept apart. */
#ifndef PMT_PROCESS_SPOOL_H
#define PMT_PROCESS_SPOOL_H

#include <stddef.h>
#include <stdio.h>
#include <sys/types.h>

/*
 * A log may hold many processes and more lines than memory.  What is written
 * for each goes to one unnamed temporary file in blocks, and comes back by
 * process.  All end the program with a message when that file fails.
 */
struct process_spool;

struct process_spool *process_spool_new(void);

/* Returns PID's number among the processes. */
size_t process_spool_add(struct process_spool *spool, pid_t pid,
			 const char *text, size_t length);

/* How many processes; their pids in the order that they came. */
size_t process_spool_count(const struct process_spool *spool);
pid_t process_spool_pid(const struct process_spool *spool, size_t i);

/* Write all text of number I to OUT, whose errors are OUT's. */
void process_spool_copy(struct process_spool *spool, size_t i, FILE *out);

/* NULL is allowed. */
void process_spool_free(struct process_spool *spool);

#endif
