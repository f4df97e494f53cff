/* SPDX-License-Identifier: MIT */
#include <config.h>

#include "procfs.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <linux/magic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "procfd.h"

int
pmt_procfs_open(const char *root, struct pmt_procfs **out)
{
	struct pmt_procfs *fs;
	struct statfs magic;
	int err;

	if (root == NULL)
		root = getenv("PMT_PROC_ROOT");
	if (root == NULL || root[0] == '\0')
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
	pmt_sockets_forget(fs);
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

ssize_t
pmt_procfs_read(struct pmt_procfs *fs, pid_t pid, const char *name,
		char *buf, size_t size)
{
	size_t length = 0;
	ssize_t n;
	int fd = open_of(fs, pid, name, 0);

	if (fd < 0)
		return fd;
	/* Files of several pages come in several pieces (seq_file). */
	do {
		n = read(fd, buf + length, size - 1 - length);
		if (n > 0)
			length += (size_t)n;
	} while ((n > 0 && length < size - 1) || (n == -1 && errno == EINTR));
	if (n == -1) {
		n = errno == EPERM ? -EACCES : -errno;
		close(fd);
		return n;
	}
	close(fd);
	buf[length] = '\0';
	return (ssize_t)length;
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
