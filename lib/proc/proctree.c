/* SPDX-License-Identifier: MIT */
#include <config.h>

#include "proc/proctree.h"

#include <errno.h>
#include <stdlib.h>

#include "proc/proctable.h"
#include "proc/sockets.h"

struct forest {
	struct pmt_proctree_node *nodes;
	size_t count;
};

struct pmt_proctree {
	struct pmt_procfs *fs;
	pid_t root, adopter;
	uint64_t root_start;
	struct pmt_proctable table, old_table;
	struct forest walk;	/* depth first */
	struct forest old_walk;	/* by pid */
};

int
pmt_proctree_new(struct pmt_procfs *fs, pid_t root, pid_t adopter,
		 struct pmt_proctree **out)
{
	struct pmt_proctree *tree;
	struct pmt_proc proc;
	int err = pmt_proc_read_stat(fs, root, &proc);

	if (err != 0)
		return err;
	tree = calloc(1, sizeof(*tree));
	if (tree == NULL)
		return -ENOMEM;
	tree->fs = fs;
	tree->root = root;
	tree->root_start = proc.start;
	tree->adopter = adopter;
	*out = tree;
	return 0;
}

void
pmt_proctree_free(struct pmt_proctree *tree)
{
	if (tree == NULL)
		return;
	pmt_proctable_fini(&tree->table);
	pmt_proctable_fini(&tree->old_table);
	free(tree->walk.nodes);
	free(tree->old_walk.nodes);
	free(tree);
}

static int
compare_nodes(const void *a, const void *b)
{
	const struct pmt_proctree_node *x = a, *y = b;

	return (x->now.pid > y->now.pid) - (x->now.pid < y->now.pid);
}

static const struct pmt_proctree_node *
find_old(const struct pmt_proctree *tree, pid_t pid)
{
	struct pmt_proctree_node key = { .now = { .pid = pid } };

	if (tree->old_walk.count == 0)
		return NULL;
	return bsearch(&key, tree->old_walk.nodes, tree->old_walk.count,
		       sizeof(key), compare_nodes);
}

static bool
belongs_by_itself(const struct pmt_proctree *tree,
		  struct pmt_proctable_entry *entry)
{
	const struct pmt_proctree_node *old = find_old(tree, entry->pid);

	if (old != NULL && old->now.start == entry->start)
		entry->before = &old->now;
	return entry->before != NULL || entry->pid == tree->root ||
	       (tree->adopter != 0 && entry->ppid == tree->adopter);
}

/*
 * Climb from ENTRY to somebody known, then mark the way.  The table is no
 * snapshot: a torn one could hold a circle, so the climb has an end.
 */
static void
settle(struct pmt_proctree *tree, struct pmt_proctable_entry *entry)
{
	enum pmt_belonging answer = PMT_STRANGER;
	struct pmt_proctable_entry *at = entry, *last = entry;
	bool torn;
	size_t steps;

	for (steps = 0; at != NULL && steps <= tree->table.count; steps++) {
		if (at->belonging == PMT_UNKNOWN && belongs_by_itself(tree, at))
			at->belonging = PMT_MEMBER;
		if (at->belonging != PMT_UNKNOWN) {
			answer = at->belonging;
			break;
		}
		last = at;
		at = pmt_proctable_find(&tree->table, at->ppid);
	}
	/* Did a parent end during the read?  Then ask again next time. */
	torn = at == NULL && last->ppid != 0;
	if (torn && find_old(tree, last->ppid) != NULL)
		answer = PMT_MEMBER;
	for (at = entry; at != NULL && at->belonging == PMT_UNKNOWN;) {
		at->belonging = answer;
		if (torn)
			at->inode = 0;
		at = pmt_proctable_find(&tree->table, at->ppid);
	}
}

/* Fill in the members; who vanishes meanwhile is left out. */
static int
complete(struct pmt_proctree *tree, unsigned want, size_t *members)
{
	int err;

	*members = 0;
	for (size_t i = 0; i < tree->table.count; i++) {
		struct pmt_proctable_entry *entry = &tree->table.entries[i];

		if (entry->belonging != PMT_MEMBER)
			continue;
		err = pmt_proc_read_rest(tree->fs, want,
					 &tree->table.stats[entry->stat]);
		if (pmt_proctable_fatal(err))
			return err;
		if (err == 0)
			(*members)++;
		else
			entry->belonging = PMT_VANISHED;
	}
	return *members > 0 ? 0 : -ESRCH;
}

/* A member and its parent among the members: 0 is none. */
struct link {
	pid_t ppid;
	struct pmt_proctable_entry *entry;
	unsigned depth;
};

