/* SPDX-License-Identifier: MIT */
/* report.h - what does pmt-run say once the program has ended? */
#ifndef PMT_RUN_REPORT_H
#define PMT_RUN_REPORT_H

#include <stdbool.h>

#include "run/board.h"

/*
 * Was PYTHON unfit, or no log possible, so that nothing of the program ran?
 * Then say why, and which interpreters PACKAGE serves.
 */
bool run_report_refused(const struct run_board *board, const char *python,
			const char *package);

/* The status of a program that is not ours to wait for. */
enum { RUN_UNKNOWN = -1 };

/* Where the log is and, unless QUIET, what is in it; what went wrong. */
void run_report(const struct run_board *board, int status, bool quiet);

/* Print the brief report of the log, if there is one; FIRST as in screen.h. */
void run_report_print(const struct run_board *board, bool first);

#endif
