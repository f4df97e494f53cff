/* SPDX-License-Identifier: MIT */
/* memoryreport.h - where is the memory, as a table? */
#ifndef PMT_MEMORYREPORT_H
#define PMT_MEMORYREPORT_H

#include <stdio.h>

#include "books/footprints.h"

/*
 * Print RSS and its shares at the start, the peak and the end, in MiB, and what
 * forks share; of a log that has noted nothing but RSS, one line.
 */
void pmt_print_footprints(FILE *out, const struct pmt_footprints *footprints);

#endif
