/* SPDX-License-Identifier: MIT */
/* script.h - what is meant by the first word of the program's command line? */
#ifndef PMT_RUN_SCRIPT_H
#define PMT_RUN_SCRIPT_H

#include "run/settings.h"

/*
 * Take the command line as the shell would: a script that is no file here is
 * looked for in PATH, and where an interpreter stands in its place, it runs
 * what follows.  Returns what the caller frees once it has run, or NULL.
 */
char *run_script_resolve(struct run_options *options);

/*
 * Where SCRIPT (NULL: there is none) is a program in machine code, or a command
 * of another kind, which Python has failed to read, say how to watch it, if
 * that can be.
 */
void run_script_explain(const char *script);

#endif
