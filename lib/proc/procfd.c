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

/* One descriptor of the directory DIR, for whom NAME is a link. */
static void
count_one(const struct pmt_procfs *fs, int dir, const char *name,
	  uint64_t *files, uint64_t *sockets)
{
	char link[512];
	ssize_t n = readlinkat(dir, name, link, sizeof(link) - 1);

	if (n <= 0)
		return;		/* closed meanwhile */
	link[n] = '\0';
	if (sockets != NULL)
		*sockets += pmt_sockets_has(&fs->sockets, link);
	/* Pipes, sockets and the like have no path. */
	if (files != NULL && link[0] == '/')
		*files += is_regular_file(dir, name);
}

/* Count all descriptors, or, without FDS, what else is asked for. */
static int
list(struct pmt_procfs *fs, pid_t pid, uint64_t *fds, uint64_t *files,
     uint64_t *sockets)
{
	struct dirent *entry;
	DIR *dir;
	int err = pmt_procfs_opendir(fs, pid, "fd", &dir);

	if (err != 0)
		return err;
	for (errno = 0; (entry = readdir(dir)) != NULL; errno = 0) {
		if (entry->d_name[0] == '.')
			continue;
		if (fds != NULL)
			(*fds)++;
		else
			count_one(fs, dirfd(dir), entry->d_name, files,
				  sockets);
	}
	err = errno == ENOENT ? ESRCH : errno;
	closedir(dir);
	return -err;
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
	int err = 0;

	if (sockets != NULL)
		err = pmt_sockets_read(&fs->sockets, fs->dir, pid);
	return err == 0 ? list(fs, pid, NULL, files, sockets) : err;
}
