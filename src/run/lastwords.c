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

/* Of ten seconds, in hundredths of a percent. */
enum { PRESSED = 1000, RELIEVED = 500 };

void
run_lastwords_open(struct run_lastwords *words, bool asks)
{
	struct pmt_cgroup counters;
	struct pmt_procfs *fs;

	*words = (struct run_lastwords){ .asks = asks };
	if (pmt_procfs_open(NULL, &fs) < 0)
		return;
	if (pmt_cgroup_find(fs, getpid(), &words->group) == 0 &&
	    pmt_cgroup_read(words->group, &counters) == 0) {
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

/* Is it time to ask, for it is so BAD, or was so last when it was GOOD? */
static bool
is_due(struct run_lastwords_state *state, bool bad, bool good)
{
	if (good)
		state->asked = false;
	return bad && !state->asked;
}

static void
note(struct run_lastwords_state *state, bool due)
{
	state->asked |= due;
	state->ever |= due;
}

void
run_lastwords_look(struct run_lastwords *words, pid_t pid)
{
	struct pmt_cgroup now;
	unsigned int some = 0;
	bool full, pressed;

	if (run_lastwords_wait(words) == NULL ||
	    pmt_cgroup_read(words->group, &now) < 0)
		return;
	if (pmt_cgroup_pressure(words->group, &some) == 0 &&
	    some > words->worst)
		words->worst = some;
	full = is_due(&words->full, now.current >= now.max / 10 * 9,
		      now.current < now.max / 5 * 4);
	pressed = is_due(&words->pressed, some >= PRESSED, some < RELIEVED);
	if ((!full && !pressed) || !catches(pid, SIGUSR1))
		return;
	note(&words->full, full);
	note(&words->pressed, pressed);
	kill(pid, SIGUSR1);
}

static bool
was_starved(const struct run_lastwords *words, int status)
{
	struct pmt_cgroup now;

	return words->group != NULL && WIFSIGNALED(status) &&
	       WTERMSIG(status) == SIGKILL &&
	       pmt_cgroup_read(words->group, &now) == 0 &&
	       now.oom_kill > words->kills;
}

bool
run_lastwords_tell(const struct run_lastwords *words, int status, bool quiet)
{
	char max[PMT_SIZE_TEXT];
	bool starved = was_starved(words, status);

	if (starved && words->max == PMT_CGROUP_NO_LIMIT)
		cli_warn(0, "the kernel killed it for want of memory: its "
			 "control group has no limit, but one above it may, or "
			 "the machine had no more");
	else if (starved)
		cli_warn(0, "the kernel killed it for want of memory: its "
			 "control group may use %s%s",
			 pmt_format_size((int64_t)words->max, max),
			 words->full.ever ? "; the report is of when nine "
					    "tenths of that were in use" : "");
	if (words->pressed.ever && !quiet)
		cli_warn(0, "its control group waited for memory, up to %u %% "
			 "of ten seconds; it was asked for a report then",
			 words->worst / 100);
	return starved;
}

void
run_lastwords_close(struct run_lastwords *words)
{
	free(words->group);
	words->group = NULL;
}
