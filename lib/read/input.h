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

/* What has been read and not yet used is BEGIN to END. */
struct pmt_input {
	const char *begin;
	const char *end;
	bool at_end;		/* no more will come */
	char *buffer;
	size_t room;
	uint64_t bytes;		/* read so far */
	uint64_t size;		/* of the file, 0 when that is unknown */
	int fd;
	char *next;		/* path of what follows this file, or NULL */
};

/*
 * Open PATH, or standard input for "-".  Returns 0 or -errno; -EISDIR for a
 * directory.
 */
int pmt_input_open(struct pmt_input *input, const char *path) PMT_MUST_CHECK;

/* Have the file at PATH follow the one that is open.  Returns 0 or -ENOMEM. */
int pmt_input_chain(struct pmt_input *input, const char *path) PMT_MUST_CHECK;

void pmt_input_close(struct pmt_input *input);

/*
 * Have more bytes between begin and end, or set at_end.  What was there stays,
 * perhaps elsewhere.  Returns 0 or -errno: -EFBIG when PMT_INPUT_LINE bytes are
 * waiting already, -EINTR so that a signal can end a wait for a pipe.
 */
int pmt_input_more(struct pmt_input *input) PMT_MUST_CHECK;

#endif
