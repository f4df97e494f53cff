/* SPDX-License-Identifier: MIT */
/*
 * malloc-flow - which blocks does which Python line take from malloc, and free?
 * See pmt-dtrace(7).  -D PYTHON_CALL_STACK: calls and returns, too.
 */
#include "python.h"

#pragma D option quiet
#pragma D option bufsize=8m
#pragma D option switchrate=20hz

dtrace:::BEGIN
{
	printf("dtrace:::BEGIN\n");
}

#include "running.h"

#ifdef PYTHON_PROBES
pid$target::malloc:entry
/self->depth > 0/
{
	self->size = arg0 + 1;
}

pid$target::malloc:return
/self->size > 0/
{
	printf(" %6d %24s:%-4d -> %s malloc(%d) pntr 0x%x @%d\n", pid,
	    file[tid, self->depth], line[tid, self->depth],
	    function[tid, self->depth], self->size - 1, arg1, timestamp);
	@bytes[file[tid, self->depth], function[tid, self->depth]] =
	    sum(self->size - 1);
	self->size = 0;
}

pid$target::free:entry
/self->depth > 0/
{
	printf(" %6d %24s:%-4d -> %s free(0x%x) @%d\n", pid,
	    file[tid, self->depth], line[tid, self->depth],
	    function[tid, self->depth], arg0, timestamp);
}
#else
pmt$target:::malloc-site
{
	printf(" %6d %24s:%-4d -> %s malloc(%d) pntr 0x%x @%d\n", pid,
	    FILE_NAME(arg2), (int)arg4, copyinstr(arg3), arg1, arg0,
	    timestamp);
	@bytes[FILE_NAME(arg2), copyinstr(arg3)] = sum(arg1);
}

pmt$target:::free-site
{
	printf(" %6d %24s:%-4d -> %s free(0x%x) @%d\n", pid, FILE_NAME(arg1),
	    (int)arg3, copyinstr(arg2), arg0, timestamp);
}
#endif

#ifdef PYTHON_CALL_STACK
FUNCTION_ENTRY
{
	printf("CALL -> %s\n", copyinstr(arg1));
}

FUNCTION_RETURN
{
	printf("RTN <- %s\n", copyinstr(arg1));
}
#endif

dtrace:::END
{
	printf("dtrace:::END\n");
	printf("Bytes taken from malloc by Python file and function:\n");
	printa("  %@10d %s, %s\n", @bytes);
}
