/* SPDX-License-Identifier: MIT */
/* script.h - how does a CPython from 3.14 on get a script from outside? */
#ifndef PMT_ATTACH_SCRIPT_H
#define PMT_ATTACH_SCRIPT_H

#include "attach/cpython.h"
#include "base/common.h"

/* As its remote debugging has it, PEP 768; the rest is as in pending.h. */

int pmt_script_post(struct pmt_attach *attach, const char *script)
	PMT_MUST_CHECK;
int pmt_script_is_asked(const struct pmt_attach *attach) PMT_MUST_CHECK;
int pmt_script_withdraw(const struct pmt_attach *attach) PMT_MUST_CHECK;

#endif
