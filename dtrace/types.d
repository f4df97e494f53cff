/* SPDX-License-Identifier: MIT */
/*
 * types - objects of which types are made where, and how many stay?
 * See pmt-dtrace(7).
 */
#include "python.h"

#pragma D option quiet
#pragma D option bufsize=8m
#pragma D option switchrate=20hz

pmt$target:::object-new
{
	@made[copyinstr(arg1), FILE_NAME(arg3), copyinstr(arg4)] = count();
	@bytes[copyinstr(arg1)] = sum(arg2);
	@alive[copyinstr(arg1)] = sum(1);
}

pmt$target:::object-del
{
	@alive[copyinstr(arg1)] = sum(-1);
}

dtrace:::END
{
	printf("Objects made, by type, file and function:\n");
	printa("  %@10d %s, %s, %s\n", @made);
	printf("Bytes:\n");
	printa("  %@10d %s\n", @bytes);
	printf("Alive:\n");
	printa("  %@10d %s\n", @alive);
}
