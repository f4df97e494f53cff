/* SPDX-License-Identifier: MIT */
#include <config.h>

#include "run/waiting.h"

#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/common.h"
#include "cli/cli.h"
#include "proc/procfs.h"

/* By the names that the manual has for them. */
static const struct {
	long number;
	const char *name;
} calls[] = {
#ifdef SYS_select
	{ SYS_select, "select" },
#endif
#ifdef SYS_poll
	{ SYS_poll, "poll" },
#endif
#ifdef SYS_epoll_wait
	{ SYS_epoll_wait, "epoll_wait" },
#endif
#ifdef SYS_pause
	{ SYS_pause, "pause" },
#endif
	{ SYS_pselect6, "select" },
	{ SYS_ppoll, "poll" },
	{ SYS_epoll_pwait, "epoll_wait" },
	{ SYS_read, "read" },
	{ SYS_readv, "read" },
	{ SYS_pread64, "read" },
	{ SYS_write, "write" },
	{ SYS_writev, "write" },
	{ SYS_recvfrom, "recv" },
	{ SYS_recvmsg, "recv" },
	{ SYS_sendto, "send" },
	{ SYS_sendmsg, "send" },
	{ SYS_accept, "accept" },
	{ SYS_accept4, "accept" },
	{ SYS_connect, "connect" },
	{ SYS_openat, "open" },
	{ SYS_fsync, "fsync" },
	{ SYS_flock, "flock" },
	{ SYS_fcntl, "fcntl" },
	{ SYS_ioctl, "ioctl" },
	{ SYS_wait4, "wait" },
	{ SYS_waitid, "wait" },
	{ SYS_nanosleep, "nanosleep" },
	{ SYS_clock_nanosleep, "nanosleep" },
	{ SYS_rt_sigtimedwait, "sigwaitinfo" },
	{ SYS_rt_sigsuspend, "sigsuspend" },
};

/* proc_pid_syscall(5): the number, or "running". */
static void
describe(const char *line, char text[RUN_WAITING_TEXT])
{
	long number;

	if (strncmp(line, "running", 7) == 0) {
		snprintf(text, RUN_WAITING_TEXT, "its main thread is at work, "
			 "in C or importing");
		return;
	}
	if (sscanf(line, "%ld", &number) != 1)
		return;
	if (number == SYS_futex) {
		snprintf(text, RUN_WAITING_TEXT, "its main thread waits for a "
			 "lock");
		return;
	}
	for (size_t i = 0; i < PMT_ARRAY_SIZE(calls); i++)
		if (calls[i].number == number) {
			snprintf(text, RUN_WAITING_TEXT,
				 "its main thread waits in %s(2)",
				 calls[i].name);
			return;
		}
}

const char *
run_waiting_describe(pid_t pid, char text[RUN_WAITING_TEXT])
{
	char line[256];
	struct pmt_procfs *fs;

	snprintf(text, RUN_WAITING_TEXT, "its main thread waits in the kernel, "
		 "is in C, or imports");
	if (pmt_procfs_open("/proc", &fs) < 0)
		return text;
	/* It may just have been stopped, and not be back where it was. */
	for (int i = 0; i < 10; i++) {
		if (pmt_procfs_read(fs, pid, "syscall", line,
				    sizeof(line)) <= 0)
			break;
		describe(line, text);
		if (strncmp(line, "running", 7) != 0)
			break;
		usleep(1000);
	}
	pmt_procfs_close(fs);
	return text;
}

void
run_waiting_tell(pid_t pid, bool posted, uint64_t limit)
{
	char text[RUN_WAITING_TEXT], until[48] = "";

	if (limit != 0)
		snprintf(until, sizeof(until), "; given up after %g s",
			 (double)limit / 1e9);
	cli_warn(0, "process %d: %s; waiting for it%s; ^C gives up", (int)pid,
		 posted ? run_waiting_describe(pid, text)
			: "it starts, ends, or runs no Python at this moment",
		 until);
}
