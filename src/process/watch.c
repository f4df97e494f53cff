/* SPDX-License-Identifier: MIT */
#include <config.h>

#include "process/watch.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/wait.h>

#include "base/now.h"
#include "cli/cli.h"
#include "cli/json.h"
#include "cli/record.h"
#include "cli/watched.h"
#include "proc/cgroup.h"
#include "proc/proc.h"
#include "proc/ticker.h"
#include "process/sink.h"

struct watch {
	const struct process_arguments *arguments;
	struct pmt_procfs *fs;
	struct watched watched;
	struct process_sink *sink;
	char *cgroup;		/* NULL: it is in none */
	struct pmt_proc proc;	/* the last sample */
	struct process_record record;	/* what was written of it */
	uint64_t missed;
	bool failed;		/* the sink, so nothing is written any more */
};

static const struct {
	unsigned group, part;	/* PMT_PROC_, PROCESS_ */
} parts[] = {
	{ PMT_PROC_STATUS, PROCESS_STATUS }, { PMT_PROC_PSS, PROCESS_PSS },
	{ PMT_PROC_IO, PROCESS_IO }, { PMT_PROC_FDS, PROCESS_FDS },
};

static double
seconds(uint64_t ns)
{
	return (double)ns / 1e9;
}

static void
stamp(struct watch *watch, struct process_record *record)
{
	char now[CLI_JSON_TIME];

	snprintf(record->timestamp, sizeof(record->timestamp), "%s",
		 cli_json_now(now));
	record->elapsed = seconds(pmt_proc_age(&watch->proc));
}

static void
add_cgroup(const struct watch *watch, struct process_record *record)
{
	struct pmt_cgroup cgroup;

	if (watch->cgroup == NULL ||
	    pmt_cgroup_read(watch->cgroup, &cgroup) != 0)
		return;
	record->has |= PROCESS_CGROUP;
	if (cgroup.max != PMT_CGROUP_NO_LIMIT)
		record->has |= PROCESS_CGROUP_MAX;
	record->cgroup_current = cgroup.current;
	record->cgroup_max = cgroup.max;
	record->cgroup_high = cgroup.high;
	record->cgroup_oom = cgroup.oom;
	record->cgroup_oom_kill = cgroup.oom_kill;
}

static void
fill(const struct pmt_proc *proc, struct process_record *record)
{
	*record = (struct process_record){
		.kind = PROCESS_SAMPLE, .exit_status = -1, .pid = proc->pid,
		.has = PROCESS_MEMORY | PROCESS_FAULTS | PROCESS_THREADS,
		.rss = proc->rss, .vms = proc->vms, .shared = proc->shared,
		.text = proc->text, .data = proc->data,
		.minor_faults = proc->minor_faults,
		.major_faults = proc->major_faults,
		.uss = proc->uss, .pss = proc->pss, .swap_pss = proc->swap_pss,
		.peak = proc->peak, .swap = proc->swap,
		.voluntary = proc->voluntary_switches,
		.involuntary = proc->involuntary_switches,
		.threads = proc->threads, .fds = proc->fds,
		.read_count = proc->read_calls,
		.write_count = proc->write_calls,
		.read_bytes = proc->read_bytes,
		.write_bytes = proc->write_bytes,
		.read_chars = proc->read_chars,
		.write_chars = proc->write_chars,
		.user = seconds(proc->user), .system = seconds(proc->system),
		.children_user = seconds(proc->children_user),
		.children_system = seconds(proc->children_system),
		.iowait = seconds(proc->iowait),
	};
	for (size_t i = 0; i < PMT_ARRAY_SIZE(parts); i++) {
		if ((proc->have & parts[i].group) != 0)
			record->has |= parts[i].part;
		if ((proc->denied & parts[i].group) != 0)
			record->denied |= parts[i].part;
	}
}

