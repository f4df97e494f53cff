/* SPDX-License-Identifier: MIT */
#include <config.h>

#include "report/summary.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "books/leaks.h"
#include "log/sites.h"
#include "report/leakreport.h"
#include "report/livetable.h"
#include "report/reporttext.h"

/*
 * Saves looking up the names of a place and type that were seen lately.  The
 * serials of columns (column.h) stand for the names.
 */
enum { RECENT = 4096 };		/* a power of two */

struct recent {
	uint32_t type, file, function;
	int line;
	uint32_t own_kind, own_function;
	int own_line;
	uint32_t site;
};

struct summary {
	struct pmt_recorder recorder;
	char *path;
	bool regular;		/* a file, which is replaced each time */
	bool late;		/* made with the first rows at the earliest */
	unsigned int mode;	/* of it, see recorder.h */
	char *message;		/* opening, or NULL */
	char *tracer;		/* what it said of itself, or NULL */
	char *error;		/* the last one it told, or NULL */
	bool changed;		/* since the last report */
	bool ended;
	uint64_t rows;		/* that a log would have */
	int64_t first_clock, last_clock;	/* nanoseconds */
	struct pmt_sites *sites;
	struct pmt_leaks *leaks;
	struct pmt_livetable_writer live;
	struct recent recent[RECENT];
};

static inline struct summary *
summary_of(struct pmt_recorder *recorder)
{
	return (struct summary *)(void *)recorder;
}

static void
free_summary(struct summary *summary)
{
	pmt_livetable_end(&summary->live);
	pmt_leaks_free(summary->leaks);
	pmt_sites_free(summary->sites);
	free(summary->path);
	free(summary->message);
	free(summary->tracer);
	free(summary->error);
	free(summary);
}

/* A named pipe that nobody reads is an error; nobody must wait for a reader. */
static int
open_file(const char *path, int flags)
{
	int fd = open(path, O_WRONLY | O_NONBLOCK | O_CLOEXEC | flags, 0600);

	if (fd == -1)
		return -errno;
	(void)fcntl(fd, F_SETFL, flags & O_APPEND);
	return fd;
}

static int
claim_late(struct summary *summary)
{
	struct stat st;

	summary->regular = lstat(summary->path, &st) == -1 ||
			   S_ISREG(st.st_mode);
	return 0;
}

/* Can the file be made?  It is opened anew for each report. */
static int
claim_file(struct summary *summary, bool exclusive)
{
	int fd = open_file(summary->path,
			   O_CREAT | (exclusive ? O_EXCL : O_TRUNC));
	struct stat st;

	if (fd < 0)
		return fd;
	summary->regular = fstat(fd, &st) == 0 && S_ISREG(st.st_mode);
	close(fd);
	return 0;
}

/* What was to be entered gave ERR: 0, or it is lost. */
static void
entered(struct summary *summary, int err)
{
	if (pmt_likely(err == 0))
		return;
	summary->recorder.lost++;
	summary->recorder.error = -err;
}

static void
summary_begin(struct pmt_recorder *recorder, const char *message)
{
	struct summary *summary = summary_of(recorder);

	summary->changed = true;
	/* Without one there is but nothing to look at. */
	pmt_ignore(pmt_livetable_make(&summary->live,
				      recorder->columns & PMT_WITH_SIZE));
	if (message == NULL)
		return;
	summary->message = strdup(message);
	entered(summary, summary->message == NULL ? -ENOMEM : 0);
}

static void
count_row(struct summary *summary, uint64_t microseconds)
{
	int64_t clock = (int64_t)microseconds * 1000;

	if (summary->rows++ == 0)
		summary->first_clock = clock;
	summary->last_clock = clock;
	summary->changed = true;
}

static struct pmt_text
bare_name(const struct pmt_column *column)
{
	return (struct pmt_text){ column->text + 1, pmt_column_bare(column) };
}

static struct recent
key_of(const struct pmt_reference_event *event)
{
	const struct pmt_own *own = &event->own;

	return (struct recent){
		.type = event->type->serial,
		.file = event->place.file->serial,
		.function = event->place.function->serial,
		.line = event->place.line,
		.own_kind = own->kind,
		.own_function = pmt_own_is_caller(own->kind)
					? own->function->serial : 0,
		.own_line = own->line,
	};
}

