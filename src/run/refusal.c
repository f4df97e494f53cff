/* SPDX-License-Identifier: MIT */
#include <config.h>

#include "run/refusal.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli/cli.h"
#include "cli/python.h"
#include "proc/proc.h"
#include "proc/procfs.h"

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

static long
read_status(int pid, const char *key)
{
	char path[32];

	snprintf(path, sizeof(path), "/proc/%d/status", pid);
	return read_number(path, key);
}

/* Its own user is kept from its memory: what /proc has of it is root's. */
static bool
is_closed(int pid)
{
	struct stat status;
	char path[32];

	snprintf(path, sizeof(path), "/proc/%d/mem", pid);
	return stat(path, &status) == 0 &&
	       (long)status.st_uid != read_status(pid, "Uid: %*d %ld");
}

/* Of who is not root.  Returns whether it is that. */
static bool
explain_users(int pid)
{
	long owner = read_status(pid, "Uid: %ld");
	long runs_as = read_status(pid, "Uid: %*d %ld");

	if (owner != -1 && owner != (long)geteuid())
		cli_warn(0, "process %d belongs to user %ld: be that user, or "
			 "root", pid, owner);
	else if (runs_as != owner)
		cli_warn(0, "process %d is set-user-ID, and runs as user %ld: "
			 "only root may", pid, runs_as);
	else if (is_closed(pid))
		cli_warn(0, "process %d lets only root see its memory, as "
			 "programs with file capabilities do, and those that "
			 "call prctl(PR_SET_DUMPABLE)", pid);
	else
		return false;
	return true;
}

/* The kernel says EPERM or EACCES for a number of reasons. */
static void
explain_permission(int pid, int err)
{
	long tracer = read_status(pid, "TracerPid: %ld");
	long scope = read_number("/proc/sys/kernel/yama/ptrace_scope", "%ld");

	if (tracer > 0)
		cli_warn(0, "process %d is traced by process %ld already, as "
			 "by a debugger", pid, tracer);
	else if (scope == 3)
		cli_warn(0, "process %d: this system forbids it to all, until "
			 "it starts anew (kernel.yama.ptrace_scope is 3)", pid);
	else if (geteuid() != 0 && explain_users(pid))
		;
	else if (scope > 0 && geteuid() != 0)
		cli_warn(0, "process %d: only root may here: use sudo, or "
			 "allow it with sysctl kernel.yama.ptrace_scope=0",
			 pid);
	else if (read_number("/proc/self/status", "Seccomp: %ld") == 2)
		cli_warn(0, "process %d: a filter of system calls (seccomp) "
			 "forbids it, or a capability lacks; a container "
			 "needs --cap-add=SYS_PTRACE for that", pid);
	else
		cli_warn(err, "process %d: the kernel does not allow it; a "
			 "container needs --cap-add=SYS_PTRACE for that", pid);
}

/* As struct pmt_proc has it; '\0': there is no such process. */
static char
read_state(int pid)
{
	struct pmt_proc proc = { .state = '\0' };
	struct pmt_procfs *fs;

	if (pmt_procfs_open("/proc", &fs) != 0)
		return '\0';
	if (pmt_proc_read_stat(fs, pid, &proc) != 0)
		proc.state = '\0';
	pmt_procfs_close(fs);
	return proc.state;
}

/* It has no memory, or is not here at all. */
static void
explain_nothing(int pid)
{
	char state = read_state(pid);

	if (state == 'Z' || state == 'X')
		cli_warn(0, "process %d has ended, and its parent has not "
			 "asked yet how (a zombie)", pid);
	else if (state != '\0')
		cli_warn(0, "process %d is none of a program, but a thread of "
			 "the kernel", pid);
	else if (pmt_proc_hidden(pid))
		cli_warn(0, "process %d belongs to somebody else, and /proc "
			 "hides it (hidepid)", pid);
	else
		cli_warn(0, "there is no process %d; what runs in a container "
			 "has another number outside of it", pid);
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
		explain_nothing(pid);
		break;
	case -EPERM:
	case -EACCES:
		explain_permission(pid, err);
		break;
	case -ENOEXEC:
		/* A zombie has no mappings; kernels since 6.13 say ESRCH. */
		if (read_state(pid) == 'Z')
			explain_nothing(pid);
		else
			cli_warn(0, "process %d is no Python: no _PyRuntime "
				 "in it", pid);
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
