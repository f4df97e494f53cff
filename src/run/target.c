/* SPDX-License-Identifier: MIT */
#include <config.h>

#include "run/target.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "cli/cli.h"
#include "run/refusal.h"
#include "run/settings.h"
#include "run/waiting.h"

#define MS INT64_C(1000000)

static int
open_signals(void)
{
	sigset_t stop;

	sigemptyset(&stop);
	sigaddset(&stop, SIGINT);
	sigaddset(&stop, SIGTERM);
	sigaddset(&stop, SIGHUP);
	sigaddset(&stop, SIGQUIT);
	sigprocmask(SIG_BLOCK, &stop, NULL);
	return signalfd(-1, &stop, SFD_CLOEXEC | SFD_NONBLOCK);
}

int
run_target_wait(struct run_target *target, int64_t timeout)
{
	struct pollfd files[] = {
		{ .fd = target->pidfd, .events = POLLIN },
		{ .fd = target->signals, .events = POLLIN },
	};
	struct timespec time = { timeout / (1000 * MS), timeout % (1000 * MS) };
	struct signalfd_siginfo info;

	if (ppoll(files, 2, timeout < 0 ? NULL : &time, NULL) == -1)
		return 0;
	if (files[0].revents != 0)
		return -ESRCH;
	if (files[1].revents == 0)
		return 0;
	pmt_ignore((int)read(target->signals, &info, sizeof(info)));
	return -EINTR;
}

/* The same mount namespace, as far as PATH goes? */
static bool
sees(const struct run_target *target, const char *path)
{
	struct stat ours, its;
	char *there;
	bool same;

	if (asprintf(&there, "/proc/%d/root%s", (int)target->pid, path) == -1)
		return false;
	same = stat(path, &ours) == 0 && stat(there, &its) == 0 &&
	       ours.st_dev == its.st_dev && ours.st_ino == its.st_ino;
	free(there);
	return same;
}

/* A directory that only its user can enter, or change. */
static void
make_directory(struct run_target *target)
{
	char root[32];
	struct stat status;

	snprintf(root, sizeof(root), "/proc/%d", (int)target->pid);
	if (stat(root, &status) == -1)
		cli_die(RUN_FAILED, errno, "cannot attach to %d",
			(int)target->pid);
	strcat(root, "/root");
	if (sees(target, "/tmp"))
		root[0] = '\0';
	target->prefix = strlen(root);
	if (asprintf(&target->directory, "%s/tmp/pmt-run.XXXXXX", root) == -1)
		cli_die(RUN_FAILED, ENOMEM, "giving up");
	if (mkdtemp(target->directory) == NULL ||
	    (status.st_uid != geteuid() &&
	     chown(target->directory, status.st_uid, status.st_gid) == -1))
		cli_die(RUN_FAILED, errno, "cannot make a directory in "
			"'%s/tmp'", root);
}

char *
run_target_file(const struct run_target *target, const char *name)
{
	char *path;

	if (asprintf(&path, "%s/%s", target->directory, name) == -1)
		cli_die(RUN_FAILED, ENOMEM, "giving up");
	return path;
}

void
run_target_open(struct run_target *target, pid_t pid, struct run_board *board,
		const char *package)
{
	struct stat status;
	char *path;
	int err;

	*target = (struct run_target){ .pid = pid, .board = board };
	target->pidfd = (int)syscall(SYS_pidfd_open, pid, 0);
	target->signals = open_signals();
	err = pmt_attach_open(&target->attach, pid);
	if (err != 0) {
		run_refusal_explain(pid, &target->attach, err, package);
		exit(RUN_FAILED);
	}
	if (!sees(target, package))
		cli_die(RUN_FAILED, 0, "process %d does not see '%s', as in a "
			"container: run the pmt-run that is installed there",
			(int)pid, package);
	make_directory(target);
	path = run_target_file(target, "board");
	if (stat(target->directory, &status) == -1)
		status.st_uid = geteuid();
	err = run_board_move(board, path, status.st_uid);
	if (err != 0) {
		run_target_close(target);
		cli_die(RUN_FAILED, err, "cannot make '%s'", path);
	}
	free(path);
}

void
run_target_explain(const struct run_target *target, int err)
{
	const char *so = target->begun ? "" : ", and nothing was changed";
	int pid = (int)target->pid;
	char text[RUN_WAITING_TEXT];

	if (err == -ETIMEDOUT)
		cli_warn(0, "process %d did not get to it in %g s%s: %s; "
			 "--wait waits longer", pid,
			 (double)target->wait / 1e9, so,
			 run_waiting_describe(target->pid, text));
	else if (err == -ESRCH)
		cli_warn(0, "process %d has ended", pid);
	else if (err == -EPROTO)
		cli_warn(0, "process %d does not answer", pid);
	else if (err == -EINTR)
		cli_warn(0, "process %d: given up%s", pid, so);
	else
		run_refusal_explain(target->pid, &target->attach, err, NULL);
}

void
run_target_close(struct run_target *target)
{
	static const char *const names[] = { "board", "script.py" };

	for (size_t i = 0; i < PMT_ARRAY_SIZE(names); i++) {
		char *path = run_target_file(target, names[i]);

		unlink(path);
		free(path);
	}
	rmdir(target->directory);
	free(target->directory);
	pmt_attach_close(&target->attach);
	close(target->signals);
	if (target->pidfd != -1)
		close(target->pidfd);
}
