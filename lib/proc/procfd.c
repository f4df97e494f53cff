/* SPDX-License-Identifier: MIT */
#include <config.h>

#include "proc/procfd.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct pmt_sockets {
	char namespace[64];	/* "net:[4026531840]" */
	uint64_t *inodes;	/* sorted */
	size_t count, room;
};

void
pmt_sockets_forget(struct pmt_procfs *fs)
{
	if (fs->sockets == NULL)
		return;
	free(fs->sockets->inodes);
	free(fs->sockets);
	fs->sockets = NULL;
}

static int
add_inode(struct pmt_sockets *sockets, uint64_t inode)
{
	size_t room = sockets->room == 0 ? 64 : sockets->room * 2;
	uint64_t *grown;

	if (sockets->count == sockets->room) {
		grown = reallocarray(sockets->inodes, room, sizeof(*grown));
		if (grown == NULL)
			return -ENOMEM;
		sockets->inodes = grown;
		sockets->room = room;
	}
	sockets->inodes[sockets->count++] = inode;
	return 0;
}

/* A protocol that this kernel has not is no error. */
static int
read_table(struct pmt_procfs *fs, pid_t pid, const char *name,
	   struct pmt_sockets *sockets)
{
	char path[64], line[512];
	uint64_t inode;
	FILE *file;
	int fd, err = 0;

	snprintf(path, sizeof(path), "%jd/net/%s", (intmax_t)pid, name);
	fd = openat(fs->dir, path, O_RDONLY | O_CLOEXEC);
	file = fd == -1 ? NULL : fdopen(fd, "r");
	if (file == NULL) {
		err = errno == ENOENT ? 0 : -errno;
		if (fd != -1)
			close(fd);
		return err;
	}
	/* sl local remote st queues timer retransmits uid timeout inode */
	while (err == 0 && fgets(line, sizeof(line), file) != NULL) {
		if (sscanf(line, "%*s %*s %*s %*s %*s %*s %*s %*s %*s %" SCNu64,
			   &inode) == 1)
			err = add_inode(sockets, inode);
	}
	fclose(file);
	return err;
}

static int
compare_inodes(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return (x > y) - (x < y);
}

static int
read_sockets(struct pmt_procfs *fs, pid_t pid)
{
	static const char *const tables[] = { "tcp", "tcp6", "udp", "udp6" };
	char path[64], namespace[sizeof(fs->sockets->namespace)] = "";
	int err = 0;

	snprintf(path, sizeof(path), "%jd/ns/net", (intmax_t)pid);
	/* Unreadable or a copy without it: then all share one table. */
	if (readlinkat(fs->dir, path, namespace, sizeof(namespace) - 1) == -1)
		namespace[0] = '\0';
	if (fs->sockets != NULL &&
	    strcmp(fs->sockets->namespace, namespace) == 0)
		return 0;

	pmt_sockets_forget(fs);
	fs->sockets = calloc(1, sizeof(*fs->sockets));
	if (fs->sockets == NULL)
		return -ENOMEM;
	memcpy(fs->sockets->namespace, namespace, sizeof(namespace));
	for (size_t i = 0; err == 0 && i < PMT_ARRAY_SIZE(tables); i++)
		err = read_table(fs, pid, tables[i], fs->sockets);
	if (err != 0) {
		pmt_sockets_forget(fs);
		return err;
	}
	if (fs->sockets->count > 0)
		qsort(fs->sockets->inodes, fs->sockets->count,
		      sizeof(*fs->sockets->inodes), compare_inodes);
	return 0;
}

static bool
is_internet_socket(struct pmt_procfs *fs, const char *link)
{
	const char prefix[] = "socket:[";
	uint64_t inode;

	if (strncmp(link, prefix, strlen(prefix)) != 0)
		return false;
	inode = strtoull(link + strlen(prefix), NULL, 10);
	return fs->sockets->count > 0 &&
	       bsearch(&inode, fs->sockets->inodes, fs->sockets->count,
		       sizeof(inode), compare_inodes) != NULL;
}

static void
count_one(struct pmt_procfs *fs, unsigned want, int dir, const char *name,
	  struct pmt_proc *proc)
{
	char link[512];
	struct stat status;
	ssize_t n = readlinkat(dir, name, link, sizeof(link) - 1);

	if (n <= 0)
		return;		/* closed meanwhile */
	link[n] = '\0';
	if ((want & PMT_PROC_NET) != 0)
		proc->sockets += is_internet_socket(fs, link);
	/* Pipes, sockets and the like have no path. */
	if ((want & PMT_PROC_FILES) != 0 && link[0] == '/' &&
	    fstatat(dir, name, &status, 0) == 0 && S_ISREG(status.st_mode))
		proc->files++;
}

/* List the directory fd; with nothing in WANT the entries are counted. */
static int
list(struct pmt_procfs *fs, unsigned want, struct pmt_proc *proc)
{
	struct dirent *entry;
	DIR *dir;
	int err = pmt_procfs_opendir(fs, proc->pid, "fd", &dir);

	if (err != 0)
		return err;
	for (errno = 0; (entry = readdir(dir)) != NULL; errno = 0) {
		if (entry->d_name[0] == '.')
			continue;
		if (want == 0)
			proc->fds++;
		else
			count_one(fs, want, dirfd(dir), entry->d_name, proc);
	}
	err = errno == ENOENT ? ESRCH : errno;
	closedir(dir);
	return -err;
}

int
pmt_procfd_count_all(struct pmt_procfs *fs, struct pmt_proc *proc)
{
	struct stat status;
	char path[64];

	/*
	 * proc_pid_fd(5): since Linux 6.2 the size of the directory is the
	 * number of descriptors, which spares us to list thousands.
	 */
	snprintf(path, sizeof(path), "%jd/fd", (intmax_t)proc->pid);
	if (!fs->kernel || fstatat(fs->dir, path, &status, 0) != 0 ||
	    status.st_size == 0)
		return list(fs, 0, proc);
	proc->fds = (uint64_t)status.st_size;
	return 0;
}

int
pmt_procfd_count(struct pmt_procfs *fs, unsigned want, struct pmt_proc *proc)
{
	int err = 0;

	if ((want & PMT_PROC_NET) != 0)
		err = read_sockets(fs, proc->pid);
	return err == 0 ? list(fs, want, proc) : err;
}
