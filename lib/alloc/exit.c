/* SPDX-License-Identifier: MIT */
/* exit.c - a process that leaves by _exit(2), past all destructors. */
#include <config.h>

#include <stdlib.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "alloc/session.h"

PMT_PUBLIC void
_exit(int status)
{
	pmt_session_exit();
	for (;;)
		syscall(SYS_exit_group, status);
}

PMT_PUBLIC void
_Exit(int status)
{
	_exit(status);
}
