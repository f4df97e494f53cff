/* SPDX-License-Identifier: MIT */
#include <config.h>

#include "run/board.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

/* Out of the way: the program's first files get the numbers they always get. */
#define LOWEST_FD 500

int
run_board_open(struct run_board *board)
{
	int fd = memfd_create("pmt-run", MFD_CLOEXEC);
	int high;

	if (fd == -1)
		return -errno;
	high = fcntl(fd, F_DUPFD, LOWEST_FD);
	/* EINVAL: RLIMIT_NOFILE is lower than that. */
	if (high == -1)
		high = fcntl(fd, F_DUPFD, STDERR_FILENO + 1);
	close(fd);
	if (high == -1)
		return -errno;
	/* Forked children write to it at once. */
	if (fcntl(high, F_SETFL, O_APPEND) == -1) {
		close(high);
		return -errno;
	}
	*board = (struct run_board){ .fd = high };
	return 0;
}

int
run_board_set(struct run_board *board, const char *key, const char *value)
{
	char *entry;
	int length = asprintf(&entry, "%s=%s", key, value);
	ssize_t written;

	if (length == -1)
		return -ENOMEM;
	written = write(board->fd, entry, (size_t)length + 1);
	free(entry);
	if (written == -1)
		return -errno;
	/* Results begin where settings end. */
	board->settings += (size_t)written;
	return 0;
}

int
run_board_move(struct run_board *board, const char *path, uid_t owner)
{
	char *settings = malloc(board->settings);
	int fd = -1, err = 0;

	if (settings == NULL || pread(board->fd, settings, board->settings,
				      0) != (ssize_t)board->settings)
		err = -EIO;
	else
		fd = open(path, O_RDWR | O_APPEND | O_CREAT | O_EXCL |
				O_CLOEXEC, 0600);
	if (err == 0 && (fd == -1 || write(fd, settings, board->settings) !=
						(ssize_t)board->settings))
		err = fd == -1 ? -errno : -EIO;
	if (err == 0 && owner != geteuid() &&
	    fchown(fd, owner, (gid_t)-1) == -1)
		err = -errno;
	free(settings);
	if (err == 0) {
		close(board->fd);
		board->fd = fd;
	} else if (fd != -1) {
		close(fd);
	}
	return err;
}

int
run_board_read(struct run_board *board)
{
	off_t settings = (off_t)board->settings;
	struct stat status;
	ssize_t got;

	if (fstat(board->fd, &status) == -1)
		return -errno;
	free(board->results);
	board->results = malloc((size_t)(status.st_size - settings) + 1);
	if (board->results == NULL)
		return -ENOMEM;
	got = pread(board->fd, board->results,
		    (size_t)(status.st_size - settings), settings);
	if (got == -1)
		return -errno;
	board->results[got] = '\0';
	board->size = (size_t)got;
	board->pid = (pid_t)atol(board->results);
	return 0;
}

const char *
run_board_next(const struct run_board *board, size_t *position, pid_t *pid)
{
	const char *entry = board->results + *position;
	char *key;

	if (board->results == NULL || *position >= board->size)
		return NULL;
	*position += strlen(entry) + 1;
	*pid = (pid_t)strtol(entry, &key, 10);
	return *key == ' ' ? key + 1 : key;
}

const char *
run_board_get(const struct run_board *board, const char *key)
{
	const char *entry, *value = NULL;
	size_t position = 0, length = strlen(key);
	pid_t pid;

	while ((entry = run_board_next(board, &position, &pid)) != NULL)
		if (pid == board->pid && strncmp(entry, key, length) == 0 &&
		    entry[length] == '=')
			value = entry + length + 1;
	return value;
}

size_t
run_board_count(const struct run_board *board, const char *key)
{
	size_t position = 0, length = strlen(key), count = 0;
	const char *entry;
	pid_t pid;

	while ((entry = run_board_next(board, &position, &pid)) != NULL)
		count += pid == board->pid &&
			 strncmp(entry, key, length) == 0 &&
			 entry[length] == '=';
	return count;
}

void
run_board_close(struct run_board *board)
{
	free(board->results);
	close(board->fd);
}
