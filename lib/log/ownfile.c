/* SPDX-License-Identifier: MIT */
#include <config.h>

#include "log/ownfile.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "log/compact.h"

int
pmt_ownfile_open(const char *path, int flags)
{
	int fd = open(path, flags | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	struct stat st;

	if (fd == -1)
		return -errno;
	if (fstat(fd, &st) == 0 && S_ISREG(st.st_mode) &&
	    st.st_uid == geteuid() && st.st_nlink == 1)
		return fd;
	close(fd);
	return -EPERM;
}

static bool
begins_with(const char *bytes, size_t size, const char *magic)
{
	return size >= 8 && memcmp(bytes, magic, 8) == 0;
}

bool
pmt_ownfile_begins_log(const char *bytes, size_t size)
{
	return begins_with(bytes, size, PMT_COMPACT_MAGIC) ||
	       memmem(bytes, size, "SOF\nH", 5) != NULL;
}

int
pmt_ownfile_remove(const char *path, const char *magic)
{
	char begin[1 << 16];
	int fd = pmt_ownfile_open(path, O_RDONLY);
	ssize_t n;

	if (fd < 0)
		return fd == -ENOENT ? 0 : -EEXIST;
	n = pread(fd, begin, sizeof(begin), 0);
	close(fd);
	if (n < 0 || !(magic != NULL
			       ? begins_with(begin, (size_t)n, magic)
			       : pmt_ownfile_begins_log(begin, (size_t)n)))
		return -EEXIST;
	return unlink(path) == -1 ? -errno : 0;
}

int
pmt_ownfile_renew(const char *path, const char *magic, off_t size)
{
	int fd, err = pmt_ownfile_remove(path, magic);

	if (err < 0)
		return err;
	fd = open(path, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC,
		  0400);
	if (fd == -1)
		return -errno;
	err = size > 0 ? -posix_fallocate(fd, 0, size) : 0;
	if (err == 0)
		return fd;
	close(fd);
	unlink(path);
	return err;
}
