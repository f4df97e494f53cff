/* SPDX-License-Identifier: MIT */
/*
 * malloc - how much memory do Python functions take from malloc?
 * See pmt-dtrace(7).
 */
#include "python.h"

#pragma D option quiet
#pragma D option bufsize=8m
#pragma D option switchrate=20hz

#include "running.h"

#ifdef PYTHON_PROBES
pid$target::malloc:entry
/self->depth > 0/
{
	@calls[file[tid, self->depth], function[tid, self->depth]] = count();
	@bytes[file[tid, self->depth], function[tid, self->depth]] = sum(arg0);
	@sizes[file[tid, self->depth], function[tid, self->depth]] =
	    quantize(arg0);
}
#else
pmt$target:::malloc-site
{
	@calls[FILE_NAME(arg2), copyinstr(arg3)] = count();
	@bytes[FILE_NAME(arg2), copyinstr(arg3)] = sum(arg1);
	@sizes[FILE_NAME(arg2), copyinstr(arg3)] = quantize(arg1);
}
#endif

dtrace:::END
{
	printf("Calls of malloc by Python file and function:\n");
	printa("  %@10d %s, %s\n", @calls);
	printf("Bytes:\n");
	printa("  %@10d %s, %s\n", @bytes);
	printf("Sizes:\n");
	printa("  %s, %s\n%@d\n", @sizes);
}
