/* SPDX-License-Identifier: MIT */
#include <config.h>

#include "analyse/reference.h"

#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "books/leaktypes.h"
#include "cli/cli.h"
#include "log/sampled.h"

/* Deeper stacking than this is a log that names itself. */
#define NESTING_MAX 64

/* Where rows are entered. */
struct books {
	struct pmt_leaks *leaks;
	struct live_curves *curves;	/* or NULL */
};

static void read_rows(struct reading *reading, const struct books *books,
		      int nesting);

static void
say_twice(struct reading *reading, const struct pmt_event *event,
	  const struct pmt_object *former)
{
	const struct pmt_sites *sites = reading->sites;
	uint32_t type = pmt_sites_get(sites, event->site)->type;
	uint32_t former_type = pmt_sites_get(sites, former->site)->type;

	if (!pmt_type_chosen(&reading->options->choice, sites, type))
		return;
	reading_say(reading, LEVEL_ERROR, event->line,
		    "NEW address 0x%" PRIx64 " type: \"%s\" from line %" PRIu64
		    " already exists from line %" PRIu64 ". type: \"%s\".",
		    event->address, pmt_sites_name(sites, type).bytes,
		    event->line, former->line,
		    pmt_sites_name(sites, former_type).bytes);
}

static void
say_untracked(struct reading *reading, const struct pmt_event *event)
{
	uint32_t type = pmt_sites_get(reading->sites, event->site)->type;

	if (!reading->options->include_untracked ||
	    !pmt_type_chosen(&reading->options->choice, reading->sites, type))
		return;
	reading_say(reading, LEVEL_WARNING, event->line,
		    "DEL: on untracked object of type \"%s\" at 0x%" PRIx64
		    " LiveCnt: %" PRId64, pmt_sites_name(reading->sites,
							 type).bytes,
		    event->address, event->live);
}

/*
 * The log of an inner context manager, whose path the message gives as it was
 * then; logs are also carried away together, so look beside the outer one too.
 */
static bool
open_inner(struct reading *reading, struct reading *inner, char *path,
	   char beside[PATH_MAX])
{
	const char *slash = strrchr(reading->path, '/');
	const char *base = strrchr(path, '/');
	int folder = slash == NULL ? 0 : (int)(slash + 1 - reading->path);
	int err;

	*inner = (struct reading){
		.path = path, .options = reading->options,
		.sites = reading->sites, .problems = reading->problems,
	};
	err = pmt_log_open(path, reading->sites, cli_stopped, &inner->log);
	if (err == -ENOENT &&
	    snprintf(beside, PATH_MAX, "%.*s%s", folder, reading->path,
		     base == NULL ? path : base + 1) < PATH_MAX) {
		inner->path = beside;
		err = pmt_log_open(beside, reading->sites, cli_stopped,
				   &inner->log);
	}
	if (err != 0)
		cli_warn(err, "cannot open '%s', which '%s' names", path,
			 reading->path);
	return err == 0;
}

static void
recurse(struct reading *reading, const struct pmt_event *event,
	const struct books *books, int nesting)
{
	static const char word[] = "New file:";
	char beside[PATH_MAX], *path;
	struct reading inner;
	const char *found = memmem(event->text.bytes, event->text.length, word,
				   sizeof(word) - 1);
	size_t length;

	if (found == NULL || event->text.length < 9 ||
	    memcmp(event->text.bytes, "Detaching", 9) != 0)
		return;
	found += sizeof(word) - 1;
	length = (size_t)(event->text.bytes + event->text.length - found);
	/* Old versions put the path on a line of its own. */
	while (length > 0 && (*found == ' ' || *found == '\n'))
		found++, length--;
	path = cli_need(strndup(found, length));
	path[strcspn(path, "\n")] = '\0';
	if (nesting >= NESTING_MAX) {
		reading_say(reading, LEVEL_ERROR, event->line,
			    "logs nest deeper than %d: '%s' is left out",
			    NESTING_MAX, path);
		reading->failed = true;
	} else if (!open_inner(reading, &inner, path, beside)) {
		reading->failed = true;
	} else {
		read_rows(&inner, books, nesting + 1);
		reading->failed |= inner.failed;
		reading->rows += inner.rows;
		reading_add_message(reading, &inner);
		reading_close(&inner);
	}
	free(path);
}

