/* SPDX-License-Identifier: MIT */
/* commandline.h - by which command was a process started? */
#ifndef PMT_CLI_COMMANDLINE_H
#define PMT_CLI_COMMANDLINE_H

#include "proc/proc.h"

/*
 * Its arguments in one line that a terminal may show, or its name in brackets
 * where there are none.  The caller frees it; NULL when memory is short.
 */
char *cli_command_line(struct pmt_procfs *fs, const struct pmt_proc *proc);

#endif
