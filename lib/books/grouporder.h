/* SPDX-License-Identifier: MIT */
/* grouporder.h - which groups of objects come first? */
#ifndef PMT_GROUPORDER_H
#define PMT_GROUPORDER_H

#include <stddef.h>
#include <stdint.h>

#include "books/choice.h"
#include "books/group.h"

/* As qsort(3) has it: names of SITES, or PMT_NO_PART, which comes last. */
int pmt_part_compare(const struct pmt_sites *sites, uint32_t a, uint32_t b);

void pmt_groups_sort(struct pmt_group *list, size_t count,
		     const struct pmt_sites *sites, enum pmt_order order);

#endif
