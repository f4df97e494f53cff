/* SPDX-License-Identifier: MIT */
#include <config.h>

#include "proc/proc.h"

#include <errno.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/now.h"
#include "proc/procfd.h"

/* Indices of proc_pid_stat(5), where the first field is 1. */
enum {
	STAT_PPID = 4,
	STAT_MINFLT = 10,
	STAT_MAJFLT = 12,
	STAT_UTIME = 14,
	STAT_STIME = 15,
	STAT_CUTIME = 16,
	STAT_CSTIME = 17,
	STAT_THREADS = 20,
	STAT_START = 22,
	STAT_BLKIO = 42,
	STAT_FIELDS = 45,
};

/* Returns how many fields there were; numbers from PPID on land in FIELD. */
static int
split_stat(char *p, uint64_t field[STAT_FIELDS])
{
	char *end;
	int i;

	for (i = STAT_PPID; i < STAT_FIELDS; i++, p = end) {
		/* Negative ones, such as tpgid, are none that we use. */
		field[i] = (uint64_t)strtoll(p, &end, 10);
		if (errno == ERANGE) {
			errno = 0;
			field[i] = strtoull(p, &end, 10);
		}
		if (end == p)
			break;
	}
	return i;
}

static int
parse_stat(char *text, uint64_t tick, struct pmt_proc *proc)
{
	/* A name may hold blanks and parentheses: the last one ends it. */
	char *name = strchr(text, '('), *end = strrchr(text, ')');
	uint64_t field[STAT_FIELDS] = { 0 };
	size_t length;

	if (name == NULL || end == NULL || end < name || end[1] != ' ' ||
	    end[2] == '\0')
		return -EBADMSG;
	errno = 0;
	if (split_stat(end + 3, field) <= STAT_START)
		return -EBADMSG;

	length = (size_t)(end - name - 1);
	if (length >= sizeof(proc->name))
		length = sizeof(proc->name) - 1;
	memcpy(proc->name, name + 1, length);
	proc->state = end[2];
	proc->ppid = (pid_t)field[STAT_PPID];
	proc->minor_faults = field[STAT_MINFLT];
	proc->major_faults = field[STAT_MAJFLT];
	proc->user = field[STAT_UTIME] * tick;
	proc->system = field[STAT_STIME] * tick;
	proc->children_user = field[STAT_CUTIME] * tick;
	proc->children_system = field[STAT_CSTIME] * tick;
	proc->iowait = field[STAT_BLKIO] * tick;
	proc->threads = field[STAT_THREADS];
	proc->start = field[STAT_START] * tick;
	return 0;
}

int
pmt_proc_read_stat(struct pmt_procfs *fs, pid_t pid, struct pmt_proc *out)
{
	struct pmt_proc proc = { .pid = pid };
	char text[1024];
	ssize_t n = pmt_procfs_read(fs, pid, "stat", text, sizeof(text));
	int err;

	if (n < 0)
		return (int)n;
	err = parse_stat(text, fs->tick, &proc);
	if (err == 0)
		*out = proc;
	return err;
}

static int
read_statm(struct pmt_procfs *fs, struct pmt_proc *proc)
{
	uint64_t pages[6];
	char text[256], *p = text, *end;
	ssize_t n = pmt_procfs_read(fs, proc->pid, "statm", text, sizeof(text));

	if (n < 0)
		return (int)n;
	for (size_t i = 0; i < PMT_ARRAY_SIZE(pages); i++, p = end) {
		pages[i] = strtoull(p, &end, 10);
		if (end == p)
			return -EBADMSG;
	}
	/* proc_pid_statm(5): size resident shared text lib data. */
	proc->vms = pages[0] * fs->page;
	proc->rss = pages[1] * fs->page;
	proc->shared = pages[2] * fs->page;
	proc->text = pages[3] * fs->page;
	proc->data = pages[5] * fs->page;
	return 0;
}

/* Kernel threads have no Vm lines, which is as good as 0. */
static void
parse_status(const char *text, struct pmt_proc *proc)
{
	uint64_t swap = 0, peak = 0;

	pmt_procfs_field(text, "\nVmSwap:", &swap);
	pmt_procfs_field(text, "\nVmHWM:", &peak);
	proc->swap = swap * 1024;
	proc->peak = peak * 1024;
	pmt_procfs_field(text, "\nvoluntary_ctxt_switches:",
			 &proc->voluntary_switches);
	pmt_procfs_field(text, "\nnonvoluntary_ctxt_switches:",
			 &proc->involuntary_switches);
}

