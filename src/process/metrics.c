/* SPDX-License-Identifier: MIT */
#include <config.h>

#include "process/metrics.h"

#include <errno.h>
#include <inttypes.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "cli/cli.h"
#include "cli/openmetrics.h"

#define FIELD(field) offsetof(struct process_record, field)

static const struct metric {
	const char *name, *unit, *type, *help;
	unsigned has;
	bool seconds;
	struct {
		const char *label;	/* mode="user", or "" for none */
		size_t offset;
	} series[2];
} metrics_table[] = {
	{ "pmt_process_resident_memory_bytes", "bytes", "gauge",
	  "Resident set size.", PROCESS_MEMORY, false,
	  { { "", FIELD(rss) } } },
	{ "pmt_process_peak_resident_memory_bytes", "bytes", "gauge",
	  "Highest resident set size so far.", PROCESS_STATUS, false,
	  { { "", FIELD(peak) } } },
	{ "pmt_process_virtual_memory_bytes", "bytes", "gauge",
	  "Virtual memory size.", PROCESS_MEMORY, false,
	  { { "", FIELD(vms) } } },
	{ "pmt_process_swap_bytes", "bytes", "gauge",
	  "Memory swapped out.", PROCESS_STATUS, false,
	  { { "", FIELD(swap) } } },
	{ "pmt_process_unique_memory_bytes", "bytes", "gauge",
	  "Memory that no other process shares (USS).", PROCESS_PSS, false,
	  { { "", FIELD(uss) } } },
	{ "pmt_process_proportional_memory_bytes", "bytes", "gauge",
	  "Memory with its share of what is shared (PSS).", PROCESS_PSS, false,
	  { { "", FIELD(pss) } } },
	{ "pmt_process_cpu_seconds", "seconds", "counter",
	  "CPU time used.", 0, true,
	  { { ",mode=\"user\"", FIELD(user) },
	    { ",mode=\"system\"", FIELD(system) } } },
	{ "pmt_process_page_faults", NULL, "counter",
	  "Page faults.", PROCESS_FAULTS, false,
	  { { ",kind=\"minor\"", FIELD(minor_faults) },
	    { ",kind=\"major\"", FIELD(major_faults) } } },
	{ "pmt_process_context_switches", NULL, "counter",
	  "Context switches.", PROCESS_STATUS, false,
	  { { ",kind=\"voluntary\"", FIELD(voluntary) },
	    { ",kind=\"involuntary\"", FIELD(involuntary) } } },
	{ "pmt_process_io_bytes", "bytes", "counter",
	  "Bytes moved to and from storage.", PROCESS_IO, false,
	  { { ",direction=\"read\"", FIELD(read_bytes) },
	    { ",direction=\"write\"", FIELD(write_bytes) } } },
	{ "pmt_process_threads", NULL, "gauge",
	  "Threads.", PROCESS_THREADS, false, { { "", FIELD(threads) } } },
	{ "pmt_process_open_fds", NULL, "gauge",
	  "Open file descriptors.", PROCESS_FDS, false,
	  { { "", FIELD(fds) } } },
	{ "pmt_process_age_seconds", "seconds", "gauge",
	  "Time since the process was made.", 0, true,
	  { { "", FIELD(elapsed) } } },
	{ "pmt_process_cgroup_memory_bytes", "bytes", "gauge",
	  "Memory used by the process's control group.", PROCESS_CGROUP, false,
	  { { "", FIELD(cgroup_current) } } },
	{ "pmt_process_cgroup_memory_limit_bytes", "bytes", "gauge",
	  "Memory that the control group may use.", PROCESS_CGROUP_MAX, false,
	  { { "", FIELD(cgroup_max) } } },
	{ "pmt_process_cgroup_memory_events", NULL, "counter",
	  "How often the control group met its limits.", PROCESS_CGROUP, false,
	  { { ",event=\"high\"", FIELD(cgroup_high) },
	    { ",event=\"oom_kill\"", FIELD(cgroup_oom_kill) } } },
};

struct process_metrics {
	struct known {
		struct process_record record;
		char name[64];
	} *known;
	size_t count, room;
};

struct process_metrics *
process_metrics_new(void)
{
	struct process_metrics *metrics = calloc(1, sizeof(*metrics));

	if (metrics == NULL)
		cli_die(CLI_FAILED, ENOMEM, "cannot keep a process");
	return metrics;
}

void
process_metrics_free(struct process_metrics *metrics)
{
	free(metrics->known);
	free(metrics);
}

void
process_metrics_set(struct process_metrics *metrics,
		    const struct process_record *record, const char *name)
{
	struct known *at = NULL;

	/* From the end: a log goes on with the process it was at. */
	for (size_t i = metrics->count; i > 0 && at == NULL; i--) {
		if (metrics->known[i - 1].record.pid == record->pid)
			at = &metrics->known[i - 1];
	}
	if (at == NULL) {
		if (metrics->count == metrics->room) {
			metrics->room = metrics->room * 2 + 4;
			metrics->known = reallocarray(metrics->known,
				metrics->room, sizeof(*metrics->known));
			if (metrics->known == NULL)
				cli_die(CLI_FAILED, ENOMEM,
					"cannot keep a process");
		}
		at = &metrics->known[metrics->count++];
	}
	at->record = *record;
	at->record.label = NULL;
	snprintf(at->name, sizeof(at->name), "%s", name != NULL ? name : "");
}

static void
print_series(FILE *out, const struct metric *metric, size_t series,
	     const struct known *known)
{
	const char *at = (const char *)&known->record +
			 metric->series[series].offset;

	fprintf(out, "%s%s{pid=\"%d\"", metric->name,
		strcmp(metric->type, "counter") == 0 ? "_total" : "",
		(int)known->record.pid);
	if (known->name[0] != '\0') {
		fputs(",name=", out);
		openmetrics_value(out, known->name, strlen(known->name));
	}
	fprintf(out, "%s} ", metric->series[series].label);
	if (metric->seconds)
		fprintf(out, "%.6f\n", *(const double *)at);
	else
		fprintf(out, "%" PRIu64 "\n", *(const uint64_t *)at);
}

static bool
has(const struct known *known, const struct metric *metric)
{
	return !known->record.gone &&
	       (known->record.has & metric->has) == metric->has;
}

static void
print_metric(FILE *out, const struct process_metrics *metrics,
	     const struct metric *metric)
{
	bool headed = false;

	for (size_t i = 0; i < metrics->count; i++) {
		if (!has(&metrics->known[i], metric))
			continue;
		if (!headed) {
			openmetrics_head(out, metric->name, metric->type,
					 metric->unit, metric->help);
			headed = true;
		}
		for (size_t j = 0; j < 2; j++) {
			if (metric->series[j].label != NULL)
				print_series(out, metric, j,
					     &metrics->known[i]);
		}
	}
}

void
process_metrics_print(const struct process_metrics *metrics, FILE *out)
{
	for (size_t i = 0; i < PMT_ARRAY_SIZE(metrics_table); i++)
		print_metric(out, metrics, &metrics_table[i]);
	fputs("# EOF\n", out);
}

static void
print_all(FILE *out, const void *metrics)
{
	process_metrics_print(metrics, out);
}

int
process_metrics_replace(const struct process_metrics *metrics,
			const char *file, unsigned mode)
{
	return openmetrics_replace(file, mode, print_all, metrics);
}
