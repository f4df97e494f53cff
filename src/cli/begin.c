/* SPDX-License-Identifier: MIT */
#include <config.h>

#include "cli/begin.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

bool
cli_is_fifo(const char *path)
{
	struct stat status;

	return stat(path, &status) == 0 && S_ISFIFO(status.st_mode);
}

struct pmt_text
cli_begin(const char *path, char *room, size_t size)
{
	ssize_t n = -1;
	int fd = -1;

	if (!cli_is_fifo(path))
		fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	if (fd != -1) {
		n = pread(fd, room, size - 1, 0);
		close(fd);
	}
	room[n > 0 ? n : 0] = '\0';
	return (struct pmt_text){ room, n > 0 ? (size_t)n : 0 };
}