static void
parse_rollup(const char *text, struct pmt_proc *proc)
{
	static const char *const private[] = {
		"\nPrivate_Clean:", "\nPrivate_Dirty:", "\nPrivate_Hugetlb:",
	};
	uint64_t kib = 0;

	for (size_t i = 0; i < PMT_ARRAY_SIZE(private); i++) {
		if (pmt_procfs_field(text, private[i], &kib))
			proc->uss += kib * 1024;
	}
	if (pmt_procfs_field(text, "\nPss:", &kib))
		proc->pss = kib * 1024;
	if (pmt_procfs_field(text, "\nSwapPss:", &kib))
		proc->swap_pss = kib * 1024;
}

static void
parse_io(const char *text, struct pmt_proc *proc)
{
	pmt_procfs_field(text, "\nrchar:", &proc->read_chars);
	pmt_procfs_field(text, "\nwchar:", &proc->write_chars);
	pmt_procfs_field(text, "\nsyscr:", &proc->read_calls);
	pmt_procfs_field(text, "\nsyscw:", &proc->write_calls);
	pmt_procfs_field(text, "\nread_bytes:", &proc->read_bytes);
	pmt_procfs_field(text, "\nwrite_bytes:", &proc->write_bytes);
}

static const struct {
	unsigned group;
	const char *file;
	void (*parse)(const char *text, struct pmt_proc *proc);
} groups[] = {
	{ PMT_PROC_STATUS, "status", parse_status },
	{ PMT_PROC_PSS, "smaps_rollup", parse_rollup },
	{ PMT_PROC_IO, "io", parse_io },
};

/* What a process lacks is no error; that it is gone will show in statm. */
static void
note_group(struct pmt_proc *proc, unsigned group, int err)
{
	if (err == 0)
		proc->have |= group;
	else if (err == -EACCES)
		proc->denied |= group;
}

int
pmt_proc_read_rest(struct pmt_procfs *fs, unsigned want,
		   struct pmt_proc *proc)
{
	const unsigned listed = want & (PMT_PROC_FILES | PMT_PROC_NET);
	char text[4096];
	ssize_t n;

	for (size_t i = 0; i < PMT_ARRAY_SIZE(groups); i++) {
		if ((want & groups[i].group) == 0)
			continue;
		n = pmt_procfs_read(fs, proc->pid, groups[i].file, text,
				    sizeof(text));
		/* smaps_rollup of a kernel thread is empty on some kernels. */
		if (n > 0)
			groups[i].parse(text, proc);
		if (n != 0)
			note_group(proc, groups[i].group, n < 0 ? (int)n : 0);
	}
	if ((want & PMT_PROC_FDS) != 0)
		note_group(proc, PMT_PROC_FDS,
			   pmt_procfd_count_all(fs, proc->pid,
						&proc->fds));
	if (listed != 0)
		note_group(proc, listed, pmt_procfd_count(
			fs, proc->pid,
			listed & PMT_PROC_FILES ? &proc->files : NULL,
			listed & PMT_PROC_NET ? &proc->sockets : NULL));
	return read_statm(fs, proc);
}

int
pmt_proc_read(struct pmt_procfs *fs, pid_t pid, unsigned want,
	      struct pmt_proc *out)
{
	struct pmt_proc proc;
	int err = pmt_proc_read_stat(fs, pid, &proc);

	if (err == 0)
		err = pmt_proc_read_rest(fs, want, &proc);
	if (err == 0)
		*out = proc;
	return err;
}

ssize_t
pmt_proc_cmdline(struct pmt_procfs *fs, pid_t pid, char *buf, size_t size)
{
	return pmt_procfs_read(fs, pid, "cmdline", buf, size);
}

bool
pmt_proc_hidden(pid_t pid)
{
	/* Only processes of other users are (hidepid). */
	return kill(pid, 0) == -1 && errno == EPERM;
}

const char *
pmt_proc_state_name(char state)
{
	static const struct {
		char letter;
		const char *name;
	} states[] = {
		{ 'R', "running" }, { 'S', "sleeping" },
		{ 'D', "disk-sleep" }, { 'Z', "zombie" },
		{ 'T', "stopped" }, { 't', "tracing-stop" },
		{ 'X', "dead" }, { 'x', "dead" },
		{ 'I', "idle" }, { 'P', "parked" },
		{ 'K', "wake-kill" }, { 'W', "waking" },
	};

	for (size_t i = 0; i < PMT_ARRAY_SIZE(states); i++) {
		if (states[i].letter == state)
			return states[i].name;
	}
	return "unknown";
}

uint64_t
pmt_proc_age(const struct pmt_proc *proc)
{
	uint64_t now = pmt_now(CLOCK_BOOTTIME);

	/* start is rounded down to ticks, but never mind the order. */
	return now > proc->start ? now - proc->start : 0;
}
