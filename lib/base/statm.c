/* SPDX-License-Identifier: MIT */
#include <config.h>

#include "base/statm.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <unistd.h>

#include "base/once.h"

/* Below 0: none. */
static atomic_int kept = -1;

/* proc_pid_statm(5): seven numbers; the second is the resident pages. */
static int
parse(const char *text, const char *end, uint64_t *pages)
{
	uint64_t value = 0;
	int blanks = 0;

	for (; text < end && *text != '\n'; text++) {
		if (*text == ' ')
			blanks++;
		else if (*text < '0' || *text > '9')
			return -EBADMSG;
		else if (blanks == 1)
			value = value * 10 + (uint64_t)(*text - '0');
	}
	if (text == end || blanks != 6)
		return -EBADMSG;
	*pages = value;
	return 0;
}

static int
read_ours(int fd, uint64_t *pages)
{
	char text[192];
	ssize_t n;

	/* pread, not lseek and read: threads share the file's offset. */
	do {
		n = pread(fd, text, sizeof(text), 0);
	} while (n == -1 && errno == EINTR);
	if (n == -1)
		return -errno;
	return parse(text, text + n, pages);
}

static int
open_anew(void)
{
	int fd = open("/proc/self/statm", O_RDONLY | O_CLOEXEC);

	return fd == -1 ? -errno : fd;
}

int
pmt_statm_open(void)
{
	int fd = atomic_exchange(&kept, -1);

	return fd >= 0 ? fd : open_anew();
}

int
pmt_statm_read(int *fd, uint64_t *pages)
{
	if (pmt_likely(read_ours(*fd, pages) == 0))
		return 0;
	*fd = open_anew();
	return *fd < 0 ? *fd : read_ours(*fd, pages);
}

void
pmt_statm_close(int fd)
{
	uint64_t pages;

	if (fd >= 0 && read_ours(fd, &pages) == 0)
		close(fd);
}

static void
forget_kept(void)
{
	pmt_statm_close(atomic_exchange(&kept, -1));
}

void
pmt_statm_keep(int fd)
{
	if (PMT_ONCE(pthread_atfork(NULL, NULL, forget_kept)) == 0)
		fd = atomic_exchange(&kept, fd);
	pmt_statm_close(fd);
}
