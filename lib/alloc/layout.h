/* SPDX-License-Identifier: MIT */
/* layout.h - where do the objects of one CPython keep their parts? */
#ifndef PMT_LAYOUT_H
#define PMT_LAYOUT_H

#include <stdint.h>

/* How co_linetable or co_lnotab tell lines. */
enum pmt_line_table {
	PMT_LINES_NOTAB,	/* up to 3.9 */
	PMT_LINES_PAIRS,	/* 3.10 */
	PMT_LINES_LOCATIONS,	/* 3.11 and newer */
};

enum { PMT_LAYOUT_CHECKS = 12 };

/*
 * Offsets in bytes; -1: there is no such part.  One row is compiled for each
 * interpreter that pmt is built for, from its own headers, and all rows lie
 * in the section pmt_layouts of the preloaded library, without gaps: compilers
 * align what is large by up to 64 bytes.
 */
struct pmt_layout {
	int32_t version;		/* major << 8 | minor */
	enum pmt_line_table lines;
	int32_t thread_frame;		/* the innermost frame ... */
	int32_t cframe_frame;		/* ... or what leads to it */
	int32_t frame_code;
	int32_t frame_previous;
	int32_t frame_instruction;	/* pointer, before 3.11 an index */
	int32_t instruction_size;	/* bytes a step of that index, or 0 */
	int32_t frame_owner;		/* who made it; -1 before 3.11 */
	int32_t frame_entry;		/* 3.11: C code called it; else -1 */
	int32_t code_size;		/* tp_basicsize of PyCode_Type */
	int32_t code_file;
	int32_t code_name;
	int32_t code_first_line;
	int32_t code_lines;
	int32_t code_instructions;	/* where they begin, or -1 */
	int32_t object_type;
	int32_t type_basicsize;
	int32_t type_dealloc;
	int32_t bytes_size;
	int32_t bytes_data;
	int32_t text_length;
	int32_t text_state;
	int32_t text_ascii;		/* where the characters are if ASCII */
	int32_t text_compact;		/* and if not */
	/*
	 * From 3.13 on an interpreter tells some of them itself: at WHERE in
	 * its _Py_DebugOffsets stands VALUE.  A WHERE of 0 ends the list.
	 */
	struct pmt_layout_check {
		int32_t where;
		int32_t value;
	} checks[PMT_LAYOUT_CHECKS];
} __attribute__((aligned(64)));

/* From this owner on a frame stands for C code. */
enum { PMT_OWNER_C = 3 };

#define PMT_LAYOUT_ROW __attribute__((used, section("pmt_layouts")))

#endif