static void
read_message(struct reading *reading, const struct pmt_event *event,
	     const struct books *books, int nesting)
{
	if (event->row == PMT_ROW_ERR) {
		reading_say(reading, LEVEL_ERROR, event->line, "%.*s",
			    (int)event->text.length, event->text.bytes);
		reading->failed = reading->cut = true;
		return;
	}
	reading_say(reading, LEVEL_DEBUG, event->line, "%.*s",
		    (int)event->text.length, event->text.bytes);
	(void)pmt_leaks_note(books->leaks, event->clock, event->text);
	if (reading->options->recurse_files)
		recurse(reading, event, books, nesting);
}

static void
enter(struct reading *reading, const struct books *books,
      const struct pmt_event *event)
{
	const struct pmt_event *ahead = reading_ahead(reading);
	struct pmt_object former;

	if (ahead != NULL)
		pmt_leaks_expect(books->leaks, ahead->address);
	if (pmt_leaks_add(books->leaks, event, &former) != 0)
		cli_die(CLI_FAILED, ENOMEM, "%s", reading->path);
	if (books->curves != NULL)
		live_curves_add(books->curves, reading->sites, event, &former);
	if (event->row == PMT_ROW_NEW && former.address != 0)
		say_twice(reading, event, &former);
	if (event->row == PMT_ROW_DEL && former.address == 0)
		say_untracked(reading, event);
}

static void
read_rows(struct reading *reading, const struct books *books, int nesting)
{
	const struct pmt_leaks_totals *totals = pmt_leaks_totals(books->leaks);
	const struct pmt_event *event;
	uint64_t messages = 0;

	reading_say(reading, LEVEL_INFO, 0, "Starting log file: %s",
		    reading->path);
	while ((event = reading_next(reading)) != NULL) {
		if (pmt_likely(event->row <= PMT_ROW_DEL)) {
			reading->cut = false;
			enter(reading, books, event);
		} else if (event->row == PMT_ROW_MSG ||
			   event->row == PMT_ROW_ERR) {
			messages++;
			read_message(reading, event, books, nesting);
		}
	}
	if (nesting == 0 && reading->tracer != NULL)
		pmt_leaks_set_sample(books->leaks, pmt_sampled(
			(struct pmt_text){ reading->tracer,
					   strlen(reading->tracer) }));
	reading_say(reading, LEVEL_INFO, 0, "Lines: %" PRIu64 " NEW: %" PRIu64
		    " DEL: %" PRIu64 " NEW - DEL: %" PRId64 " MSG: %" PRIu64,
		    reading->rows, totals->made, totals->destroyed,
		    (int64_t)(totals->made - totals->destroyed), messages);
	reading_say(reading, LEVEL_INFO, 0, "Finished log file: %s",
		    reading->path);
}

struct pmt_groups
reference_groups(const struct reading *reading, const struct pmt_leaks *leaks)
{
	struct pmt_groups groups;

	if (pmt_groups_make(leaks, reading->sites, &reading->options->choice,
			    &groups) != 0)
		cli_die(CLI_FAILED, ENOMEM, "%s", reading->path);
	return groups;
}

struct pmt_leaks *
reference_read(struct reading *reading, struct live_curves *curves)
{
	const struct books books = {
		.leaks = cli_need(pmt_leaks_new(
			reading->options->since,
			reading->options->include_historical)),
		.curves = curves,
	};

	pmt_leaks_set_sites(books.leaks, reading->sites);
	read_rows(reading, &books, 0);
	return books.leaks;
}
