/* SPDX-License-Identifier: MIT */
/* place.h - where in its memory does a process have room for some text? */
#ifndef PMT_ATTACH_PLACE_H
#define PMT_ATTACH_PLACE_H

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/types.h>

#include "base/common.h"

/* The begin of a file that a process has mapped. */
struct pmt_mapping {
	uint64_t start;
	char path[PATH_MAX];
};

struct pmt_mappings {
	FILE *file;
	char *line;
	size_t room;
};

/* The mappings of PID, each file once or more.  Returns 0 or -errno. */
int pmt_mappings_open(struct pmt_mappings *maps, pid_t pid) PMT_MUST_CHECK;
bool pmt_mappings_next(struct pmt_mappings *maps, struct pmt_mapping *mapping);
void pmt_mappings_close(struct pmt_mappings *maps);

/*
 * Room for SIZE bytes in PID, whose open memory is MEMORY: what is left of the
 * last page of a library's variables, which nobody uses, and which is 0.
 * Returns 0 or -errno: -ENOSPC, no library leaves so much.
 */
int pmt_place_find(pid_t pid, int memory, size_t size, uint64_t *place)
	PMT_MUST_CHECK;

#endif
