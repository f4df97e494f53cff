/* SPDX-License-Identifier: MIT */
/* stacks.h - which call paths does a log tell of, and what is in each? */
#ifndef ANALYSE_STACKS_H
#define ANALYSE_STACKS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/hash.h"
#include "base/text.h"

/* What each path has numbers of, e.g. "grown" in "bytes". */
struct stack_measure {
	const char *name, *unit;
};

#define STACK_MEASURES 5

/* A place in a path.  Names are the stacks' own. */
struct stack_frame {
	struct pmt_text function;	/* never empty */
	struct pmt_text file;		/* a whole path; empty: none */
	uint32_t line;			/* 0: of no matter */
};

/* One more frame below that of node CALLER, whose number is less. */
struct stack_node {
	uint32_t caller;		/* 0: it is the outermost */
	uint32_t frame;
	uint64_t values[STACK_MEASURES];	/* without what it calls */
};

/* Moments of a course, evenly spaced, the last one being the end. */
enum { STACK_MOMENTS = 32 };

/* What a node had come to at these moments, without what it calls. */
struct stack_course {
	int64_t values[STACK_MOMENTS];
};

/*
 * The call paths of one log, whatever kind it is of, as a tree, and how much
 * was charged to each.  Node 0 is above all of them: it has no frame and
 * nothing of its own.
 */
struct stacks {
	struct stack_measure measures[STACK_MEASURES];
	unsigned int measure_count;
	unsigned int chosen;		/* the one to show first */
	struct stack_frame *frames;
	struct stack_node *nodes;
	struct stack_course *courses[STACK_MEASURES];	/* NULL: not known */
	size_t course_room[STACK_MEASURES];	/* nodes from there on have 0 */
	uint32_t frame_count, node_count;
	size_t frame_room, node_room;
	struct pmt_hash by_frame, by_node;
};

/* Begin with node 0 only.  All of these end the program without memory. */
void stacks_init(struct stacks *stacks, const struct stack_measure *measures,
		 unsigned int count);
void stacks_fini(struct stacks *stacks);	/* zeroed memory is allowed */

/* The frame like FRAME, whose names are copied. */
uint32_t stacks_frame(struct stacks *stacks, const struct stack_frame *frame);

/* The node of FRAME below CALLER. */
uint32_t stacks_node(struct stacks *stacks, uint32_t caller, uint32_t frame);

/* NODE had come to these VALUES, and what was added before. */
void stacks_add_course(struct stacks *stacks, uint32_t node,
		       unsigned int measure,
		       const int64_t values[STACK_MOMENTS]);

/* The values of each node with all below it; the caller frees them. */
uint64_t *stacks_totals(const struct stacks *stacks, unsigned int measure);

/* Paths are shown so deep; of deeper ones, the frames farthest in. */
#define STACK_DEPTH 256

/*
 * The frames from NODE outwards, at most STACK_DEPTH.  Returns how many, and
 * *CUT: there are more.
 */
uint32_t stacks_path(const struct stacks *stacks, uint32_t node,
		     uint32_t frames[STACK_DEPTH], bool *cut);

#endif
