/* SPDX-License-Identifier: MIT */
/* symboltable.h - which symbol does an address of a file belong to? */
#ifndef ANALYSE_SYMBOLTABLE_H
#define ANALYSE_SYMBOLTABLE_H

#include <elfutils/libdwfl.h>

/*
 * The functions of a file by address.  elfutils looks at all of them for each
 * address, of which a log may have thousands.
 */
struct symboltable;

struct symboltable *symboltable_new(Dwfl_Module *module);
void symboltable_free(struct symboltable *table);

/* Its name, which is elfutils', or NULL. */
const char *symboltable_find(const struct symboltable *table,
			     Dwarf_Addr address);

#endif
