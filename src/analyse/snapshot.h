/* SPDX-License-Identifier: MIT */
/* snapshot.h - is it snapshots that are to be read? */
#ifndef ANALYSE_SNAPSHOT_H
#define ANALYSE_SNAPSHOT_H

/*
 * If a file of the command line is a snapshot of tracemalloc, whose options are
 * its own, become the program that reads them.
 */
void snapshot_become_top(char **argv);

#endif
