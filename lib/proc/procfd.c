/* SPDX-License-Identifier: MIT */
#include <config.h>

#include "proc/procfd.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

static bool
is_regular_file(int dir, const char *name)
{
	struct stat status;

	return fstatat(dir, name, &status, 0) == 0 && S_ISREG(status.st_mode);
}

/* Who is counted, and what of theirs; NULL: not that. */
struct counts {
	struct pmt_procfs *fs;
	pid_t pid;
	uint64_t *files, *sockets;
	bool tables;		/* of the kernel's sockets are read */
};

/*
 * One descriptor of the directory DIR, for whom NAME is a link.  To read the
 * tables of all sockets costs a millisecond: only who has some needs them.
 */
static int
count_one(struct counts *counts, int dir, const char *name)
{
	char link[512];
	ssize_t n = readlinkat(dir, name, link, sizeof(link) - 1);
	int err = 0;

	if (n <= 0)
		return 0;	/* closed meanwhile */
	link[n] = '\0';
	if (counts->sockets != NULL && pmt_sockets_is_one(link)) {
		if (!counts->tables)
			err = pmt_sockets_read(&counts->fs->sockets,
					       counts->fs->dir, counts->pid);
		counts->tables = true;
		*counts->sockets += err == 0 &&
			pmt_sockets_has(&counts->fs->sockets, link);
	}
	/* Pipes, sockets and the like have no path. */
	if (counts->files != NULL && link[0] == '/')
		*counts->files += is_regular_file(dir, name);
	return err;
}

/* Count all descriptors, or, without FDS, what else is asked for. */
static int
list(struct pmt_procfs *fs, pid_t pid, uint64_t *fds, uint64_t *files,
     uint64_t *sockets)
{
	struct counts counts = {
		.fs = fs, .pid = pid, .files = files, .sockets = sockets,
	};
	struct dirent *entry;
	DIR *dir;
	int err = pmt_procfs_opendir(fs, pid, "fd", &dir), failed = 0;

	if (err != 0)
		return err;
	for (errno = 0; (entry = readdir(dir)) != NULL; errno = 0) {
		if (entry->d_name[0] == '.')
			continue;
		if (fds != NULL)
			(*fds)++;
		else if (failed == 0)
			failed = count_one(&counts, dirfd(dir), entry->d_name);
	}
	err = errno == ENOENT ? ESRCH : errno;
	closedir(dir);
	return err != 0 ? -err : failed;
}

int
pmt_procfd_count_all(struct pmt_procfs *fs, pid_t pid, uint64_t *fds)
{
	struct stat status;
	char path[64];

	/*
	 * proc_pid_fd(5): since Linux 6.2 the size of the directory is the
	 * number of descriptors, which spares us to list thousands.
	 */
	snprintf(path, sizeof(path), "%jd/fd", (intmax_t)pid);
	if (!fs->kernel || fstatat(fs->dir, path, &status, 0) != 0 ||
	    status.st_size == 0)
		return list(fs, pid, fds, NULL, NULL);
	*fds = (uint64_t)status.st_size;
	return 0;
}

int
pmt_procfd_count(struct pmt_procfs *fs, pid_t pid, uint64_t *files,
		 uint64_t *sockets)
{
	return list(fs, pid, NULL, files, sockets);
}
