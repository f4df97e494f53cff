/* SPDX-License-Identifier: MIT */
#include <config.h>

#include "analyse/records.h"

#include <fcntl.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>
#include <zlib.h>

#include "base/array.h"
#include "base/saturate.h"
#include "cli/begin.h"
#include "cli/cli.h"

/* Processes beyond that have numbers, but no curve in a picture. */
enum { CURVES = 10, MARKS = 1000, BEGIN = 1 << 16 };

/* No clock is beyond that, so that clocks in nanoseconds have room. */
#define MOST_SECONDS INT64_C(9000000000)

bool
records_is(const char *path)
{
	static const char other[] = "\"memory_info\":";
	struct stat status;
	bool is = false;
	gzFile file;
	char *text;
	int fd, n;

	if (cli_is_fifo(path))
		return false;
	fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	if (fd == -1)
		return false;
	if (fstat(fd, &status) == -1 || !S_ISREG(status.st_mode)) {
		close(fd);
		return false;
	}
	file = cli_need(gzdopen(fd, "rb"));
	text = cli_need(malloc(BEGIN + 1));
	n = gzread(file, text, BEGIN);
	if (n > 0)
		is = memmem(text, (size_t)n, PROCESS_PREFIX,
			    strlen(PROCESS_PREFIX)) != NULL ||
		     (text[0] == '{' && memmem(text, (size_t)n, other,
					       strlen(other)) != NULL);
	free(text);
	gzclose(file);
	return is;
}

static int64_t
nanoseconds(double seconds)
{
	return (int64_t)(fmax(-MOST_SECONDS, fmin(seconds, MOST_SECONDS)) *
			 1e9);
}

/* The DIGITS behind a point, in nanoseconds. */
static int64_t
parse_fraction(const char *digits)
{
	int64_t part = 0;

	for (int64_t unit = 100000000;
	     unit > 0 && *digits >= '0' && *digits <= '9'; unit /= 10)
		part += (*digits++ - '0') * unit;
	return part;
}

/* "2026-11-27 03:57:51.257174" as if it were UTC, which has no leaps. */
static bool
parse_timestamp(const char *text, int64_t *clock)
{
	struct tm tm = { .tm_year = 0 };
	const char *rest = strptime(text, "%Y-%m-%d", &tm);
	int64_t seconds;

	if (rest == NULL || (*rest != ' ' && *rest != 'T'))
		return false;
	rest = strptime(rest + 1, "%H:%M:%S", &tm);
	if (rest == NULL)
		return false;
	seconds = timegm(&tm);
	if (seconds < -MOST_SECONDS || seconds > MOST_SECONDS)
		return false;
	*clock = seconds * 1000000000 +
		 (*rest == '.' ? parse_fraction(rest + 1) : 0);
	return true;
}

/* When was the process of its first RECORD made? */
static int64_t
begun_of(struct records *records, const struct process_record *record)
{
	int64_t now;

	if (!parse_timestamp(record->timestamp, &now))
		now = pmt_add_saturated(records->origin, records->end);
	if (records->count == 0) {
		records->origin = now;
		memcpy(records->begun, record->timestamp,
		       sizeof(records->begun));
	}
	return pmt_add_saturated(pmt_add_saturated(now, -records->origin),
				 -nanoseconds(record->elapsed));
}

static int
new_curve(struct records *records, pid_t pid)
{
	struct live_curves *curves = records->curves;
	char *name;

	if (curves->count == CURVES)
		return -1;
	if (asprintf(&name, "process %d", (int)pid) == -1)
		cli_need(NULL);
	curves->list[curves->count] = (struct live_curve){
		.name = name,
		.curve = cli_need(calloc(1, sizeof(struct pmt_curve))),
	};
	return (int)curves->count++;
}

static struct record_process *
new_process(struct records *records, const struct process_record *record)
{
	int64_t begun = begun_of(records, record);
	struct record_process *process;

	if (pmt_array_reserve((void **)&records->list,
			      sizeof(*records->list), records->count,
			      &records->room) != 0)
		cli_need(NULL);
	process = &records->list[records->count++];
	*process = (struct record_process){
		.pid = record->pid, .first = record->rss, .begun = begun,
		.curve = new_curve(records, record->pid),
	};
	return process;
}

static struct record_number *
find_number(struct records *records, pid_t pid)
{
	uint32_t wanted = (uint32_t)pid * 0x9e3779b1u, place = wanted, found;
	struct record_number *number;

	while ((found = pmt_hash_next(&records->by_pid, wanted, &place)) != 0)
		if (records->numbers[found - 1].pid == pid)
			return &records->numbers[found - 1];
	if (pmt_hash_reserve(&records->by_pid,
			     (uint32_t)records->number_count) != 0 ||
	    pmt_array_reserve((void **)&records->numbers,
			      sizeof(*records->numbers),
			      records->number_count,
			      &records->number_room) != 0)
		cli_need(NULL);
	pmt_hash_insert(&records->by_pid, wanted,
			(uint32_t)records->number_count);
	number = &records->numbers[records->number_count++];
	*number = (struct record_number){ pid, UINT32_MAX };
	return number;
}

