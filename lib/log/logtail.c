/* SPDX-License-Identifier: MIT */
#include <config.h>

#include "log/logtail.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "log/ownfile.h"

int
pmt_logtail_find(int fd, uint64_t *start, uint64_t *used)
{
	struct pmt_logtail header;
	struct stat st;

	if (pread(fd, &header, sizeof(header), 0) != sizeof(header) ||
	    memcmp(header.magic, PMT_LOGTAIL_MAGIC, sizeof(header.magic)) != 0)
		return -EBADMSG;
	if (fstat(fd, &st) == -1 || st.st_size < PMT_LOGTAIL_TEXT ||
	    header.used > (uint64_t)st.st_size - PMT_LOGTAIL_TEXT ||
	    lseek(fd, PMT_LOGTAIL_TEXT, SEEK_SET) == -1)
		return -EBADMSG;
	*start = header.start;
	*used = header.used;
	return 0;
}

/* The beginning of all, which is in TEXT if the file is empty. */
static bool
is_log(int fd, const char *text, size_t size)
{
	char begin[1 << 16];
	ssize_t n = pread(fd, begin, sizeof(begin), 0);

	if (n <= 0)
		return n == 0 && pmt_ownfile_begins_log(text, size);
	return pmt_ownfile_begins_log(begin, (size_t)n);
}

static int
write_at(int fd, uint64_t start, const char *text, size_t size)
{
	struct stat st;
	ssize_t n;

	/* The writer holds this lock as long as it lives. */
	if (flock(fd, LOCK_EX | LOCK_NB) == -1)
		return errno == EWOULDBLOCK ? -EBUSY : -errno;
	if (fstat(fd, &st) == -1)
		return -errno;
	if ((uint64_t)st.st_size < start ||
	    (size > 0 && !is_log(fd, text, size)))
		return -EBADMSG;
	for (size_t done = 0; done < size; done += (size_t)n) {
		n = pwrite(fd, text + done, size - done,
			   (off_t)(start + done));
		if (n == -1)
			return -errno;
	}
	return 0;
}

static int
copy(int tail, const char *path, int *size)
{
	uint64_t start, used;
	char *text;
	int fd, err = pmt_logtail_find(tail, &start, &used);

	if (err < 0)
		return err;
	if (used > INT_MAX)
		return -EBADMSG;
	fd = pmt_ownfile_open(path, O_RDWR);
	if (fd < 0)
		return fd;
	text = malloc(used + 1);
	if (text == NULL)
		err = -ENOMEM;
	else if (read(tail, text, used) != (ssize_t)used)
		err = -EBADMSG;
	else
		err = write_at(fd, start, text, used);
	free(text);
	if (close(fd) == -1 && err == 0)
		err = -errno;
	*size = (int)used;
	return err;
}

int
pmt_logtail_join(const char *path)
{
	char *tail_path;
	int tail, err, size = 0;

	if (asprintf(&tail_path, "%s.tail", path) == -1)
		return -ENOMEM;
	tail = pmt_ownfile_open(tail_path, O_RDONLY);
	if (tail < 0) {
		free(tail_path);
		return tail == -ENOENT ? 0 : tail;
	}
	err = copy(tail, path, &size);
	close(tail);
	if (err == 0 && unlink(tail_path) == -1)
		err = -errno;
	free(tail_path);
	return err < 0 ? err : size;
}