static struct pmt_site_text
text_of(const struct pmt_reference_event *event)
{
	struct pmt_site_text text = {
		.type = bare_name(event->type),
		.file = bare_name(event->place.file),
		.function = bare_name(event->place.function),
		.line = (uint32_t)event->place.line,
		.own = {
			.kind = event->own.kind,
			.line = (uint32_t)event->own.line,
		},
	};

	if (pmt_own_is_caller(text.own.kind)) {
		text.own.file = bare_name(event->own.file);
		text.own.function = bare_name(event->own.function);
	}
	return text;
}

static int
find_site(struct summary *summary, const struct pmt_reference_event *event,
	  uint32_t *site)
{
	struct recent key = key_of(event);
	uint32_t hash = (key.type * 0x9e3779b1u) ^ (key.function * 0x85ebca6bu)
			^ ((uint32_t)key.line * 0xc2b2ae35u)
			^ ((key.own_function + (uint32_t)key.own_line) *
			   0x27d4eb2fu);
	struct recent *recent = &summary->recent[hash >> 8 & (RECENT - 1)];
	struct pmt_site_text text;
	int err;

	if (memcmp(recent, &key, offsetof(struct recent, site)) == 0) {
		*site = recent->site;
		return 0;
	}
	text = text_of(event);
	err = pmt_sites_find(summary->sites, &text, &key.site);
	if (err == 0)
		*recent = key;
	*site = key.site;
	return err;
}

/* A row of SITE was entered that concerned FORMER. */
static void
show_live(struct summary *summary, uint32_t site,
	  const struct pmt_object *former)
{
	pmt_livetable_set(&summary->live, site, summary->leaks,
			  summary->sites);
	if (former->address != 0 && former->site != site)
		pmt_livetable_set(&summary->live, former->site, summary->leaks,
				  summary->sites);
}

static void
summary_reference(struct pmt_recorder *recorder,
		  const struct pmt_reference_event *event)
{
	struct summary *summary = summary_of(recorder);
	struct pmt_event entry = {
		.row = event->created ? PMT_ROW_NEW : PMT_ROW_DEL,
		.has = 1u << PMT_COLUMN_CLOCK | 1u << PMT_COLUMN_ADDRESS |
		       1u << PMT_COLUMN_LIVE | 1u << PMT_COLUMN_RSS,
		.clock = (int64_t)event->clock * 1000,
		.address = event->address,
		.live = event->live,
		.rss = (int64_t)event->rss,
		.size = (int64_t)event->size,
	};
	struct pmt_object former;
	int err = find_site(summary, event, &entry.site);

	if (recorder->columns & PMT_WITH_SIZE)
		entry.has |= 1u << PMT_COLUMN_SIZE;
	count_row(summary, event->clock);
	entry.line = summary->rows;
	if (err == 0)
		err = pmt_leaks_add(summary->leaks, &entry, &former);
	entered(summary, err);
	if (err == 0)
		show_live(summary, entry.site, &former);
}

static void
summary_note(struct pmt_recorder *recorder, const struct pmt_note *note)
{
	struct summary *summary = summary_of(recorder);
	bool first = summary->tracer == NULL && summary->rows == 0;
	char **place = note->error ? &summary->error : &summary->tracer;
	char *copy;

	/* It is told with the report, but is no reason to write one. */
	if (!note->error &&
	    pmt_leaks_note(summary->leaks, (int64_t)note->clock * 1000,
			   (struct pmt_text){ note->text, note->size })) {
		pmt_livetable_set_all(&summary->live, summary->leaks,
				      summary->sites);
		return;
	}
	if (note->error || !first)
		count_row(summary, note->clock);
	if (!note->error && !first)
		return;
	copy = strndup(note->text, note->size);
	entered(summary, copy == NULL ? -ENOMEM : 0);
	if (copy == NULL)
		return;
	free(*place);
	*place = copy;
}

static void
summary_end(struct pmt_recorder *recorder)
{
	struct summary *summary = summary_of(recorder);

	summary->changed = summary->ended = true;
}

static void
print_times(FILE *out, const struct summary *summary)
{
	time_t now = time(NULL);
	char text[64] = "";
	struct tm tm;

	if (gmtime_r(&now, &tm) != NULL)
		strftime(text, sizeof(text), "%Y-%m-%d %H:%M:%S UTC", &tm);
	fprintf(out, "Written: %s, %s\n", text,
		summary->ended ? "at the end" : "so far");
}

