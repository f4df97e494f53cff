/* SPDX-License-Identifier: MIT */
/*
 * running.h - which Python function runs, by entries and returns?
 *
 * With PYTHON_PROBES only: file, function and line of [tid, self->depth].
 */
#ifdef PYTHON_PROBES
FUNCTION_ENTRY
{
	self->depth++;
	file[tid, self->depth] = FILE_NAME(arg0);
	function[tid, self->depth] = copyinstr(arg1);
	line[tid, self->depth] = (int)arg2;
}

FUNCTION_RETURN
/self->depth > 0/
{
	self->depth--;
}
#endif
