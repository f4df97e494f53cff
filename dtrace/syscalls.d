/* SPDX-License-Identifier: MIT */
/*
 * syscalls - which system calls does which Python function make?
 * See pmt-dtrace(7).
 */
#include "python.h"

#pragma D option quiet
#pragma D option bufsize=8m
#pragma D option switchrate=20hz

self uint64_t last;
self int depth;
int begun;

dtrace:::BEGIN
{
	printf("%3s %7s %7s %9s %5s %24s:%-5s %s\n", "CPU", "PID", "TID",
	    "DELTA(us)", "DEPTH", "FILE", "LINE", "FUNCTION OR SYSTEM CALL");
}

FUNCTION_ENTRY
{
	this->delta = self->last == 0 ? 0 : (timestamp - self->last) / 1000;
	printf("%3d %7d %7d %9d %5d %24s:%-5d %*s-> %s\n", cpu, pid, tid,
	    this->delta, self->depth, FILE_NAME(arg0), (int)arg2,
	    2 * self->depth, "", copyinstr(arg1));
	function[tid, self->depth] = copyinstr(arg1);
	self->depth++;
	begun = 1;
	self->last = timestamp;
}

FUNCTION_RETURN
{
	self->depth -= self->depth > 0 ? 1 : 0;
	this->delta = self->last == 0 ? 0 : (timestamp - self->last) / 1000;
	printf("%3d %7d %7d %9d %5d %24s:%-5d %*s<- %s\n", cpu, pid, tid,
	    this->delta, self->depth, FILE_NAME(arg0), (int)arg2,
	    2 * self->depth, "", copyinstr(arg1));
	self->last = timestamp;
}

syscall:::entry
/pid == $target && begun/
{
	this->delta = self->last == 0 ? 0 : (timestamp - self->last) / 1000;
	printf("%3d %7d %7d %9d %5d %24s:%-5d %*s-> %s\n", cpu, pid, tid,
	    this->delta, self->depth, "syscall", 0, 2 * self->depth, "",
	    probefunc);
	self->last = timestamp;
}

syscall:::entry
/pid == $target && begun && self->depth > 0/
{
	@calls[function[tid, self->depth - 1], probefunc] = count();
}

syscall:::entry
/pid == $target && begun && self->depth == 0/
{
	@calls["-", probefunc] = count();
}

dtrace:::END
{
	printf("System calls by Python function:\n");
	printa("  %@10d %s, %s\n", @calls);
}
