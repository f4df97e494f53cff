/* SPDX-License-Identifier: MIT */
/* script.h - what was meant by a script that is none? */
#ifndef PMT_RUN_SCRIPT_H
#define PMT_RUN_SCRIPT_H

/*
 * Where SCRIPT (NULL: there is none) is a command or a program in machine code,
 * which Python has failed to read, say how to watch it, if that can be.
 */
void run_script_explain(const char *script);

#endif