/* Parents in order, and the children of each from the last to the first. */
static int
compare_links(const void *a, const void *b)
{
	const struct link *x = a, *y = b;

	if (x->ppid != y->ppid)
		return x->ppid < y->ppid ? -1 : 1;
	return (x->entry->pid < y->entry->pid) -
	       (x->entry->pid > y->entry->pid);
}

/* Links whose parent is PPID, the first of them. */
static size_t
first_link(const struct link *links, size_t count, pid_t ppid)
{
	size_t low = 0, high = count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (links[middle].ppid < ppid)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static pid_t
parent_link(const struct pmt_proctree *tree,
	    const struct pmt_proctable_entry *entry)
{
	const struct pmt_proctable_entry *parent =
		pmt_proctable_find(&tree->table, entry->ppid);

	if (entry->pid == tree->root || parent == NULL ||
	    parent->belonging != PMT_MEMBER)
		return 0;
	return entry->ppid;
}

static void
take(struct pmt_proctree *tree, const struct link *link)
{
	struct pmt_proctree_node *node =
		&tree->walk.nodes[tree->walk.count++];

	node->now = tree->table.stats[link->entry->stat];
	node->before = link->entry->before;
	node->depth = link->depth;
	node->adopted = link->ppid == 0 && link->entry->pid != tree->root;
}

/* Depth first, with STACK for the way back: both hold COUNT links. */
static void
walk(struct pmt_proctree *tree, const struct link *links, size_t count,
     struct link *stack)
{
	size_t top = 0, i;
	struct link link;

	for (i = 0; i < count && links[i].ppid == 0; i++) {
		if (links[i].entry->pid != tree->root)
			stack[top++] = links[i];
	}
	/* On top of the stack, so it comes first. */
	for (i = 0; i < count && links[i].ppid == 0; i++) {
		if (links[i].entry->pid == tree->root)
			stack[top++] = links[i];
	}
	while (top > 0) {
		link = stack[--top];
		take(tree, &link);
		i = first_link(links, count, link.entry->pid);
		for (; i < count && links[i].ppid == link.entry->pid; i++) {
			stack[top] = links[i];
			stack[top++].depth = link.depth + 1;
		}
	}
}

static int
order(struct pmt_proctree *tree, size_t members)
{
	struct link *links = calloc(2 * members, sizeof(*links));
	struct pmt_proctree_node *nodes = reallocarray(tree->walk.nodes,
						       members, sizeof(*nodes));
	size_t count = 0;

	if (nodes != NULL)
		tree->walk.nodes = nodes;
	if (links == NULL || nodes == NULL) {
		free(links);
		return -ENOMEM;
	}
	for (size_t i = 0; i < tree->table.count; i++) {
		struct pmt_proctable_entry *entry = &tree->table.entries[i];

		if (entry->belonging == PMT_MEMBER) {
			links[count].ppid = parent_link(tree, entry);
			links[count++].entry = entry;
		}
	}
	qsort(links, count, sizeof(*links), compare_links);
	walk(tree, links, count, links + members);
	free(links);
	return 0;
}

/* What is now becomes what was before. */
static void
turn_over(struct pmt_proctree *tree)
{
	struct pmt_proctable spare_table = tree->old_table;
	struct forest spare = tree->old_walk;

	tree->old_table = tree->table;
	tree->table = spare_table;
	/* Of the old table only who is a stranger matters. */
	tree->table.stats = tree->old_table.stats;
	tree->table.stat_room = tree->old_table.stat_room;
	tree->old_table.stats = NULL;
	tree->old_table.stat_room = 0;
	tree->old_walk = tree->walk;
	tree->walk = spare;
	tree->walk.count = 0;
	if (tree->old_walk.count > 0)
		qsort(tree->old_walk.nodes, tree->old_walk.count,
		      sizeof(*tree->old_walk.nodes), compare_nodes);
}

int
pmt_proctree_read(struct pmt_proctree *tree, unsigned want)
{
	const struct pmt_proctable_entry *root;
	size_t members;
	int err;

	turn_over(tree);
	pmt_sockets_forget(&tree->fs->sockets);
	err = pmt_proctable_read(tree->fs, &tree->old_table, &tree->table);
	if (err != 0)
		return err;
	root = pmt_proctable_find(&tree->table, tree->root);
	if (root == NULL || root->start != tree->root_start)
		tree->root = 0;	/* whoever has its number now is not it */
	for (size_t i = 0; i < tree->table.count; i++)
		settle(tree, &tree->table.entries[i]);
	err = complete(tree, want, &members);
	return err == 0 ? order(tree, members) : err;
}

size_t
pmt_proctree_count(const struct pmt_proctree *tree)
{
	return tree->walk.count;
}

const struct pmt_proctree_node *
pmt_proctree_nodes(const struct pmt_proctree *tree)
{
	return tree->walk.nodes;
}
