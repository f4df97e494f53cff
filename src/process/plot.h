/* SPDX-License-Identifier: MIT */
/* plot.h - a log as pictures: RSS, CPU and page faults over time. */
#ifndef PMT_PROCESS_PLOT_H
#define PMT_PROCESS_PLOT_H

#include "process/row.h"

/*
 * For each process, files LOG_PID.dat, .plt, .png and .svg in DIRECTORY, and
 * LOG_PID_labels.dat if it has labels.
 */
struct process_plot;

/* Makes DIRECTORY when it is not there, or ends the program. */
struct process_plot *process_plot_new(const char *log, const char *directory);
void process_plot_add(struct process_plot *plot,
		      const struct process_row *row);

/*
 * Write the files, run gnuplot, and free.  Returns an exit status; without
 * gnuplot the data and the script are there all the same.
 */
int process_plot_finish(struct process_plot *plot);

#endif
