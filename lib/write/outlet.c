/* SPDX-License-Identifier: MIT */
#include <config.h>

#include "write/outlet.h"

#include <errno.h>
#include <signal.h>
#include <sys/types.h>
#include <time.h>
#include <unistd.h>

/* A program for which SIGPIPE is deadly need not know of our pipe. */
static ssize_t
write_to_pipe(int fd, const char *bytes, size_t size)
{
	const struct timespec now = { 0, 0 };
	sigset_t pipe, before, pending;
	ssize_t n;
	int err;

	sigemptyset(&pipe);
	sigaddset(&pipe, SIGPIPE);
	sigpending(&pending);
	pthread_sigmask(SIG_BLOCK, &pipe, &before);
	n = write(fd, bytes, size);
	err = errno;
	if (n == -1 && err == EPIPE && !sigismember(&pending, SIGPIPE))
		sigtimedwait(&pipe, NULL, &now);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	errno = err;
	return n;
}

int
pmt_outlet_write(struct pmt_logfd *file, const char *path, uint64_t start,
		 const char *bytes, size_t size, size_t *done)
{
	int err = pmt_logfd_check(file, path);
	ssize_t n;

	*done = 0;
	while (err == 0 && *done < size) {
		if (file->regular)
			n = pwrite(file->fd, bytes + *done, size - *done,
				   (off_t)(start + *done));
		else
			n = write_to_pipe(file->fd, bytes + *done,
					  size - *done);
		if (n >= 0)
			*done += (size_t)n;
		else if (errno != EINTR)
			err = -errno;
	}
	return err;
}

/* The end of a line a page before the last; 0: there is none. */
static uint64_t
end_of_line(int fd, uint64_t start, size_t size)
{
	char page[4096];
	ssize_t n;

	if (start < size + sizeof(page))
		return 0;
	start -= size + sizeof(page);
	n = pread(fd, page, sizeof(page), (off_t)start);
	while (n > 0 && page[n - 1] != '\n')
		n--;
	return n > 0 ? start + (uint64_t)n : 0;
}

void
pmt_outlet_put_last(int fd, uint64_t start, uint64_t block, const void *last,
		    size_t size)
{
	if (pwrite(fd, last, size, (off_t)start) == (ssize_t)size)
		return;
	pmt_ignore(ftruncate(fd, (off_t)start));
	start = block != 0 ? block : end_of_line(fd, start, size);
	if (start != 0 &&
	    pwrite(fd, last, size, (off_t)start) == (ssize_t)size)
		pmt_ignore(ftruncate(fd, (off_t)(start + size)));
}
