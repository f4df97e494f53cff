/* SPDX-License-Identifier: MIT */
/* cfirun.h - the instructions of .eh_frame, up to those of one address. */
#ifndef PMT_CFIRUN_H
#define PMT_CFIRUN_H

#include <stdbool.h>
#include <stdint.h>

#include "alloc/dwarf.h"
#include "base/common.h"

/*
 * As .eh_frame tells for each instruction, also of code without frame pointers
 * and without debugging information.  The address at which the stack pointer
 * was before the call, the CFA, is a register plus CFA.
 */
enum pmt_cfi_base {
	PMT_CFI_END,	/* nobody called it, or nobody knows how to go on */
	PMT_CFI_SP,
	PMT_CFI_FP,
	PMT_CFI_AT_FP,	/* the CFA itself lies at frame pointer plus CFA */
};

struct pmt_cfi_rule {
	enum pmt_cfi_base base;
	int32_t cfa;
	int32_t ra;	/* the return address is at CFA + ra */
	int32_t fp;	/* the caller's frame pointer at CFA + fp, or, by
			   AT_FP, at frame pointer + fp; if it was saved */
	bool fp_saved;
};

/* Numbers of registers in DWARF. */
enum {
#ifdef __aarch64__
	PMT_CFI_REG_SP = 31,
	PMT_CFI_REG_FP = 29,
	PMT_CFI_REG_RA = 30,
#else
	PMT_CFI_REG_SP = 7,
	PMT_CFI_REG_FP = 6,
	PMT_CFI_REG_RA = 16,
#endif
};

/* The rule so far; LOST: it is told in a way that we do not know. */
struct pmt_cfi_row {
	struct pmt_cfi_rule rule;
	bool cfa_lost, fp_lost;
	bool fp_at_fp;		/* the rule's fp counts from there */
	bool ra_saved;
};

struct pmt_cfi_program {
	uint64_t code_step;
	int64_t data_step;
	unsigned int encoding;		/* of addresses */
	uintptr_t at, pc;		/* where it is, and up to where */
	struct pmt_cfi_row first;	/* as the common part leaves it */
	struct pmt_cfi_row stack[8];
	unsigned int depth;
};

/* Run what IN holds.  False: it cannot be read. */
PMT_HIDDEN bool pmt_cfi_run(struct pmt_dwarf *in,
			    struct pmt_cfi_program *program,
			    struct pmt_cfi_row *row) PMT_MUST_CHECK;

#endif
