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
#include "report/reporttext.h"

/*
 * Saves looking up the names of a place and type that were seen lately.  The
 * serials of columns (column.h) stand for the names.
 */
enum { RECENT = 4096 };		/* a power of two */

struct recent {
	uint32_t type, file, function;
	int line;
	uint32_t site;
};

struct pmt_summary {
	char *path;
	bool regular;		/* a file, which is replaced each time */
	char *message;		/* opening, or NULL */
	char *tracer;		/* what it said of itself, or NULL */
	char *error;		/* the last one it told, or NULL */
	bool sizes;
	bool changed;		/* since the last report */
	bool ended;
	uint64_t rows;		/* that a log would have */
	int64_t first_clock, last_clock;	/* nanoseconds */
	struct pmt_sites *sites;
	struct pmt_leaks *leaks;
	struct recent recent[RECENT];
};

void
pmt_summary_free(struct pmt_summary *summary)
{
	if (summary == NULL)
		return;
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
	int fd = open(path, O_WRONLY | O_NONBLOCK | O_CLOEXEC | flags, 0666);

	if (fd == -1)
		return -errno;
	(void)fcntl(fd, F_SETFL, flags & O_APPEND);
	return fd;
}

/* Can the file be made?  It is opened anew for each report. */
static int
claim_file(struct pmt_summary *summary, bool exclusive)
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

int
pmt_summary_open(const char *path, bool exclusive, struct pmt_summary **out)
{
	struct pmt_summary *summary = calloc(1, sizeof(*summary));
	int err = -ENOMEM;

	if (summary == NULL)
		return err;
	summary->path = strdup(path);
	summary->sites = pmt_sites_new();
	summary->leaks = pmt_leaks_new(INT64_MIN, false);
	if (summary->path != NULL && summary->sites != NULL &&
	    summary->leaks != NULL)
		err = claim_file(summary, exclusive);
	if (err < 0) {
		pmt_summary_free(summary);
		return err;
	}
	*out = summary;
	return 0;
}

int
pmt_summary_begin(struct pmt_summary *summary, const char *message,
		  unsigned int columns)
{
	summary->changed = true;
	summary->sizes = (columns & PMT_WITH_SIZE) != 0;
	if (message == NULL)
		return 0;
	summary->message = strdup(message);
	return summary->message == NULL ? -ENOMEM : 0;
}

static void
count_row(struct pmt_summary *summary, uint64_t microseconds)
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

static int
find_site(struct pmt_summary *summary, const struct pmt_reference_event *event,
	  uint32_t *site)
{
	const struct pmt_place *place = &event->place;
	struct recent key = {
		event->type->serial, place->file->serial,
		place->function->serial, place->line, 0,
	};
	uint32_t hash = (key.type * 0x9e3779b1u) ^ (key.function * 0x85ebca6bu)
			^ ((uint32_t)key.line * 0xc2b2ae35u);
	struct recent *recent = &summary->recent[hash >> 8 & (RECENT - 1)];
	int err;

	if (recent->type == key.type && recent->file == key.file &&
	    recent->function == key.function && recent->line == key.line) {
		*site = recent->site;
		return 0;
	}
	err = pmt_sites_find(summary->sites, bare_name(event->type),
			     bare_name(place->file), (uint32_t)place->line,
			     bare_name(place->function), &key.site);
	if (err == 0)
		*recent = key;
	*site = key.site;
	return err;
}

int
pmt_summary_event(struct pmt_summary *summary,
		  const struct pmt_reference_event *event)
{
	struct pmt_event entry = {
		.row = event->created ? PMT_ROW_NEW : PMT_ROW_DEL,
		.has = 1u << PMT_COLUMN_CLOCK | 1u << PMT_COLUMN_ADDRESS |
		       1u << PMT_COLUMN_LIVE | 1u << PMT_COLUMN_RSS |
		       1u << PMT_COLUMN_SIZE,
		.clock = (int64_t)event->clock * 1000,
		.address = event->address,
		.live = event->live,
		.rss = (int64_t)event->rss,
		.size = (int64_t)event->size,
	};
	struct pmt_object former;
	int err = find_site(summary, event, &entry.site);

	count_row(summary, event->clock);
	entry.line = summary->rows;
	return err < 0 ? err : pmt_leaks_add(summary->leaks, &entry, &former);
}

int
pmt_summary_note(struct pmt_summary *summary, const char *tag, uint64_t clock,
		 const char *text, size_t size)
{
	bool first = summary->tracer == NULL && summary->rows == 0;
	bool error = strcmp(tag, "ERR") == 0;
	char **place = error ? &summary->error : &summary->tracer, *copy;

	if (error || !first)
		count_row(summary, clock);
	if (!error && !first)
		return 0;
	copy = strndup(text, size);
	if (copy == NULL)
		return -ENOMEM;
	free(*place);
	*place = copy;
	return 0;
}

void
pmt_summary_end(struct pmt_summary *summary)
{
	summary->changed = summary->ended = true;
}

static void
print_times(FILE *out, const struct pmt_summary *summary)
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
print_report(FILE *out, const struct pmt_summary *summary)
{
	const char *message = summary->message == NULL ? "" : summary->message;
	const struct pmt_leakreport report = {
		.leaks = summary->leaks,
		.sites = summary->sites,
		/* Nobody can ask again, so this tells all. */
		.choice = {
			.top = UINT64_MAX,
			.order = summary->sizes ? PMT_ORDER_BYTES
						: PMT_ORDER_DEFAULT,
		},
		.full_path = true,
		.rows = summary->rows,
		.first_clock = summary->first_clock,
		.last_clock = summary->last_clock,
		.books = sizeof(*summary) +
			 pmt_sites_memory(summary->sites) +
			 pmt_leaks_memory(summary->leaks),
		.running = !summary->ended,
		.sizes = summary->sizes,
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
write_to(const char *path, int flags, const struct pmt_summary *summary)
{
	int err, fd = open_file(path, flags);
	FILE *out;

	if (fd < 0)
		return fd;
	out = fdopen(fd, "w");
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
replace_file(const struct pmt_summary *summary)
{
	char *new;
	int err;

	if (asprintf(&new, "%s.new", summary->path) == -1)
		return -ENOMEM;
	err = write_to(new, O_CREAT | O_TRUNC, summary);
	if (err == 0 && rename(new, summary->path) == -1)
		err = -errno;
	if (err < 0)
		unlink(new);
	free(new);
	return err;
}

int
pmt_summary_write(struct pmt_summary *summary)
{
	int err;

	if (!summary->changed)
		return 0;
	err = summary->regular ? replace_file(summary)
			       : write_to(summary->path, O_APPEND, summary);
	if (err == 0)
		summary->changed = false;
	return err;
}
