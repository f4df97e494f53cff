/* SPDX-License-Identifier: MIT */
#include <config.h>

#include "proc/procfs.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <linux/magic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/vfs.h>
#include <unistd.h>

/* Not smaps_rollup: open, it stays with the memory from before an exec. */
static const char *const kept_names[PMT_PROCFS_KEPT] = {
	"stat", "statm", "status", "io",
};

int
pmt_procfs_open(const char *root, struct pmt_procfs **out)
{
	struct pmt_procfs *fs;
	struct statfs magic;
	bool mounted;
	int err;

	if (root == NULL)
		root = getenv("PMT_PROC_ROOT");
	mounted = root == NULL || root[0] == '\0';
	if (mounted)
		root = "/proc";

	fs = calloc(1, sizeof(*fs));
	if (fs == NULL)
		return -ENOMEM;
	fs->dir = open(root, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fs->dir == -1) {
		err = errno;
		free(fs);
		return -err;
	}
	fs->kernel = fstatfs(fs->dir, &magic) == 0 &&
		     magic.f_type == PROC_SUPER_MAGIC;
	if (mounted && !fs->kernel) {
		pmt_procfs_close(fs);
		return -ENODEV;
	}
	fs->page = (uint64_t)sysconf(_SC_PAGESIZE);
	fs->tick = 1000000000 / (uint64_t)sysconf(_SC_CLK_TCK);
	*out = fs;
	return 0;
}

void
pmt_procfs_close(struct pmt_procfs *fs)
{
	if (fs == NULL)
		return;
	pmt_sockets_forget(&fs->sockets);
	pmt_procfs_keep(fs, 0);
	close(fs->dir);
	free(fs);
}

static int
open_of(struct pmt_procfs *fs, pid_t pid, const char *name, int flags)
{
	char path[64];
	int fd;

	snprintf(path, sizeof(path), "%jd/%s", (intmax_t)pid, name);
	fd = openat(fs->dir, path, flags | O_RDONLY | O_CLOEXEC);
	if (fd != -1)
		return fd;
	if (errno == ENOENT)
		return -ESRCH;
	return errno == EPERM ? -EACCES : -errno;
}

void
pmt_procfs_keep(struct pmt_procfs *fs, pid_t pid)
{
	for (size_t i = 0; i < PMT_PROCFS_KEPT; i++) {
		if (fs->kept != 0 && fs->kept_files[i] != -1)
			close(fs->kept_files[i]);
		fs->kept_files[i] = -1;
	}
	fs->kept = pid;
}

/* Where the descriptor of a file that is kept belongs, or NULL. */
static int *
kept_file(struct pmt_procfs *fs, pid_t pid, const char *name)
{
	for (size_t i = 0; pid == fs->kept && i < PMT_PROCFS_KEPT; i++) {
		if (strcmp(name, kept_names[i]) == 0)
			return &fs->kept_files[i];
	}
	return NULL;
}

static ssize_t
read_all(int fd, char *buf, size_t size)
{
	size_t length = 0;
	ssize_t n;

	/*
	 * Files of several pages come in several pieces (seq_file); what is
	 * short of one is whole, so the read that would say so is spared.
	 */
	do {
		n = pread(fd, buf + length, size - 1 - length, (off_t)length);
		if (n > 0)
			length += (size_t)n;
	} while ((n > 0 && length >= 2048 && length < size - 1) ||
		 (n == -1 && errno == EINTR));
	if (n == -1)
		return errno == EPERM ? -EACCES : -errno;
	buf[length] = '\0';
	return (ssize_t)length;
}

ssize_t
pmt_procfs_read(struct pmt_procfs *fs, pid_t pid, const char *name,
		char *buf, size_t size)
{
	int *kept = kept_file(fs, pid, name);
	int fd = kept != NULL ? *kept : -1;
	ssize_t n;

	if (fd == -1)
		fd = open_of(fs, pid, name, 0);
	if (fd < 0)
		return fd;
	n = read_all(fd, buf, size);
	if (kept != NULL)
		*kept = fd;
	else
		close(fd);
	return n;
}

int
pmt_procfs_opendir(struct pmt_procfs *fs, pid_t pid, const char *name,
		   DIR **out)
{
	int fd = open_of(fs, pid, name, O_DIRECTORY);
	int err;
	DIR *dir;

	if (fd < 0)
		return fd;
	dir = fdopendir(fd);
	if (dir == NULL) {
		err = errno;
		close(fd);
		return -err;
	}
	*out = dir;
	return 0;
}

bool
pmt_procfs_field(const char *text, const char *key, uint64_t *value)
{
	const char *at = strstr(text, key);

	if (at == NULL && strncmp(text, key + 1, strlen(key) - 1) == 0)
		at = text - 1;
	if (at == NULL)
		return false;
	*value = strtoull(at + strlen(key), NULL, 10);
	return true;
}
