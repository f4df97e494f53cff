/* SPDX-License-Identifier: MIT */
/* record.h - one sample of one process, and its JSON. */
#ifndef PMT_CLI_RECORD_H
#define PMT_CLI_RECORD_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/types.h>

/* What stands before the JSON in a log line, as it always did. */
#define PROCESS_PREFIX "ProcessLoggingThread-JSON"

enum process_kind { PROCESS_START, PROCESS_SAMPLE, PROCESS_STOP };

/* Parts that a record may lack. */
enum {
	PROCESS_MEMORY = 1 << 0,	/* rss, vms, shared, text, data */
	PROCESS_FAULTS = 1 << 1,
	PROCESS_PSS = 1 << 2,		/* uss, pss, swap_pss */
	PROCESS_STATUS = 1 << 3,	/* peak, swap, context switches */
	PROCESS_THREADS = 1 << 4,
	PROCESS_FDS = 1 << 5,
	PROCESS_IO = 1 << 6,
	PROCESS_CGROUP = 1 << 7,
	PROCESS_CGROUP_MAX = 1 << 8,	/* and it has a limit */
};

struct process_record {
	enum process_kind kind;
	unsigned has, denied;	/* PROCESS_ */
	pid_t pid;
	char timestamp[64];	/* local time, as datetime writes it */
	double elapsed;		/* seconds since the process was made */
	bool gone;		/* it has ended: numbers of the last sample */
	int exit_status, signal;	/* of our command; -1: not known */
	uint64_t missed;	/* STOP: ticks that were too close */
	const char *label;	/* or NULL */

	uint64_t rss, vms, shared, text, data;
	uint64_t minor_faults, major_faults;
	uint64_t uss, pss, swap_pss;
	uint64_t peak, swap, voluntary, involuntary;
	uint64_t threads, fds;
	uint64_t read_count, write_count, read_bytes, write_bytes;
	uint64_t read_chars, write_chars;
	uint64_t cgroup_current, cgroup_max;
	uint64_t cgroup_high, cgroup_oom, cgroup_oom_kill;
	double user, system, children_user, children_system, iowait;
};

/* The numbers of the log format, for writing and for reading. */
struct process_field {
	const char *object;	/* in which the key stands; NULL: on top */
	const char *key;
	unsigned has;		/* the part that it belongs to */
	enum { PROCESS_COUNT, PROCESS_SECONDS } type;
	size_t offset;		/* of a uint64_t or a double */
};

enum { PROCESS_FIELDS = 32 };
extern const struct process_field process_fields[PROCESS_FIELDS];

/* A new JSON object, without "event" and such if CLASSIC. */
json_t *process_record_json(const struct process_record *record, bool classic);

/*
 * Read JSON into *RECORD; its label is JSON's, so it lives as long.  What a
 * psutil of another system left out is not in `has`.  Returns false when it
 * is no record: no pid, time or memory.
 */
bool process_record_parse(json_t *json, struct process_record *record);

#endif
