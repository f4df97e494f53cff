/* SPDX-License-Identifier: MIT */
#include <config.h>

#include "analyse/dump.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "analyse/dumpnames.h"
#include "base/escape.h"
#include "cli/cli.h"
#include "write/textlog.h"

struct dump {
	struct reading *reading;
	struct pmt_recorder *log;
	struct dumpnames names;
	unsigned int columns;		/* enum pmt_reference_columns */
};

static void
dump_reference(struct dump *dump, const struct pmt_event *event)
{
	struct dumpnames *names = &dump->names;
	const struct pmt_site *site = pmt_sites_get(dump->reading->sites,
						    event->site);
	struct pmt_reference_event row = {
		.created = event->row == PMT_ROW_NEW,
		.clock = (uint64_t)event->clock / 1000,
		.address = (uintptr_t)event->address,
		.live = event->live,
		.type = dumpnames_type(names, site->type),
		.place = {
			.file = dumpnames_file(names, site->file),
			.function = dumpnames_function(names, site->function),
			.line = (int)site->line,
		},
		.rss = (uint64_t)event->rss,
		.d_rss = event->d_rss,
		.thread = event->thread,
		.wall = (uint64_t)event->wall / 1000,
		.size = (uint64_t)event->size,
	};

	if (dump->columns & PMT_WITH_OWN)
		row.own = dumpnames_own(names, site);
	if (dump->columns & PMT_WITH_STACK)
		row.callers = dumpnames_callers(names, site);
	pmt_recorder_reference(dump->log, &row);
}

static void
dump_profile(struct dump *dump, const struct pmt_event *event)
{
	struct dumpnames *names = &dump->names;
	const struct pmt_site *site = pmt_sites_get(dump->reading->sites,
						    event->site);
	struct pmt_profile_event row = {
		.event = event->event,
		.d_event = (uint64_t)event->d_event,
		.clock = (uint64_t)event->clock / 1000,
		.what = event->what,
		.file = dumpnames_file(names, site->file),
		.line = (int)site->line,
		.function = dumpnames_function(names, site->function),
		.rss = (uint64_t)event->rss,
		.d_rss = event->d_rss,
		.thread = event->thread,
	};

	if (dump->columns & PMT_WITH_OWN)
		row.own = dumpnames_own(names, site);
	if (dump->columns & PMT_WITH_STACK)
		row.callers = dumpnames_callers(names, site);
	pmt_recorder_profile(dump->log, event->row, &row);
}

/* Old versions of pymemtrace break off rows of which they know no place. */
static bool
has_place(const struct pmt_event *event)
{
	return PMT_HAS(event, WHAT) && PMT_HAS(event, FILE) &&
	       PMT_HAS(event, RSS);
}

static void
dump_note(struct dump *dump, const struct pmt_event *event)
{
	const struct pmt_note note = {
		.error = event->row == PMT_ROW_ERR,
		.event = event->event,
		.d_event = (uint64_t)event->d_event,
		.clock = (uint64_t)event->clock / 1000,
		.text = event->text.bytes,
		.size = event->text.length,
	};

	pmt_recorder_note(dump->log, &note);
}

static void
dump_broken(struct dump *dump, const struct pmt_event *event)
{
	static const char text[] = "a row without its place";
	struct pmt_event note = *event;

	note.text = (struct pmt_text){ text, strlen(text) };
	dump_note(dump, &note);
}

/*
 * The opening message stands in a log as it is, but what a terminal would obey
 * must not reach it.
 */
static char *
safe_message(struct pmt_text text)
{
	char *message = cli_need(malloc(PMT_ESCAPED_SIZE(text.length)));
	char *to = message;
	size_t length;
	bool safe;

	for (size_t i = 0; i < text.length; i += length) {
		length = pmt_character(text.bytes + i, text.length - i, &safe);
		if (safe || text.bytes[i] == '\n')
			to = mempcpy(to, text.bytes + i, length);
		else
			to += pmt_escape_text(text.bytes + i, length, to);
	}
	*to = '\0';
	return message;
}

static void
dump_begin(struct dump *dump)
{
	struct pmt_log *log = dump->reading->log;
	struct pmt_text text = pmt_log_introduction(log);
	char *message = text.length == 0 ? NULL : safe_message(text);
	static const struct {
		enum pmt_log_column column;
		unsigned int with, without;
	} columns[] = {
		{ PMT_COLUMN_THREAD, PMT_WITH_THREAD, 0 },
		{ PMT_COLUMN_WALL, PMT_WITH_WALL, 0 },
		{ PMT_COLUMN_SIZE, PMT_WITH_SIZE, 0 },
		{ PMT_COLUMN_OWN, PMT_WITH_OWN, 0 },
		{ PMT_COLUMN_STACK, PMT_WITH_STACK, 0 },
		{ PMT_COLUMN_LIVE, 0, PMT_WITHOUT_LIVE },
		{ PMT_COLUMN_RSS, 0, PMT_WITHOUT_RSS },
		{ PMT_COLUMN_D_RSS, 0, PMT_WITHOUT_D_RSS },
		{ PMT_COLUMN_EVENT, 0, PMT_WITHOUT_EVENT },
		{ PMT_COLUMN_D_EVENT, 0, PMT_WITHOUT_D_EVENT },
	};

	for (size_t i = 0; i < PMT_ARRAY_SIZE(columns); i++)
		if (pmt_log_has(log, columns[i].column))
			dump->columns |= columns[i].with;
		else
			dump->columns |= columns[i].without;
	pmt_recorder_begin(dump->log,
			   pmt_log_kind(log) == PMT_LOG_REFERENCE ? 'O' : 'P',
			   dump->columns, message);
	free(message);
}

static void
dump_rows(struct dump *dump)
{
	const struct pmt_event *event;

	while (dump->log->error == 0 &&
	       (event = reading_next(dump->reading)) != NULL) {
		if (event->row == PMT_ROW_MSG || event->row == PMT_ROW_ERR)
			dump_note(dump, event);
		else if (event->row <= PMT_ROW_DEL)
			dump_reference(dump, event);
		else if (has_place(event))
			dump_profile(dump, event);
		else
			dump_broken(dump, event);
	}
	if (pmt_log_ended(dump->reading->log))
		pmt_recorder_end(dump->log);
}

bool
dump_log(struct reading *reading)
{
	struct dump dump = {
		.reading = reading,
		.names.sites = reading->sites,
	};
	int err;

	if (pmt_log_kind(reading->log) == PMT_LOG_ALLOCATION)
		return dump_allocations(reading);
	err = pmt_textlog_open_fd(STDOUT_FILENO, &dump.log);

	if (err == 0 && pmt_log_kind(reading->log) != PMT_LOG_UNKNOWN) {
		dump_begin(&dump);
		dump_rows(&dump);
	} else if (err == 0) {
		dump_rows(&dump);
	}
	if (err == 0)
		err = pmt_recorder_close(dump.log, NULL);
	dumpnames_fini(&dump.names);
	/* Whoever reads only the head of it has what he wants. */
	if (err != 0 && err != -EPIPE) {
		cli_warn(err, "cannot write to standard output");
		return false;
	}
	return !reading->failed;
}
