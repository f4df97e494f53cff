/* SPDX-License-Identifier: MIT */
#include <config.h>

#include "tree/columns.h"

#define FACT(field) offsetof(struct pmt_proc, field)
#define MIB 1048576.0

const struct tree_column tree_columns[] = {
	{ "RSS", "RSS(MiB)", TREE_RSS, 0, TREE_NUMBER,
	  FACT(rss), 0, MIB, 1, 9, true },
	{ "USS", "USS(MiB)", TREE_USS, PMT_PROC_PSS, TREE_NUMBER,
	  FACT(uss), 0, MIB, 1, 9, true },
	{ "PSS", "PSS(MiB)", TREE_USS, PMT_PROC_PSS, TREE_NUMBER,
	  FACT(pss), 0, MIB, 1, 9, true },
	{ "PFaults", "PFaults", TREE_FAULTS, 0, TREE_NUMBER,
	  FACT(minor_faults), FACT(major_faults), 0, 0, 11, true },
	{ "MajFaults", "MajFlt", TREE_FAULTS, 0, TREE_NUMBER,
	  FACT(major_faults), 0, 0, 0, 7, true },
	{ "CPU", "CPU(%)", TREE_CPU | TREE_PERCENT, 0, TREE_CPU_PERCENT,
	  FACT(user), FACT(system), 1, 1, 7, false },
	{ "User", "User(s)", TREE_CPU, 0, TREE_NUMBER,
	  FACT(user), 0, 1e9, 2, 9, false },
	{ "Sys", "Sys(s)", TREE_CPU, 0, TREE_NUMBER,
	  FACT(system), 0, 1e9, 2, 9, false },
	{ "Ctx", "Ctx", TREE_SWITCHES, PMT_PROC_STATUS, TREE_NUMBER,
	  FACT(voluntary_switches), FACT(involuntary_switches), 0, 0, 10,
	  true },
	{ "Thrds", "Thrds", TREE_THREADS, 0, TREE_NUMBER,
	  FACT(threads), 0, 0, 0, 6, true },
	{ "Status", "Status", TREE_STATUS, 0, TREE_STATE,
	  0, 0, 0, 0, 10, true },
	{ "FDs", "FDs", TREE_FILES, PMT_PROC_FDS, TREE_NUMBER,
	  FACT(fds), 0, 0, 0, 6, true },
	{ "Files", "Files", TREE_FILES, PMT_PROC_FILES, TREE_NUMBER,
	  FACT(files), 0, 0, 0, 6, true },
	{ "Net", "Net", TREE_NET, PMT_PROC_NET, TREE_NUMBER,
	  FACT(sockets), 0, 0, 0, 6, true },
};
const size_t tree_column_count = PMT_ARRAY_SIZE(tree_columns);

unsigned
tree_groups(unsigned options)
{
	unsigned groups = 0;

	for (size_t i = 0; i < tree_column_count; i++) {
		if ((tree_columns[i].option & options) != 0)
			groups |= tree_columns[i].group;
	}
	return groups;
}

static double
fact(const struct tree_column *column, const struct pmt_proc *proc)
{
	const char *base = (const char *)proc;
	uint64_t value = *(const uint64_t *)(base + column->fact);

	if (column->fact2 != 0)
		value += *(const uint64_t *)(base + column->fact2);
	return (double)value;
}

/* Of a new process it is the mean over its life. */
static double
percent(const struct tree_column *column, const struct pmt_proctree_node *node,
	uint64_t elapsed)
{
	double used = fact(column, &node->now), time;

	if (node->before != NULL && elapsed > 0) {
		used -= fact(column, node->before);
		time = (double)elapsed;
	} else {
		time = (double)pmt_proc_age(&node->now);
	}
	return time > 0 ? 100 * used / time : 0;
}

struct tree_cell
tree_cell(const struct tree_column *column,
	  const struct pmt_proctree_node *node, uint64_t elapsed)
{
	const struct pmt_proc *before = node->before;
	struct tree_cell cell = { .state = TREE_KNOWN };

	if ((node->now.denied & column->group) != 0)
		cell.state = TREE_DENIED;
	else if ((node->now.have & column->group) != column->group)
		cell.state = TREE_ABSENT;
	if (cell.state != TREE_KNOWN)
		return cell;

	if (column->kind == TREE_CPU_PERCENT) {
		cell.value = percent(column, node, elapsed);
	} else if (column->kind == TREE_NUMBER) {
		cell.value = fact(column, &node->now);
		cell.changed = before != NULL &&
			(before->have & column->group) == column->group;
		if (cell.changed)
			cell.change = cell.value - fact(column, before);
	}
	return cell;
}

void
tree_sum(struct tree_sample *sample)
{
	for (size_t i = 0; i < tree_column_count; i++) {
		struct tree_cell total = { .state = TREE_KNOWN };

		if ((tree_columns[i].option & sample->options) == 0)
			continue;
		for (size_t j = 0; j < sample->count; j++) {
			struct tree_cell cell = tree_cell(&tree_columns[i],
				&sample->nodes[j], sample->elapsed);

			total.value += cell.value;
			if (cell.state == TREE_DENIED)
				total.state = TREE_DENIED;
		}
		/* Against what was there before, ended processes included. */
		total.changed = sample->elapsed > 0;
		total.change = total.value - sample->totals[i].value;
		sample->totals[i] = total;
	}
}
