/* SPDX-License-Identifier: MIT */
#include <config.h>

#include "cli/begin.h"

#include <fcntl.h>
#include <unistd.h>

struct pmt_text
cli_begin(const char *path, char *room, size_t size)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	ssize_t n = -1;

	if (fd != -1) {
		n = pread(fd, room, size - 1, 0);
		close(fd);
	}
	room[n > 0 ? n : 0] = '\0';
	return (struct pmt_text){ room, n > 0 ? (size_t)n : 0 };
}
