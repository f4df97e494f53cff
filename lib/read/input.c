/* SPDX-License-Identifier: MIT */
#include <config.h>

#include "read/input.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Fits a core's second cache, where text is then parsed; fuzz/ has less. */
#ifndef PMT_INPUT_BLOCK
#define PMT_INPUT_BLOCK (1 << 18)
#endif
static const size_t block = PMT_INPUT_BLOCK;

void
pmt_input_add(struct pmt_input *input, int fd, uint64_t left)
{
	struct stat status;

	input->part[input->parts++] = (struct pmt_input_part){ fd, left };
	if (fstat(fd, &status) == 0 && S_ISREG(status.st_mode))
		input->size += left < (uint64_t)status.st_size
				       ? left : (uint64_t)status.st_size;
}

void
pmt_input_close(struct pmt_input *input)
{
	for (int i = 0; i < input->parts; i++)
		if (input->part[i].fd != STDIN_FILENO)
			close(input->part[i].fd);
	free(input->buffer);
}

/* Returns how many bytes, 0 at the end of the last part, or -errno. */
static ssize_t
read_block(struct pmt_input *input, void *to, size_t size)
{
	ssize_t n = 0;

	if (input->stopped != NULL && input->stopped() != 0)
		return -EINTR;
	for (; input->current < input->parts; input->current++) {
		struct pmt_input_part *part = &input->part[input->current];

		n = read(part->fd, to, part->left < size ? part->left : size);
		if (n == -1)
			return -errno;
		part->left -= (uint64_t)n;
		if (n > 0)
			break;
	}
	input->bytes += (uint64_t)n;
	return n;
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
	if (n < 0)
		return (int)n;
	input->at_end = n == 0;
	input->end = to + n;
	memset(to + n, 0, PMT_INPUT_SPARE);
	return 0;
}
