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

#include "report/bookkeeper.h"
#include "report/leakreport.h"
#include "report/livetable.h"
#include "report/reporttext.h"

struct summary {
	struct pmt_recorder recorder;
	char *path;
	bool regular;		/* a file, which is replaced each time */
	bool late;		/* made with the first rows at the earliest */
	unsigned int mode;	/* of it, see recorder.h */
	char *message;		/* opening, or NULL */
	bool changed;		/* since the last report */
	bool ended;
	struct pmt_livetable_writer live;
	struct pmt_bookkeeper keeper;
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
	pmt_bookkeeper_fini(&summary->keeper);
	free(summary->path);
	free(summary->message);
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
	summary->keeper.sizes = (recorder->columns & PMT_WITH_SIZE) != 0;
	/* Without one there is but nothing to look at. */
	pmt_ignore(pmt_livetable_make(&summary->live,
				      recorder->columns & PMT_WITH_SIZE));
	if (message == NULL)
		return;
	summary->message = strdup(message);
	entered(summary, summary->message == NULL ? -ENOMEM : 0);
}

/* A row of SITE was entered that concerned FORMER. */
static void
show_live(struct summary *summary, uint32_t site,
	  const struct pmt_object *former)
{
	const struct pmt_bookkeeper *keeper = &summary->keeper;

	pmt_livetable_set(&summary->live, site, keeper->leaks, keeper->sites);
	if (former->address != 0 && former->site != site)
		pmt_livetable_set(&summary->live, former->site, keeper->leaks,
				  keeper->sites);
}

static void
summary_reference(struct pmt_recorder *recorder,
		  const struct pmt_reference_event *event)
{
	struct summary *summary = summary_of(recorder);
	struct pmt_object former;
	uint32_t site;
	int err = pmt_bookkeeper_enter(&summary->keeper, event, &site,
				       &former);

	summary->changed = true;
	entered(summary, err);
	if (err == 0)
		show_live(summary, site, &former);
}

/* What is told with the report is no reason to write one. */
static void
summary_note(struct pmt_recorder *recorder, const struct pmt_note *note)
{
	struct summary *summary = summary_of(recorder);
	int counted = pmt_bookkeeper_note(&summary->keeper, note);

	if (counted == 0)
		pmt_livetable_set_all(&summary->live, summary->keeper.leaks,
				      summary->keeper.sites);
	summary->changed |= counted > 0;
	entered(summary, counted < 0 ? counted : 0);
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
	const struct pmt_bookkeeper *keeper = &summary->keeper;
	const char *message = summary->message == NULL ? "" : summary->message;
	const struct pmt_leakreport report = {
		.leaks = keeper->leaks,
		.sites = keeper->sites,
		/* No options can be given later: all groups, full paths. */
		.choice = {
			.top = UINT64_MAX,
			.fold_imports = true,
		},
		.full_path = true,
		.rows = keeper->rows,
		.first_clock = keeper->first_clock,
		.last_clock = keeper->last_clock,
		.books = pmt_bookkeeper_memory(keeper) +
			 pmt_livetable_memory(&summary->live),
		.tracer = keeper->tracer,
		.running = !summary->ended,
		.sizes = keeper->sizes,
		.live_counts = true,
		.utf8 = true,
	};
	int err;

	pmt_print_heading(out, summary->path,
			  (struct pmt_text){ message, strlen(message) },
			  keeper->tracer);
	print_times(out, summary);
	if (keeper->error != NULL)
		pmt_print_wrapped(out, "Error:", keeper->error);
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
	if (summary->late && summary->keeper.rows == 0 && !summary->ended)
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
	if (pmt_bookkeeper_init(&summary->keeper) == 0 &&
	    summary->path != NULL)
		err = options->late ? claim_late(summary)
				    : claim_file(summary, options->exclusive);
	if (err < 0) {
		free_summary(summary);
		return err;
	}
	*recorder = &summary->recorder;
	return 0;
}
