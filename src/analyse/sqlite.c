/* SPDX-License-Identifier: MIT */
#include <config.h>

#include "analyse/sqlite.h"

#include <string.h>

#include "cli/cli.h"

/* Shown in pmt-sqlite(5), by a test to the letter. */
const char sqlite_schema[] =
	"CREATE TABLE log (file TEXT, kind TEXT, tracer TEXT, message TEXT,"
	" whole INTEGER);"
	"CREATE TABLE message (id INTEGER PRIMARY KEY, clock REAL, kind TEXT,"
	" text TEXT);"
	"CREATE TABLE site (id INTEGER PRIMARY KEY, type TEXT, file TEXT,"
	" line INTEGER, function TEXT, own_file TEXT, own_line INTEGER,"
	" own_function TEXT, imports INTEGER, caller INTEGER);"
	"CREATE TABLE frame (id INTEGER PRIMARY KEY, caller INTEGER,"
	" site INTEGER);"
	"CREATE TABLE reference_row (id INTEGER PRIMARY KEY, kind TEXT,"
	" clock REAL, address INTEGER, live INTEGER, site INTEGER,"
	" rss INTEGER, d_rss INTEGER, size INTEGER, thread INTEGER,"
	" wall REAL);"
	"CREATE TABLE profile_row (id INTEGER PRIMARY KEY, kind TEXT,"
	" event INTEGER, d_event INTEGER, clock REAL, what TEXT,"
	" site INTEGER, rss INTEGER, d_rss INTEGER, thread INTEGER);"
	"CREATE TABLE allocation_row (id INTEGER PRIMARY KEY, kind TEXT,"
	" clock REAL, thread INTEGER, frame INTEGER, address INTEGER,"
	" size INTEGER, new_address INTEGER, new_size INTEGER);"
	"CREATE TABLE allocation_sum (frame INTEGER, live INTEGER,"
	" blocks INTEGER, at_peak INTEGER, blocks_at_peak INTEGER,"
	" total INTEGER, count INTEGER, temporary INTEGER,"
	" mapped INTEGER);"
	"CREATE TABLE memory (clock REAL, rss INTEGER);"
	"CREATE TABLE thread (id INTEGER, kernel_id INTEGER, name TEXT);"
	"CREATE TABLE heap_object (id INTEGER PRIMARY KEY, type TEXT,"
	" address INTEGER, size INTEGER, retained INTEGER,"
	" dominator INTEGER, way INTEGER, generation INTEGER,"
	" tracked INTEGER);"
	"CREATE TABLE heap_reference (source INTEGER, target INTEGER,"
	" kind TEXT, name TEXT);"
	"CREATE TABLE heap_root (object INTEGER, kind TEXT, name TEXT);"
	"CREATE TABLE heap_way (id INTEGER PRIMARY KEY, text TEXT);";

struct rows {
	struct reading *reading;
	struct database_table *messages, *references, *profile;
	int64_t id;
};

static struct pmt_text
text_of(const char *text)
{
	return (struct pmt_text){ text, strlen(text) };
}

static double
seconds(int64_t nanoseconds)
{
	return (double)nanoseconds / 1e9;
}

static void
add_message(struct rows *rows, const struct pmt_event *event)
{
	database_integer(rows->messages, 1, rows->id);
	if (PMT_HAS(event, CLOCK))
		database_real(rows->messages, 2, seconds(event->clock));
	database_text(rows->messages, 3,
		      text_of(event->row == PMT_ROW_MSG ? "MSG" : "ERR"));
	database_text(rows->messages, 4, event->text);
	database_insert(rows->messages);
}

#define SET(table, column, event, COLUMN, value) do { \
	if (PMT_HAS(event, COLUMN)) \
		database_integer(table, column, (int64_t)(event)->value); \
} while (0)

static void
add_reference(struct rows *rows, const struct pmt_event *event)
{
	struct database_table *table = rows->references;

	database_integer(table, 1, rows->id);
	database_text(table, 2,
		      text_of(event->row == PMT_ROW_NEW ? "NEW" : "DEL"));
	if (PMT_HAS(event, CLOCK))
		database_real(table, 3, seconds(event->clock));
	SET(table, 4, event, ADDRESS, address);
	SET(table, 5, event, LIVE, live);
	SET(table, 6, event, TYPE, site);
	SET(table, 7, event, RSS, rss);
	SET(table, 8, event, D_RSS, d_rss);
	SET(table, 9, event, SIZE, size);
	SET(table, 10, event, THREAD, thread);
	if (PMT_HAS(event, WALL))
		database_real(table, 11, seconds(event->wall));
	database_insert(table);
}

