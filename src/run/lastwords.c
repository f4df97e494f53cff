/* SPDX-License-Identifier: MIT */
#include <config.h>

#include "run/lastwords.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/units.h"
#include "cli/cli.h"
#include "proc/cgroup.h"

void
run_lastwords_open(struct run_lastwords *words, bool asks)
{
	struct pmt_cgroup counters;
	struct pmt_procfs *fs;

	*words = (struct run_lastwords){ .asks = asks };
	if (pmt_procfs_open(NULL, &fs) < 0)
		return;
	if (pmt_cgroup_find(fs, getpid(), &words->group) == 0 &&
	    pmt_cgroup_read(words->group, &counters) == 0 &&
	    counters.max != PMT_CGROUP_NO_LIMIT) {
		words->max = counters.max;
		words->kills = counters.oom_kill;
	} else {
		run_lastwords_close(words);
	}
	pmt_procfs_close(fs);
}

const struct timespec *
run_lastwords_wait(const struct run_lastwords *words)
{
	static const struct timespec interval = { .tv_nsec = 200000000 };

	return words->group != NULL && words->asks ? &interval : NULL;
}

/* Would the signal do more than to kill it? */
static bool
catches(pid_t pid, int sig)
{
	char text[4096];
	const char *key;
	struct pmt_procfs *fs;
	ssize_t n;

	if (pmt_procfs_open("/proc", &fs) < 0)
		return false;
	n = pmt_procfs_read(fs, pid, "status", text, sizeof(text));
	pmt_procfs_close(fs);
	key = n < 0 ? NULL : strstr(text, "\nSigCgt:");
	return key != NULL && (strtoull(key + 8, NULL, 16) >> (sig - 1) & 1);
}

void
run_lastwords_look(struct run_lastwords *words, pid_t pid)
{
	struct pmt_cgroup now;

	if (run_lastwords_wait(words) == NULL ||
	    pmt_cgroup_read(words->group, &now) < 0)
		return;
	if (now.current < now.max / 5 * 4)
		words->asked = false;
	if (words->asked || now.current < now.max / 10 * 9 ||
	    !catches(pid, SIGUSR1))
		return;
	words->asked = words->ever = true;
	kill(pid, SIGUSR1);
}

bool
run_lastwords_tell(const struct run_lastwords *words, int status)
{
	struct pmt_cgroup now;
	char max[PMT_SIZE_TEXT];

	if (words->group == NULL || !WIFSIGNALED(status) ||
	    WTERMSIG(status) != SIGKILL ||
	    pmt_cgroup_read(words->group, &now) < 0 ||
	    now.oom_kill <= words->kills)
		return false;
	cli_warn(0, "the kernel killed it for want of memory: its control "
		 "group may use %s%s",
		 pmt_format_size((int64_t)words->max, max),
		 words->ever ? "; the report is of when nine tenths of that "
				"were in use" : "");
	return true;
}

void
run_lastwords_close(struct run_lastwords *words)
{
	free(words->group);
	words->group = NULL;
}
