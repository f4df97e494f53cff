/* SPDX-License-Identifier: MIT */
#include <config.h>

#include "log/logfd.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

enum { LOWEST_FD = 64 };

static int
know_file(struct pmt_logfd *file, int fd, off_t *size)
{
	struct stat st;
	int err;

	if (fd == -1)
		return -errno;
	if (fstat(fd, &st) == -1) {
		err = -errno;
		close(fd);
		return err;
	}
	file->fd = fd;
	file->regular = S_ISREG(st.st_mode);
	file->device = st.st_dev;
	file->inode = st.st_ino;
	*size = st.st_size;
	return 0;
}

/*
 * A pipe that we could read ourselves would never tell that its reader has
 * gone: we would wait for it for ever.
 */
static int
open_high(const char *path, int flags)
{
	struct stat st;
	bool pipe = stat(path, &st) == 0 && S_ISFIFO(st.st_mode);
	int high, fd = open(path, flags | (pipe ? O_WRONLY : O_RDWR) |
				  O_CLOEXEC, 0600);

	if (fd == -1)
		return -1;
	high = fcntl(fd, F_DUPFD_CLOEXEC, LOWEST_FD);
	if (high == -1)
		return fd;
	close(fd);
	return high;
}

/* What another writer has mapped must not be cut: look before. */
static int
take_over(const struct pmt_logfd *file, unsigned int mode, off_t kept)
{
	if (!file->regular)
		return 0;
	/* Some file systems have no locks. */
	if (flock(file->fd, LOCK_EX | LOCK_NB) == -1 && errno == EWOULDBLOCK)
		return -EBUSY;
	if (mode != 0 && fchmod(file->fd, mode) == -1)
		return -errno;
	return ftruncate(file->fd, kept) == -1 ? -errno : 0;
}

int
pmt_logfd_open(struct pmt_logfd *file, const char *path, int flags,
	       unsigned int mode, off_t kept)
{
	off_t size;
	int err = know_file(file, open_high(path, flags | O_CREAT), &size);

	if (err < 0)
		return err;
	err = take_over(file, mode, size < kept ? size : kept);
	if (err < 0)
		(void)pmt_logfd_close(file);
	return err;
}

int
pmt_logfd_dup(struct pmt_logfd *file, int fd)
{
	off_t size;

	return know_file(file, fcntl(fd, F_DUPFD_CLOEXEC, LOWEST_FD), &size);
}

static bool
is_ours(const struct pmt_logfd *file, int fd)
{
	struct stat st;

	return fstat(fd, &st) == 0 && st.st_dev == file->device &&
	       st.st_ino == file->inode;
}

bool
pmt_logfd_is_ours(const struct pmt_logfd *file)
{
	return file->fd != -1 && is_ours(file, file->fd);
}

int
pmt_logfd_check(struct pmt_logfd *file, const char *path)
{
	int fd;

	if (is_ours(file, file->fd))
		return 0;
	/* Not ours to close. */
	file->fd = -1;
	fd = open_high(path, O_NOCTTY);
	if (fd == -1)
		return -errno;
	if (!is_ours(file, fd)) {
		close(fd);
		return -ESTALE;
	}
	file->fd = fd;
	if (file->regular)
		(void)flock(fd, LOCK_EX | LOCK_NB);
	return 0;
}

int
pmt_logfd_close(struct pmt_logfd *file)
{
	int err = 0;

	if (file->fd != -1 && close(file->fd) == -1)
		err = -errno;
	file->fd = -1;
	return err;
}
