/* SPDX-License-Identifier: MIT */
#include <config.h>

#include "proc/rss.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

struct pmt_rss {
	int fd;			/* /proc/PID/statm, kept: pids are reused */
	uint64_t page;		/* bytes in the pages that statm counts */
};

int
pmt_rss_open(pid_t pid, struct pmt_rss **out)
{
	char path[64];
	struct pmt_rss *rss;
	int err;

	if (pid == 0)
		pid = getpid();
	snprintf(path, sizeof(path), "/proc/%jd/statm", (intmax_t)pid);

	rss = malloc(sizeof(*rss));
	if (rss == NULL)
		return -ENOMEM;

	rss->page = (uint64_t)sysconf(_SC_PAGESIZE);
	rss->fd = open(path, O_RDONLY | O_CLOEXEC);
	if (rss->fd == -1) {
		err = errno != ENOENT ? errno
		      : access("/proc/self", F_OK) == 0 ? ESRCH : ENODEV;
		free(rss);
		return -err;
	}
	*out = rss;
	return 0;
}

int
pmt_rss_read(const struct pmt_rss *rss, uint64_t *bytes)
{
	char buf[128];
	uint64_t pages;
	ssize_t n;

	/* pread, not lseek and read: threads share the file's offset. */
	do {
		n = pread(rss->fd, buf, sizeof(buf) - 1, 0);
	} while (n == -1 && errno == EINTR);
	if (n == -1)
		return -errno;
	buf[n] = '\0';

	/* proc_pid_statm(5): size, then resident, both in pages. */
	if (sscanf(buf, "%*u %" SCNu64, &pages) != 1)
		return -EBADMSG;
	*bytes = pages * rss->page;
	return 0;
}

void
pmt_rss_close(struct pmt_rss *rss)
{
	if (rss == NULL)
		return;
	close(rss->fd);
	free(rss);
}
