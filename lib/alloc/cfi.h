/* SPDX-License-Identifier: MIT */
/* cfi.h - where is the caller's frame while this instruction runs? */
#ifndef PMT_CFI_H
#define PMT_CFI_H

#include <stdint.h>

#include "alloc/cfirun.h"
#include "base/common.h"

#if defined(__x86_64__) || (defined(__aarch64__) && defined(__LP64__))
#define PMT_CFI_WORKS 1
#else
#define PMT_CFI_WORKS 0
#endif

/*
 * The rule of PC in the module that is mapped from MAP to END and whose
 * .eh_frame_hdr is HEADER, and where the function begins, or 0.  Reads what
 * lies between MAP and END only, and calls nothing.
 */
PMT_HIDDEN struct pmt_cfi_rule pmt_cfi_find(const uint8_t *map,
					    const uint8_t *end,
					    const uint8_t *header,
					    uintptr_t pc, uintptr_t *start);

#endif
