/* SPDX-License-Identifier: MIT */
/*
 * flow-rss - in which Python function does resident memory change?
 * See pmt-dtrace(7).
 */
#include "python.h"

#pragma D option quiet
#pragma D option bufsize=8m
#pragma D option switchrate=20hz

self uint64_t last;
self int depth;

int64_t rss, change;

dtrace:::BEGIN
{
	printf("%3s %7s %7s %9s %5s %9s %9s %24s:%-5s %s\n", "CPU", "PID", "TID",
	    "DELTA(us)", "DEPTH", "RSS(KiB)", "CHANGE", "FILE", "LINE", "FUNCTION");
}

pmt$target:::rss-change
{
	rss = arg0 / 1024;
	change += (int64_t)arg1;
}

FUNCTION_ENTRY
{
	this->delta = self->last == 0 ? 0 : (timestamp - self->last) / 1000;
	printf("%3d %7d %7d %9d %5d %9d %9d %24s:%-5d %*s-> %s\n", cpu, pid, tid,
	    this->delta, self->depth, rss, change / 1024, FILE_NAME(arg0), (int)arg2,
	    2 * self->depth, "", copyinstr(arg1));
	self->depth++;
	self->last = timestamp;
	change = 0;
}

FUNCTION_RETURN
{
	self->depth -= self->depth > 0 ? 1 : 0;
	this->delta = self->last == 0 ? 0 : (timestamp - self->last) / 1000;
	printf("%3d %7d %7d %9d %5d %9d %9d %24s:%-5d %*s<- %s\n", cpu, pid, tid,
	    this->delta, self->depth, rss, change / 1024, FILE_NAME(arg0), (int)arg2,
	    2 * self->depth, "", copyinstr(arg1));
	self->last = timestamp;
	change = 0;
}
