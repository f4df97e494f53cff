/* SPDX-License-Identifier: MIT */
#include <config.h>

#include "log/logtail.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

/* The tail's text in memory of the caller's to free, and where it belongs. */
static int
read_tail(int fd, uint64_t *start, char **text, size_t *size)
{
	struct pmt_logtail header;
	struct stat st;
	uint64_t used;

	if (pread(fd, &header, sizeof(header), 0) != sizeof(header) ||
	    memcmp(header.magic, PMT_LOGTAIL_MAGIC, sizeof(header.magic)) != 0)
		return -EBADMSG;
	used = header.used;
	if (fstat(fd, &st) == -1)
		return -errno;
	if (used > INT_MAX || st.st_size < PMT_LOGTAIL_TEXT ||
	    used > (uint64_t)st.st_size - PMT_LOGTAIL_TEXT)
		return -EBADMSG;

	*text = malloc(used + 1);	/* freed by the caller in any case */
	if (*text == NULL)
		return -ENOMEM;
	if (pread(fd, *text, used, PMT_LOGTAIL_TEXT) != (ssize_t)used)
		return -EBADMSG;
	*start = header.start;
	*size = used;
	return 0;
}

static int
write_at(const char *path, uint64_t start, const char *text, size_t size)
{
	int fd, err = 0;
	struct stat st;
	ssize_t n;

	fd = open(path, O_WRONLY | O_CLOEXEC);
	if (fd == -1)
		return -errno;
	/* The writer holds this lock as long as it lives. */
	if (flock(fd, LOCK_EX | LOCK_NB) == -1)
		err = errno == EWOULDBLOCK ? -EBUSY : -errno;
	else if (fstat(fd, &st) == -1)
		err = -errno;
	else if ((uint64_t)st.st_size < start)
		err = -EBADMSG;
	for (size_t done = 0; err == 0 && done < size; done += (size_t)n) {
		n = pwrite(fd, text + done, size - done,
			   (off_t)(start + done));
		if (n == -1)
			err = -errno;
	}
	if (close(fd) == -1 && err == 0)
		err = -errno;
	return err;
}

int
pmt_logtail_join(const char *path)
{
	char *tail_path, *text = NULL;
	size_t size = 0;
	uint64_t start = 0;
	int fd, err;

	if (asprintf(&tail_path, "%s.tail", path) == -1)
		return -ENOMEM;
	fd = open(tail_path, O_RDONLY | O_CLOEXEC);
	if (fd == -1) {
		err = errno == ENOENT ? 0 : -errno;
		goto out;
	}
	err = read_tail(fd, &start, &text, &size);
	close(fd);
	if (err == 0)
		err = write_at(path, start, text, size);
	if (err == 0 && unlink(tail_path) == -1)
		err = -errno;
out:
	free(text);
	free(tail_path);
	return err < 0 ? err : (int)size;
}
