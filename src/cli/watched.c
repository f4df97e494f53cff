/* SPDX-License-Identifier: MIT */
#include <config.h>

#include "cli/watched.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/now.h"
#include "cli/cli.h"
#include "proc/proc.h"

#define LEAST_INTERVAL 1000000
#define FIELD(field) .offset = offsetof(struct watched_options, field)

const struct cli_option watched_option_table[] = {
	{ 'p', CLI_PID, FIELD(pid) },
	{ 'i', CLI_DURATION, FIELD(interval), .min = LEAST_INTERVAL },
	{ 'd', CLI_DURATION, FIELD(duration) },
	{ WATCHED_KEY_COUNT, CLI_NUMBER, FIELD(count), 1, UINT64_MAX },
	{ 0 },
};

bool
watched_enough(const struct watched_options *options, uint64_t count,
	       uint64_t end)
{
	return (options->count != 0 && count >= options->count) ||
	       (options->duration != 0 && pmt_now(CLOCK_MONOTONIC) >= end);
}

struct pmt_procfs *
watched_procfs_open(void)
{
	struct pmt_procfs *fs;
	int err = pmt_procfs_open(NULL, &fs);

	if (err != 0)
		cli_die(CLI_FAILED, err, "cannot open /proc (is it mounted?)");
	return fs;
}

void
watched_ticker_open(const struct watched_options *options,
		    struct pmt_ticker *ticker)
{
	int err = pmt_ticker_open(options->interval, ticker);

	if (err != 0)
		cli_die(CLI_FAILED, err, "cannot set a timer");
}

static int
open_pidfd(pid_t pid)
{
	/* glibc has a wrapper since 2.36; Linux since 5.3. */
	return (int)syscall(SYS_pidfd_open, pid, 0);
}

void
watched_die(const struct watched *watched, int err)
{
	pid_t pid = watched->pid;

	if (!watched->ours && err == -ESRCH && pmt_proc_hidden(pid))
		cli_die(CLI_FAILED, 0, "%d: there is such a process, but /proc "
			"hides it (hidepid)", (int)pid);
	cli_die(CLI_FAILED, err, "%d", (int)pid);
}

/* Elsewhere the numbers that we know are those of strangers. */
static void
insist_on_own_proc(void)
{
	char self[16] = "";

	if (getenv("PMT_PROC_ROOT") != NULL)
		return;
	if (readlink("/proc/self", self, sizeof(self) - 1) == -1 ||
	    atoi(self) != getpid())
		cli_die(CLI_FAILED, 0, "/proc is of another PID namespace: "
			"mount it anew, as unshare --mount-proc does");
}

void
watched_attach(struct watched *watched, pid_t pid)
{
	*watched = (struct watched){ .pid = pid, .pidfd = -1 };
	/* In another /proc the numbers are not those of our own. */
	if (getenv("PMT_PROC_ROOT") == NULL)
		watched->pidfd = open_pidfd(pid);
}

/* In the child; its parent hears through REPORT why it failed. */
static void
become(char **command, const sigset_t *mask, int report)
{
	int err;

	sigprocmask(SIG_SETMASK, mask, NULL);
	if (cli_limit_kills())
		signal(SIGXFSZ, SIG_DFL);
	execvp(command[0], command);
	err = errno;
	if (write(report, &err, sizeof(err)) != sizeof(err))
		_exit(WATCHED_CANNOT_RUN);
	_exit(err == ENOENT ? WATCHED_NOT_FOUND : WATCHED_CANNOT_RUN);
}

void
watched_start(struct watched *watched, char **command, const sigset_t *mask)
{
	int report[2], err = 0;
	pid_t pid;

	insist_on_own_proc();
	if (pipe2(report, O_CLOEXEC) == -1)
		cli_die(CLI_FAILED, errno, "cannot make a pipe");
	pid = fork();
	if (pid == -1)
		cli_die(CLI_FAILED, errno, "cannot start a process");
	if (pid == 0)
		become(command, mask, report[1]);
	close(report[1]);
	/* The pipe closes by itself once the command runs. */
	if (read(report[0], &err, sizeof(err)) == sizeof(err)) {
		waitpid(pid, NULL, 0);
		cli_die(err == ENOENT ? WATCHED_NOT_FOUND : WATCHED_CANNOT_RUN,
			err, "cannot run '%s'", command[0]);
	}
	close(report[0]);
	*watched = (struct watched){
		.pid = pid, .ours = true, .pidfd = open_pidfd(pid),
	};
}

void
watched_reap(struct watched *watched)
{
	struct rusage usage;
	int status;
	pid_t pid;

	if (!watched->ours)
		return;
	while ((pid = wait4(-1, &status, WNOHANG, &usage)) > 0) {
		if (pid != watched->pid)
			continue;
		watched->ended = true;
		watched->wait_status = status;
		watched->usage = usage;
	}
}

int64_t
watched_wait(struct watched *watched, const struct pmt_ticker *ticker, int more)
{
	struct pollfd fds[] = {
		{ .fd = watched->ended ? -1 : watched->pidfd,
		  .events = POLLIN },
		{ .fd = more, .events = POLLIN },
	};
	int64_t ticks = pmt_ticker_wait(ticker, fds, PMT_ARRAY_SIZE(fds));

	if (ticks < 0)
		cli_die(CLI_FAILED, (int)ticks, "cannot wait");
	if (fds[0].revents != 0 && !watched->ours)
		watched->ended = true;
	return ticks;
}

/* Has the terminal sent it to the command too?  It does so for ^C. */
static bool
came_from_terminal(int signal)
{
	return signal == SIGINT && tcgetpgrp(STDIN_FILENO) == getpgrp();
}

bool
watched_lives_on(struct watched *watched, int signal_number)
{
	if (!watched->ours || watched->ended)
		return false;
	if (watched->forwarded)
		return true;
	watched->forwarded = true;
	signal(SIGINT, SIG_DFL);
	signal(SIGTERM, SIG_DFL);
	signal(SIGHUP, SIG_DFL);
	if (!came_from_terminal(signal_number))
		kill(watched->pid, signal_number);
	return true;
}

int
watched_status(const struct watched *watched)
{
	if (!watched->ours || !watched->ended)
		return CLI_OK;
	if (WIFSIGNALED(watched->wait_status))
		return 128 + WTERMSIG(watched->wait_status);
	return WEXITSTATUS(watched->wait_status);
}
