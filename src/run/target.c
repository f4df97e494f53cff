/* SPDX-License-Identifier: MIT */
#include <config.h>

#include "run/target.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/now.h"
#include "cli/cli.h"
#include "run/refusal.h"
#include "run/settings.h"

#define MS INT64_C(1000000)
/* It begins at once, unless it waits; its answer may take a collection. */
#define BEGINS (10000 * MS)
#define ANSWERS (120000 * MS)
#define WAKE (200 * MS)

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

/* The caller frees it. */
static char *
file_in(const struct run_target *target, const char *name)
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
	path = file_in(target, "board");
	if (stat(target->directory, &status) == -1)
		status.st_uid = geteuid();
	err = run_board_move(board, path, status.st_uid);
	if (err != 0) {
		run_target_close(target);
		cli_die(RUN_FAILED, err, "cannot make '%s'", path);
	}
	free(path);
}

/* What a CPython from 3.14 on reads. */
static int
write_script(const char *path, const char *code)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC |
				    O_NOFOLLOW, 0600);
	size_t length = strlen(code);
	int err = 0;

	if (fd == -1)
		return -errno;
	if (write(fd, code, length) != (ssize_t)length)
		err = -EIO;
	close(fd);
	return err;
}

static int
give_script(struct run_target *target, const char *path, const char *code)
{
	struct stat status;
	int err = write_script(path, code);

	if (err == 0 && stat(target->directory, &status) == 0 &&
	    status.st_uid != geteuid() &&
	    chown(path, status.st_uid, status.st_gid) == -1)
		err = -errno;
	return err;
}

/* It may start, end, or be busy with other pending calls for a while. */
static int
post(struct run_target *target, const char *code, const char *script,
     uint64_t begin)
{
	int err, stopped;

	for (;;) {
		err = pmt_attach_post(&target->attach, code, script);
		/* Libraries that leave room may still be to come. */
		if (err != -EAGAIN && err != -EBUSY && err != -ENOSPC)
			return err;
		if (pmt_now(CLOCK_MONOTONIC) - begin > BEGINS)
			return err == -ENOSPC ? err : -ETIMEDOUT;
		stopped = run_target_wait(target, 2 * MS);
		if (stopped != 0)
			return stopped;
	}
}

/* Take it back, unless it is taken just now.  Returns WHY, or 0. */
static int
withdraw(struct run_target *target, int why)
{
	int err;

	for (int i = 0; i < 1000; i++) {
		err = pmt_attach_withdraw(&target->attach);
		if (err != -EAGAIN && err != -EBUSY)
			break;
		usleep(1000);
	}
	if (err == 0)
		pmt_attach_clear(&target->attach);
	return err == 1 ? 0 : err == 0 ? why : err;
}

/* Wait until it has begun. */
static int
see_begin(struct run_target *target, uint64_t begin)
{
	uint64_t woken = begin, now;
	int64_t pause = MS / 5;
	int taken, stopped;

	for (;;) {
		taken = pmt_attach_is_taken(&target->attach);
		if (taken != 0)
			return taken < 0 ? -ESRCH : 0;
		stopped = run_target_wait(target, pause);
		now = pmt_now(CLOCK_MONOTONIC);
		if (stopped == -ESRCH)
			return stopped;
		if (stopped != 0 || now - begin > BEGINS)
			return withdraw(target, stopped != 0 ? stopped
							     : -ETIMEDOUT);
		if (now - woken > WAKE) {
			pmt_attach_wake(&target->attach);
			woken = now;
			pause = 10 * MS;
		}
	}
}

static int
see_answer(struct run_target *target, uint64_t begin)
{
	int64_t pause = MS / 5;
	int err, stopped = 0;

	for (;;) {
		err = run_board_read(target->board);
		if (err != 0)
			return err;
		if (run_board_count(target->board, "answer") > target->answers)
			break;
		if (stopped == -ESRCH)
			return stopped;
		if (pmt_now(CLOCK_MONOTONIC) - begin > ANSWERS)
			return -EPROTO;
		/* It has begun: to be asked to stop is no reason to leave. */
		stopped = run_target_wait(target, pause);
		if (pause > 20 * MS)
			pmt_attach_settle(&target->attach);
		else
			pause *= 2;
	}
	target->answers++;
	pmt_attach_clear(&target->attach);
	return 0;
}

/* Returns 1 if it asks to be asked again, 0 or -errno. */
static int
ask(struct run_target *target, const char *code, const char *script,
    uint64_t begin)
{
	int err = post(target, code, script + target->prefix, begin);
	size_t again;

	if (err == 0)
		err = see_begin(target, begin);
	if (err == 0)
		err = see_answer(target, begin);
	if (err != 0)
		return err;
	again = run_board_count(target->board, "again");
	if (again == target->again) {
		target->begun = true;
		return 0;
	}
	target->again = again;
	return pmt_now(CLOCK_MONOTONIC) - begin > BEGINS ? -ETIMEDOUT : 1;
}

/*
 * There is little room for text: it reads the rest from SCRIPT.  Whatever
 * happens, nothing is raised and no name is left.
 */
static const char reader[] =
	"try:__import__('builtins').exec('import posix as p\\n"
	"d=p.open(F,524288)\\n"
	"c=p.read(d,99999)\\n"
	"p.close(d)\\n"
	"exec(c,{})',{'F':b'%s'})\n"
	"except:0\n";

int
run_target_do(struct run_target *target, const char *code)
{
	uint64_t begin = pmt_now(CLOCK_MONOTONIC);
	char *script = file_in(target, "script.py"), *safe, *text;
	int64_t pause = 5 * MS;
	int err;

	if (asprintf(&safe, "try:%s\nexcept:0\n", code) == -1 ||
	    asprintf(&text, reader, script + target->prefix) == -1)
		cli_die(RUN_FAILED, ENOMEM, "giving up");
	err = give_script(target, script, safe);
	while (err == 0) {
		err = ask(target, text, script, begin);
		if (err != 1)
			break;
		err = run_target_wait(target, pause);
		if (pause < 50 * MS)
			pause *= 2;
	}
	unlink(script);
	free(script);
	free(safe);
	free(text);
	return err;
}

void
run_target_explain(const struct run_target *target, int err)
{
	const char *so = target->begun ? "" : ", and nothing was changed";
	int pid = (int)target->pid;

	if (err == -ETIMEDOUT)
		cli_warn(0, "process %d did not get to it in %d s%s: its main "
			 "thread waits in the kernel, is in C, or imports; try "
			 "again when it works", pid,
			 (int)(BEGINS / (1000 * MS)), so);
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
		char *path = file_in(target, names[i]);

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
