/* SPDX-License-Identifier: MIT */
/* input.h - the bytes of a file or a pipe, in lines, however long. */
#ifndef PMT_INPUT_H
#define PMT_INPUT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/common.h"

/* So many bytes past the end of what was read may be loaded; they are 0. */
#define PMT_INPUT_SPARE 64

/* A longer line is cut: no name is so long, and memory has an end. */
#define PMT_INPUT_LINE (4u << 20)

enum { PMT_INPUT_PARTS = 3 };

/* A descriptor, and how many bytes of it belong to the input. */
struct pmt_input_part {
	int fd;
	uint64_t left;
};

/* What has been read and not yet used is BEGIN to END. */
struct pmt_input {
	const char *begin;
	const char *end;
	bool at_end;		/* no more will come */
	char *buffer;
	size_t room;
	uint64_t bytes;		/* read so far */
	uint64_t size;		/* of the file, 0 when that is unknown */
	struct pmt_input_part part[PMT_INPUT_PARTS];
	int parts, current;	/* of these */
	int (*stopped)(void);	/* NULL: nobody asks us to stop */
};

/*
 * The input, which begins as all zeroes, goes on with FD, which is closed with
 * it unless it is standard input: with LEFT bytes, or what is there, from
 * where FD stands.  At most PMT_INPUT_PARTS times.
 */
void pmt_input_add(struct pmt_input *input, int fd, uint64_t left);

void pmt_input_close(struct pmt_input *input);

/*
 * Have more bytes between begin and end, or set at_end.  What was there stays,
 * perhaps elsewhere.  Returns 0 or -errno: -EFBIG when PMT_INPUT_LINE bytes are
 * waiting already, -EINTR so that a signal can end a wait for a pipe, and when
 * stopped() says so.
 */
int pmt_input_more(struct pmt_input *input) PMT_MUST_CHECK;

#endif
