/* SPDX-License-Identifier: MIT */
#include <config.h>

#include "read/input.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Fits a core's second cache, where text is then parsed. */
static const size_t block = 1 << 18;

static ssize_t
read_block(struct pmt_input *input, void *to, size_t size)
{
	ssize_t n = read(input->fd, to, size);

	if (n == -1)
		return -errno;
	input->bytes += (uint64_t)n;
	return n;
}

int
pmt_input_open(struct pmt_input *input, const char *path)
{
	struct stat status;
	int fd = STDIN_FILENO;

	if (strcmp(path, "-") != 0)
		fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd == -1 || fstat(fd, &status) == -1)
		return -errno;
	*input = (struct pmt_input){ .fd = fd };
	if (S_ISDIR(status.st_mode)) {
		pmt_input_close(input);
		return -EISDIR;
	}
	if (S_ISREG(status.st_mode))
		input->size = (uint64_t)status.st_size;
	return 0;
}

int
pmt_input_chain(struct pmt_input *input, const char *path)
{
	struct stat status;

	input->next = strdup(path);
	if (input->next == NULL)
		return -ENOMEM;
	if (stat(path, &status) == 0)
		input->size += (uint64_t)status.st_size;
	return 0;
}

/* Go on with the next file; one that is gone is no more to read. */
static int
open_next(struct pmt_input *input)
{
	int fd = open(input->next, O_RDONLY | O_CLOEXEC);

	free(input->next);
	input->next = NULL;
	if (fd == -1)
		return -errno;
	close(input->fd);
	input->fd = fd;
	return 0;
}

void
pmt_input_close(struct pmt_input *input)
{
	free(input->next);
	free(input->buffer);
	if (input->fd != STDIN_FILENO)
		close(input->fd);
}

/* Move what is waiting to the front, and have room for a block behind it. */
static int
make_room(struct pmt_input *input)
{
	size_t waiting = (size_t)(input->end - input->begin);
	size_t room = input->room;
	char *buffer = input->buffer;

	if (waiting >= PMT_INPUT_LINE)
		return -EFBIG;
	if (waiting > 0)
		memmove(buffer, input->begin, waiting);
	if (room - waiting < block) {
		room = room == 0 ? block : room * 2;
		buffer = realloc(buffer, room + PMT_INPUT_SPARE);
		if (buffer == NULL)
			return -ENOMEM;
	}
	input->buffer = buffer;
	input->room = room;
	input->begin = buffer;
	input->end = buffer + waiting;
	return 0;
}

int
pmt_input_more(struct pmt_input *input)
{
	int err = make_room(input);
	char *to;
	ssize_t n;

	if (err != 0)
		return err;
	to = input->buffer + (input->end - input->begin);
	n = read_block(input, to, block);
	while (n == 0 && input->next != NULL)
		n = open_next(input) == 0 ? read_block(input, to, block) : 0;
	if (n < 0)
		return (int)n;
	input->at_end = n == 0;
	input->end = to + n;
	memset(to + n, 0, PMT_INPUT_SPARE);
	return 0;
}
