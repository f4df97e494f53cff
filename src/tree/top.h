/* SPDX-License-Identifier: MIT */
/* top.h - pmt-tree's full-screen display. */
#ifndef PMT_TREE_TOP_H
#define PMT_TREE_TOP_H

#include <stdbool.h>

#include "tree/columns.h"
#include "tree/text.h"

enum tree_order { TREE_BY_TREE, TREE_BY_RSS, TREE_BY_CHANGE, TREE_BY_PSS,
		  TREE_BY_CPU, TREE_BY_PID };

/* "rss" and the like; false when NAME is none. */
bool tree_order_named(const char *name, enum tree_order *order);

/* The names, for help. */
#define TREE_ORDERS "tree, rss, change, pss, cpu or pid"

/* Read the keys that wait, which may change ORDER.  False: quit. */
bool tree_top_key(enum tree_order *order);

/* Draw SAMPLE from the top left corner, as much as there is room for. */
void tree_top_draw(struct tree_format *format, const struct tree_sample *sample,
		   enum tree_order order, const char *headline);

/* Sort SAMPLE's nodes; what is not in tree order has depth 0. */
struct pmt_proctree_node *tree_sorted(const struct tree_sample *sample,
				      enum tree_order order);

#endif
