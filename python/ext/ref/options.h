/* SPDX-License-Identifier: MIT */
/* options.h - what did the user ask of a ReferenceTracing? */
#ifndef PMT_REF_OPTIONS_H
#define PMT_REF_OPTIONS_H

#include "module/compat.h"
#include "module/logoptions.h"
#include "ref/typefilter.h"

/* What the user asked for; all strings are malloc's and the options' own. */
struct ref_options {
	struct log_options log;
	struct type_filter filter;
	int gc_generation;	/* collected at exit; -1: none */
	bool qualified;
	unsigned int columns;	/* enum pmt_reference_columns */
	uint64_t sample;	/* 1 in so many objects */
	uint64_t bound;		/* of these, see sample/chosen.h */
};

/*
 * Read the arguments of ReferenceTracing() into *OPTIONS, which is all zeroes.
 * Returns 0, or -1 with a Python exception set; ref_options_fini() is due in
 * either case.
 */
int ref_options_init(struct ref_options *options, PyObject *args,
		     PyObject *kwargs);

void ref_options_fini(struct ref_options *options);

#endif
