/* SPDX-License-Identifier: MIT */
#include <config.h>

#include "run/refusal.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "cli/cli.h"
#include "cli/python.h"
#include "proc/proc.h"

/* The number after KEY in FILE, or -1. */
static long
read_number(const char *file, const char *key)
{
	FILE *opened = fopen(file, "re");
	char line[256];
	long value = -1;

	while (opened != NULL && value == -1 &&
	       fgets(line, sizeof(line), opened) != NULL)
		if (sscanf(line, key, &value) != 1)
			value = -1;
	if (opened != NULL)
		fclose(opened);
	return value;
}

/* The kernel says EPERM or EACCES for a number of reasons. */
static void
explain_permission(int pid, int err)
{
	char status[32];
	long owner, tracer, scope;

	snprintf(status, sizeof(status), "/proc/%d/status", pid);
	owner = read_number(status, "Uid: %ld");
	tracer = read_number(status, "TracerPid: %ld");
	scope = read_number("/proc/sys/kernel/yama/ptrace_scope", "%ld");
	if (tracer > 0)
		cli_warn(0, "process %d is traced by process %ld already, as "
			 "by a debugger", pid, tracer);
	else if (geteuid() != 0 && owner != -1 && owner != (long)geteuid())
		cli_warn(0, "process %d belongs to user %ld: be that user, or "
			 "root", pid, owner);
	else if (scope == 3)
		cli_warn(0, "process %d: this system forbids it to all "
			 "(kernel.yama.ptrace_scope is 3)", pid);
	else if (scope > 0 && geteuid() != 0)
		cli_warn(0, "process %d: only root may here: use sudo, or "
			 "allow it with sysctl kernel.yama.ptrace_scope=0",
			 pid);
	else
		cli_warn(err, "process %d: the kernel does not allow it; a "
			 "container needs --cap-add=SYS_PTRACE for that", pid);
}

static void
explain_version(int pid, const struct pmt_attach *attach, const char *package)
{
	char *served = package == NULL ? NULL : cli_python_served(package);

	if (attach->version == 0)
		cli_warn(0, "process %d is a Python of a version that it does "
			 "not tell; this build serves %s", pid,
			 served == NULL ? "others" : served);
	else
		cli_warn(0, "process %d is Python 3.%d%s; this build serves %s",
			 pid, attach->version & 0xff,
			 attach->free_threaded ? " without the GIL" : "",
			 served == NULL ? "others" : served);
	free(served);
}

void
run_refusal_explain(pid_t process, const struct pmt_attach *attach, int err,
		    const char *package)
{
	int pid = (int)process;

	switch (err) {
	case -ESRCH:
		if (pmt_proc_hidden(process))
			cli_warn(0, "process %d belongs to somebody else, and "
				 "/proc hides it (hidepid)", pid);
		else
			cli_warn(0, "there is no process %d", pid);
		break;
	case -EPERM:
	case -EACCES:
		explain_permission(pid, err);
		break;
	case -ENOEXEC:
		cli_warn(0, "process %d is no Python: no _PyRuntime in it",
			 pid);
		break;
	case -ENOTSUP:
		explain_version(pid, attach, package);
		break;
	case -ECONNREFUSED:
		cli_warn(0, "process %d does not allow it: it was started with "
			 "PYTHON_DISABLE_REMOTE_DEBUG or "
			 "-X disable-remote-debug", pid);
		break;
	case -EPROTO:
		cli_warn(0, "process %d is not laid out as its version of "
			 "Python should be; nothing was changed", pid);
		break;
	case -ENOSPC:
		cli_warn(0, "process %d has no room for a line of Python", pid);
		break;
	default:
		cli_warn(err, "cannot attach to process %d", pid);
	}
}
