/* SPDX-License-Identifier: MIT */
#include <config.h>

#include "analyse/output.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "cli/cli.h"

int
output_create(const char *path)
{
	int fd;

	if (strcmp(path, "-") == 0)
		fd = fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, 3);
	else
		fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
	if (fd == -1)
		cli_warn(errno, "cannot write '%s'", path);
	return fd;
}

FILE *
output_open(const char *path)
{
	int fd = output_create(path);

	return fd == -1 ? NULL : cli_need(fdopen(fd, "w"));
}

bool
output_close(FILE *out, const char *path)
{
	bool failed = ferror(out) != 0;

	/* What failed has failed before: why, the next write tells. */
	if (failed)
		fputc('\n', out);
	errno = 0;
	if (fclose(out) == 0 && !failed)
		return true;
	/* A reader that has seen enough is no failure, as with | head. */
	if (errno == EPIPE && strcmp(path, "-") == 0)
		return true;
	cli_warn(errno != 0 ? errno : EIO, "cannot write '%s'", path);
	return false;
}
