/* SPDX-License-Identifier: MIT */
#include <config.h>

#include "proc/proctable.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

void
pmt_proctable_fini(struct pmt_proctable *table)
{
	free(table->entries);
	free(table->stats);
}

bool
pmt_proctable_fatal(int err)
{
	return err == -ENOMEM || err == -EMFILE || err == -ENFILE;
}

/* ITEMS with room for one more of SIZE bytes, or NULL. */
static void *
make_room(void *items, size_t count, size_t *room, size_t size)
{
	size_t wider = *room == 0 ? 64 : *room * 2;

	if (count < *room)
		return items;
	items = reallocarray(items, wider, size);
	if (items != NULL)
		*room = wider;
	return items;
}

static int
compare_entries(const void *a, const void *b)
{
	const struct pmt_proctable_entry *x = a, *y = b;

	return (x->pid > y->pid) - (x->pid < y->pid);
}

struct pmt_proctable_entry *
pmt_proctable_find(const struct pmt_proctable *table, pid_t pid)
{
	struct pmt_proctable_entry key = { .pid = pid };

	if (table->count == 0)
		return NULL;
	return bsearch(&key, table->entries, table->count, sizeof(key),
		       compare_entries);
}

static bool
is_old_stranger(struct pmt_procfs *fs, const struct pmt_proctable *old,
		const struct pmt_proctable_entry *entry)
{
	const struct pmt_proctable_entry *same;

	if (!fs->kernel)
		return false;
	same = pmt_proctable_find(old, entry->pid);
	return same != NULL && same->inode == entry->inode &&
	       same->belonging == PMT_STRANGER;
}

static int
add_stat(struct pmt_procfs *fs, struct pmt_proctable *table,
	 struct pmt_proctable_entry *entry)
{
	struct pmt_proc *proc, *stats = make_room(table->stats,
		table->stat_count, &table->stat_room, sizeof(*stats));
	int err;

	if (stats == NULL)
		return -ENOMEM;
	table->stats = stats;
	proc = &stats[table->stat_count];
	err = pmt_proc_read_stat(fs, entry->pid, proc);
	if (err != 0)
		return err;
	entry->ppid = proc->ppid;
	entry->start = proc->start;
	entry->stat = table->stat_count++;
	return 0;
}

static int
add_process(struct pmt_procfs *fs, const struct pmt_proctable *old,
	    struct pmt_proctable *table, struct pmt_proctable_entry entry)
{
	struct pmt_proctable_entry *entries = make_room(table->entries,
		table->count, &table->room, sizeof(entry));
	int err = 0;

	if (entries == NULL)
		return -ENOMEM;
	table->entries = entries;
	if (is_old_stranger(fs, old, &entry))
		entry.belonging = PMT_STRANGER;
	else
		err = add_stat(fs, table, &entry);
	if (err == 0)
		entries[table->count++] = entry;
	/* Gone meanwhile, or hidden from us: not there. */
	return pmt_proctable_fatal(err) ? err : 0;
}

static int
open_root(struct pmt_procfs *fs, DIR **out)
{
	int err, fd = openat(fs->dir, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (fd == -1)
		return -errno;
	*out = fdopendir(fd);
	if (*out != NULL)
		return 0;
	err = errno;
	close(fd);
	return -err;
}

int
pmt_proctable_read(struct pmt_procfs *fs, const struct pmt_proctable *old,
		   struct pmt_proctable *table)
{
	struct dirent *dirent;
	char *end;
	DIR *dir;
	int err = open_root(fs, &dir);

	if (err != 0)
		return err;
	table->count = 0;
	table->stat_count = 0;
	while (err == 0 && (dirent = readdir(dir)) != NULL) {
		struct pmt_proctable_entry entry = {
			.pid = (pid_t)strtol(dirent->d_name, &end, 10),
			.inode = dirent->d_ino,
		};

		if (*end == '\0' && entry.pid > 0)
			err = add_process(fs, old, table, entry);
	}
	closedir(dir);
	if (table->count > 0)
		qsort(table->entries, table->count, sizeof(*table->entries),
		      compare_entries);
	return err;
}