/* A process that is younger than it was is another one. */
static struct record_process *
find_process(struct records *records, const struct process_record *record)
{
	struct record_number *number = find_number(records, record->pid);

	if (number->process != UINT32_MAX) {
		struct record_process *process =
			&records->list[number->process];

		if (!process->ended && record->elapsed >= process->elapsed)
			return process;
		if (!process->ended)
			records->rss = pmt_add_saturated(
				records->rss, -(int64_t)process->last);
	}
	number->process = (uint32_t)records->count;
	return new_process(records, record);
}

static void
mark(struct records *records, int64_t clock, char *text)
{
	if (records->mark_count == MARKS) {
		free(text);
		return;
	}
	records->marks = cli_need(reallocarray(records->marks,
					       records->mark_count + 1,
					       sizeof(*records->marks)));
	records->marks[records->mark_count++] = (struct record_mark){
		clock, cli_need(text) };
}

static void
mark_end(struct records *records, int64_t clock,
	 const struct process_record *record)
{
	char *text;
	int n;

	if (record->signal > 0)
		n = asprintf(&text, "process %d ended by signal %d",
			     (int)record->pid, record->signal);
	else if (record->exit_status >= 0)
		n = asprintf(&text, "process %d ended with exit status %d",
			     (int)record->pid, record->exit_status);
	else
		n = asprintf(&text, "process %d ended", (int)record->pid);
	mark(records, clock, n == -1 ? NULL : text);
}

/* RSS of a process, and thereby of all, is so much from now on. */
static void
set_rss(struct records *records, struct record_process *process,
	int64_t clock, uint64_t rss)
{
	records->rss = pmt_add_saturated(records->rss, (int64_t)rss -
						       (int64_t)process->last);
	process->last = rss;
	if (rss > process->peak)
		process->peak = rss;
	if (records->rss > records->rss_peak)
		records->rss_peak = records->rss;
	pmt_series_set(&process->rss, &records->timeline, clock,
		       (int64_t)rss);
	/* When the last one has ended there is nothing to be seen. */
	if (records->rss > 0)
		pmt_curve_add(records->curves->rss, clock, records->rss);
	if (process->curve >= 0)
		pmt_curve_add(records->curves->list[process->curve].curve,
			      clock, (int64_t)rss);
}

static void
take(const struct process_record *record, void *with)
{
	struct records *records = with;
	struct record_process *process;
	int64_t clock;

	/* No process ever had so much. */
	if (record->rss > INT64_MAX / 1024)
		return;
	process = find_process(records, record);
	clock = pmt_add_saturated(process->begun,
				  nanoseconds(record->elapsed));
	if (clock < 0)
		clock = 0;
	if (clock > MOST_SECONDS * 1000000000)
		clock = MOST_SECONDS * 1000000000;
	if (clock > records->end)
		records->end = clock;
	if (records->timeline.shift == 0) {
		pmt_timeline_init(&records->timeline, clock);
		records->rss_first = (int64_t)record->rss;
	}
	if (record->gone) {
		uint64_t last = process->last;

		mark_end(records, clock, record);
		set_rss(records, process, clock, 0);
		process->last = last;
		process->ended = true;
		return;
	}
	process->samples++;
	process->elapsed = record->elapsed;
	process->cpu = record->user + record->system;
	process->faults = record->minor_faults + record->major_faults;
	process->threads = record->threads;
	process->fds = record->fds;
	set_rss(records, process, clock, record->rss);
	records->rss_last = records->rss;
	if (record->label != NULL)
		mark(records, clock, strdup(record->label));
}

bool
records_read(struct records *records, const char *path)
{
	static const struct pmt_choice all = { .type_count = 0 };

	*records = (struct records){ .path = path };
	records->curves = live_curves_new(&all);
	records->curves->bytes = true;
	records->curves->list = cli_need(reallocarray(
		records->curves->list, CURVES,
		sizeof(*records->curves->list)));
	/* Not all types, but each process. */
	free(records->curves->list[0].curve);
	records->curves->count = 0;
	if (pmt_hash_init(&records->by_pid) != 0)
		cli_need(NULL);
	process_log_read(path, &records->stats, take, records);
	if (records->stats.broken > 0)
		cli_warn(0, "'%s': %" PRIu64 " broken record%s, the first in "
			 "line %" PRIu64, path, records->stats.broken,
			 records->stats.broken == 1 ? "" : "s",
			 records->stats.first_broken);
	else if (records->count == 0)
		cli_warn(0, "'%s' holds no process records", path);
	return records->stats.broken == 0 && records->count > 0;
}

void
records_drop_curves(struct records *records)
{
	struct live_curves *curves = records->curves;

	for (size_t i = 0; i < curves->count; i++) {
		free((char *)curves->list[i].name);
		free(curves->list[i].curve);
	}
	curves->count = 0;
}

void
records_fini(struct records *records)
{
	records_drop_curves(records);
	live_curves_free(records->curves);
	free(records->numbers);
	for (size_t i = 0; i < records->mark_count; i++)
		free(records->marks[i].text);
	free(records->marks);
	free(records->list);
	pmt_hash_fini(&records->by_pid);
}