/* Returns 0 or -errno: -ESRCH, it has ended. */
static int
sample(struct watch *watch, enum process_kind kind)
{
	unsigned want = PMT_PROC_STATUS | PMT_PROC_IO | PMT_PROC_FDS;
	struct pmt_proc proc;
	int err;

	if (watch->arguments->pss)
		want |= PMT_PROC_PSS;
	err = pmt_proc_read(watch->fs, watch->watched.pid, want, &proc);
	if (err != 0)
		return err;
	/*
	 * Another life of this number, or one that ends right now: the memory
	 * goes first, before it is a zombie.
	 */
	if (kind != PROCESS_START && (proc.start != watch->proc.start ||
	    (proc.vms == 0 && watch->proc.vms != 0)))
		return -ESRCH;
	watch->proc = proc;
	fill(&proc, &watch->record);
	stamp(watch, &watch->record);
	watch->record.kind = kind;
	add_cgroup(watch, &watch->record);
	return 0;
}

static void
put(struct watch *watch)
{
	if (!watch->failed)
		watch->failed = !process_sink_write(watch->sink,
						    &watch->record,
						    watch->proc.name);
}

/* The last record: of an ended process the numbers are those from before. */
static void
put_stop(struct watch *watch)
{
	const struct watched *watched = &watch->watched;
	struct process_record *record = &watch->record;

	if (watched->ended || sample(watch, PROCESS_STOP) != 0) {
		record->gone = true;
		stamp(watch, record);
	}
	record->kind = PROCESS_STOP;
	record->missed = watch->missed;
	if (watched->ours && watched->ended) {
		if (WIFEXITED(watched->wait_status))
			record->exit_status = WEXITSTATUS(watched->wait_status);
		else
			record->signal = WTERMSIG(watched->wait_status);
	}
	put(watch);
}

/* Nothing more to write, but the command is to end as it would without us. */
static bool
only_waits(const struct watch *watch, uint64_t taken, uint64_t end)
{
	return watch->failed ||
	       watched_enough(&watch->arguments->watched, taken, end);
}

static void
record_until_done(struct watch *watch, const struct pmt_ticker *ticker)
{
	uint64_t taken = 1, end = pmt_now(CLOCK_MONOTONIC) +
				  watch->arguments->watched.duration;
	bool stopped = false;
	int64_t ticks;

	while (!watch->watched.ended) {
		if (!stopped && only_waits(watch, taken, end)) {
			put_stop(watch);
			stopped = true;
		}
		if (stopped && !watch->watched.ours)
			return;
		ticks = watched_wait(&watch->watched, ticker, -1);
		watched_reap(&watch->watched);
		if (cli_stopped() &&
		    !watched_lives_on(&watch->watched, cli_stopped()))
			break;
		if (ticks <= 0 || stopped || watch->watched.ended)
			continue;
		watch->missed += (uint64_t)ticks - 1;
		/* Ours is dead but not reaped yet, or it was not ours. */
		if (sample(watch, PROCESS_SAMPLE) != 0) {
			watch->watched.ended = !watch->watched.ours;
			continue;
		}
		taken++;
		put(watch);
	}
	if (!stopped)
		put_stop(watch);
}

static void
begin(struct watch *watch, const struct pmt_ticker *ticker)
{
	const struct process_arguments *arguments = watch->arguments;
	int err;

	if (arguments->watched.command != NULL)
		watched_start(&watch->watched, arguments->watched.command,
			     &ticker->outside);
	else
		watched_attach(&watch->watched, arguments->watched.pid);
	err = sample(watch, PROCESS_START);
	if (err != 0)
		watched_die(&watch->watched, err);
	pmt_procfs_keep(watch->fs, watch->watched.pid);
	if (pmt_cgroup_find(watch->fs, watch->watched.pid, &watch->cgroup) == 0)
		add_cgroup(watch, &watch->record);
	put(watch);
}

int
process_watch(const struct process_arguments *arguments)
{
	struct watch watch = { .arguments = arguments };
	struct pmt_ticker ticker;
	int status;

	watch.fs = watched_procfs_open();
	watch.sink = process_sink_open(arguments);
	watched_ticker_open(&arguments->watched, &ticker);
	begin(&watch, &ticker);
	record_until_done(&watch, &ticker);

	status = watched_status(&watch.watched);
	if (!process_sink_close(watch.sink) || watch.failed)
		status = status != CLI_OK ? status : CLI_FAILED;
	pmt_ticker_close(&ticker);
	pmt_procfs_close(watch.fs);
	free(watch.cgroup);
	return status;
}