static int
print_report(FILE *out, const struct summary *summary)
{
	bool sizes = (summary->recorder.columns & PMT_WITH_SIZE) != 0;
	const char *message = summary->message == NULL ? "" : summary->message;
	const struct pmt_leakreport report = {
		.leaks = summary->leaks,
		.sites = summary->sites,
		/* No options can be given later: all groups, full paths. */
		.choice = {
			.top = UINT64_MAX,
			.fold_imports = true,
		},
		.full_path = true,
		.rows = summary->rows,
		.first_clock = summary->first_clock,
		.last_clock = summary->last_clock,
		.books = sizeof(*summary) +
			 pmt_sites_memory(summary->sites) +
			 pmt_leaks_memory(summary->leaks) +
			 pmt_livetable_memory(&summary->live),
		.tracer = summary->tracer,
		.running = !summary->ended,
		.sizes = sizes,
		.live_counts = true,
		.utf8 = true,
	};
	int err;

	pmt_print_heading(out, summary->path,
			  (struct pmt_text){ message, strlen(message) },
			  summary->tracer);
	print_times(out, summary);
	if (summary->error != NULL)
		pmt_print_wrapped(out, "Error:", summary->error);
	err = pmt_leakreport_leaks(out, &report);
	putc('\n', out);
	return err < 0 ? err : pmt_leakreport_types(out, &report);
}

static int
write_to(int fd, const struct summary *summary)
{
	FILE *out = fdopen(fd, "w");
	int err;

	if (out == NULL) {
		err = -errno;
		close(fd);
		return err;
	}
	err = print_report(out, summary);
	if (fflush(out) == EOF && err == 0)
		err = -errno;
	if (fclose(out) == EOF && err == 0)
		err = -errno;
	return err;
}

static int
replace_file(const struct summary *summary)
{
	int err, fd;
	char *new;

	if (asprintf(&new, "%s.XXXXXX", summary->path) == -1)
		return -ENOMEM;
	fd = mkostemp(new, O_CLOEXEC);
	err = fd == -1 ? -errno : 0;
	if (err == 0 && summary->mode != 0)
		err = fchmod(fd, summary->mode) == -1 ? -errno : 0;
	if (err == 0)
		err = write_to(fd, summary);
	if (err == 0 && rename(new, summary->path) == -1)
		err = -errno;
	if (err < 0 && fd != -1)
		unlink(new);
	free(new);
	return err;
}

/* A report that could be written again makes up for one that could not. */
static void
summary_flush(struct pmt_recorder *recorder)
{
	struct summary *summary = summary_of(recorder);
	int err = 0, fd;

	/* A forked child that only ends leaves none. */
	if (summary->late && summary->rows == 0 && !summary->ended)
		return;
	if (summary->changed && summary->regular) {
		err = replace_file(summary);
	} else if (summary->changed) {
		fd = open_file(summary->path, O_APPEND);
		err = fd < 0 ? fd : write_to(fd, summary);
	}
	summary->changed &= err < 0;
	if (recorder->lost == 0)
		recorder->error = -err;
}

static int
summary_close(struct pmt_recorder *recorder, const struct pmt_note *last)
{
	int err;

	(void)last;
	summary_flush(recorder);
	err = -recorder->error;
	free_summary(summary_of(recorder));
	return err;
}

static void
summary_abandon(struct pmt_recorder *recorder)
{
	free_summary(summary_of(recorder));
}

static const struct pmt_recorder_ops summary_ops = {
	.begin = summary_begin,
	.reference = summary_reference,
	.note = summary_note,
	.flush = summary_flush,
	.end = summary_end,
	.close = summary_close,
	.abandon = summary_abandon,
};

int
pmt_summary_open(const char *path, const struct pmt_recorder_options *options,
		 struct pmt_recorder **recorder)
{
	struct summary *summary = calloc(1, sizeof(*summary));
	int err = -ENOMEM;

	if (summary == NULL)
		return err;
	summary->recorder.ops = &summary_ops;
	summary->path = strdup(path);
	summary->mode = options->mode;
	summary->late = options->late;
	summary->sites = pmt_sites_new();
	summary->leaks = pmt_leaks_new(INT64_MIN, false);
	if (summary->path != NULL && summary->sites != NULL &&
	    summary->leaks != NULL)
		err = options->late ? claim_late(summary)
				    : claim_file(summary, options->exclusive);
	if (err < 0) {
		free_summary(summary);
		return err;
	}
	*recorder = &summary->recorder;
	return 0;
}
