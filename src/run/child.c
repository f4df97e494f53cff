/* SPDX-License-Identifier: MIT */
#include <config.h>

#include "run/child.h"

#include <errno.h>
#include <signal.h>
#include <spawn.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cli/cli.h"

/* Not SIGCONT: who continues us after ^Z continues the whole group. */
static const int passed_on[] = {
	SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGUSR1, SIGUSR2, SIGALRM, SIGWINCH,
};

static int
spawn(char *const argv[], const sigset_t *mask, pid_t *pid)
{
	posix_spawnattr_t attributes;
	sigset_t deadly;
	int err = posix_spawnattr_init(&attributes);

	if (err != 0)
		return -err;
	sigemptyset(&deadly);
	if (cli_limit_kills())
		sigaddset(&deadly, SIGXFSZ);
	posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK |
					      POSIX_SPAWN_SETSIGDEF);
	posix_spawnattr_setsigmask(&attributes, mask);
	posix_spawnattr_setsigdefault(&attributes, &deadly);
	err = posix_spawnp(pid, argv[0], NULL, &attributes, argv, environ);
	posix_spawnattr_destroy(&attributes);
	return -err;
}

/*
 * SIGNALS are blocked: they wait in the kernel until we look, so that nothing
 * is lost and no signal can hit a process that got the child's number.
 */
static int
stand_by(pid_t pid, const sigset_t *signals, struct run_lastwords *words,
	 int *status, uint64_t *peak)
{
	struct rusage usage;
	siginfo_t info;

	for (;;) {
		if (sigtimedwait(signals, &info,
				 run_lastwords_wait(words)) == -1) {
			if (errno != EINTR && errno != EAGAIN)
				return -errno;
			info.si_signo = SIGCHLD;
		}
		run_lastwords_look(words, pid);
		/* Also after another signal: two of a kind arrive as one. */
		switch (wait4(pid, status, WNOHANG, &usage)) {
		case 0:
			break;
		case -1:
			return -errno;
		default:
			/* getrusage(2): ru_maxrss is in kilobytes. */
			*peak = (uint64_t)usage.ru_maxrss * 1024;
			return 0;
		}
		/* Of si_code, only what processes send is not positive. */
		if (info.si_signo != SIGCHLD && info.si_code <= 0 &&
		    info.si_pid != pid)
			kill(pid, info.si_signo);
	}
}

int
run_child(char *const argv[], struct run_lastwords *words, int *status,
	  uint64_t *peak)
{
	sigset_t signals, before;
	pid_t pid;
	int err;

	/* Were it ignored, the kernel would throw the status away. */
	signal(SIGCHLD, SIG_DFL);
	sigemptyset(&signals);
	sigaddset(&signals, SIGCHLD);
	for (size_t i = 0; i < PMT_ARRAY_SIZE(passed_on); i++)
		sigaddset(&signals, passed_on[i]);
	sigprocmask(SIG_BLOCK, &signals, &before);
	err = spawn(argv, &before, &pid);
	if (err == 0)
		err = stand_by(pid, &signals, words, status, peak);
	/* Nobody may be left to read the summary; the status still counts. */
	signal(SIGPIPE, SIG_IGN);
	return err;
}

int
run_child_become(int status)
{
	const struct rlimit no_core = { 0, 0 };
	sigset_t mask;
	int sig;

	if (!WIFSIGNALED(status))
		return WEXITSTATUS(status);
	sig = WTERMSIG(status);
	/* One core is enough, the program's. */
	setrlimit(RLIMIT_CORE, &no_core);
	signal(sig, SIG_DFL);
	sigemptyset(&mask);
	sigaddset(&mask, sig);
	sigprocmask(SIG_UNBLOCK, &mask, NULL);
	raise(sig);
	return 128 + sig;
}