static void
add_profile(struct rows *rows, const struct pmt_event *event)
{
	static const char *const tags[] = {
		[PMT_ROW_FRST] = "FRST", [PMT_ROW_NEXT] = "NEXT",
		[PMT_ROW_PREV] = "PREV", [PMT_ROW_LAST] = "LAST",
	};
	struct database_table *table = rows->profile;

	database_integer(table, 1, rows->id);
	database_text(table, 2, text_of(tags[event->row]));
	SET(table, 3, event, EVENT, event);
	SET(table, 4, event, D_EVENT, d_event);
	if (PMT_HAS(event, CLOCK))
		database_real(table, 5, seconds(event->clock));
	if (PMT_HAS(event, WHAT))
		database_text(table, 6, text_of(pmt_what_name(event->what)));
	SET(table, 7, event, FILE, site);
	SET(table, 8, event, RSS, rss);
	SET(table, 9, event, D_RSS, d_rss);
	SET(table, 10, event, THREAD, thread);
	database_insert(table);
}

static void
add_rows(struct reading *reading, struct database *database)
{
	struct rows rows = {
		.reading = reading,
		.messages = database_table(database, "message", 4),
		.references = database_table(database, "reference_row", 11),
		.profile = database_table(database, "profile_row", 10),
	};
	const struct pmt_event *event;

	while (!database_failed(database) &&
	       (event = reading_next(reading)) != NULL) {
		rows.id++;
		if (event->row == PMT_ROW_MSG || event->row == PMT_ROW_ERR)
			add_message(&rows, event);
		else if (event->row <= PMT_ROW_DEL)
			add_reference(&rows, event);
		else
			add_profile(&rows, event);
	}
}

static void
add_name(struct database_table *table, int column,
	 const struct pmt_sites *sites, uint32_t name)
{
	struct pmt_text text = { NULL, 0 };

	if (name != PMT_NO_PART)
		text = pmt_sites_name(sites, name);
	if (text.length > 0)
		database_text(table, column, text);
}

static void
add_frames(struct database *database, const struct pmt_sites *sites)
{
	struct database_table *table = database_table(database, "frame", 3);
	const struct pmt_callpaths *paths = pmt_sites_callpaths(sites);

	for (uint32_t i = 0; i < paths->count; i++) {
		const struct pmt_call *call = &paths->calls[i];

		database_integer(table, 1, i + PMT_PATH_FIRST);
		if (call->caller >= PMT_PATH_FIRST)
			database_integer(table, 2, call->caller);
		database_integer(table, 3, call->site);
		database_insert(table);
	}
}

static void
add_sites(struct database *database, const struct pmt_sites *sites)
{
	struct database_table *table = database_table(database, "site", 10);
	uint32_t count = pmt_sites_count(sites);

	for (uint32_t i = 0; i < count; i++) {
		const struct pmt_site *site = pmt_sites_get(sites, i);

		database_integer(table, 1, i);
		add_name(table, 2, sites, site->type);
		add_name(table, 3, sites, site->file);
		if (site->line != 0)
			database_integer(table, 4, site->line);
		add_name(table, 5, sites, site->function);
		add_name(table, 6, sites, site->own_file);
		if (site->own_file != PMT_NO_PART)
			database_integer(table, 7, site->own_line);
		add_name(table, 8, sites, site->own_function);
		database_integer(table, 9, site->imports);
		if (site->path >= PMT_PATH_FIRST)
			database_integer(table, 10, site->path);
		database_insert(table);
	}
}

void
sqlite_add_log(struct database *database, const char *path, const char *kind,
	       const char *tracer, struct pmt_text message, bool whole)
{
	struct database_table *table = database_table(database, "log", 5);

	database_text(table, 1, text_of(path));
	database_text(table, 2, text_of(kind));
	if (tracer != NULL)
		database_text(table, 3, text_of(tracer));
	if (message.length > 0)
		database_text(table, 4, message);
	database_integer(table, 5, whole);
	database_insert(table);
}

bool
sqlite_log(struct reading *reading)
{
	static const char *const kinds[] = {
		[PMT_LOG_UNKNOWN] = "unknown",
		[PMT_LOG_REFERENCE] = "reference",
		[PMT_LOG_PROFILE] = "profile",
		[PMT_LOG_ALLOCATION] = "allocation",
	};
	enum pmt_log_kind kind = pmt_log_kind(reading->log);
	struct database *database = database_create(reading->options->out,
						    sqlite_schema);
	bool written;

	if (database == NULL)
		return false;
	if (kind == PMT_LOG_ALLOCATION)
		sqlite_allocations(reading, database);
	else
		add_rows(reading, database);
	cli_progress_end();
	add_sites(database, reading->sites);
	add_frames(database, reading->sites);
	sqlite_add_log(database, reading->path, kinds[kind], reading->tracer,
		       reading_message(reading), !reading->failed);
	written = database_close(database, !reading->interrupted);
	return written && !reading->failed;
}
