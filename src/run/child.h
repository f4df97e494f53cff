/* SPDX-License-Identifier: MIT */
/* child.h - start a program, stand behind it, end as it ended. */
#ifndef PMT_RUN_CHILD_H
#define PMT_RUN_CHILD_H

#include <stdint.h>
#include <sys/types.h>

#include "base/common.h"
#include "run/lastwords.h"

/*
 * Run ARGV, found in PATH if it holds no slash, with our environment and
 * files, and the signal mask and actions that we were given.  Until it ends,
 * signals that a process sends to us are passed on to it; those of the
 * terminal reach it anyway; WORDS looks after its memory.  Returns its wait
 * status through *STATUS, the most resident memory of it or a child that it
 * waited for, in bytes, through *PEAK, and 0 or -errno: -ENOENT, there is no
 * such program.
 */
int run_child(char *const argv[], struct run_lastwords *words, int *status,
	      uint64_t *peak) PMT_MUST_CHECK;

/*
 * End as the program did: by its signal, so that a shell sees the same, or
 * return its exit status, for main().
 */
int run_child_become(int status);

#endif
