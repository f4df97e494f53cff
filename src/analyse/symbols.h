/* SPDX-License-Identifier: MIT */
/* symbols.h - what is the function at an address of a program called? */
#ifndef ANALYSE_SYMBOLS_H
#define ANALYSE_SYMBOLS_H

#include "analyse/reading.h"
#include "read/allocnames.h"

/*
 * From the symbols of the file and, for inlined functions and lines, from its
 * DWARF, also where a distribution keeps that apart.  Nothing is fetched from
 * servers.
 */
struct symbols;

/* NULL: pmt was built without elfutils.  READING is told what has no names. */
struct symbols *symbols_new(struct reading *reading);
void symbols_free(struct symbols *symbols);

/* A pmt_name_symbol() of read/allocnames.h; ARG is of symbols_new(). */
size_t symbols_name(void *arg, struct pmt_alloc_module *module,
		    uint64_t address,
		    struct pmt_symbol found[PMT_MOST_INLINED]);

#endif
