/* SPDX-License-Identifier: MIT */
#include <config.h>

#include "analyse/reading.h"

#include <errno.h>
#include <fnmatch.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/cli.h"

static const char *
level_name(enum level level)
{
	switch (level) {
	case LEVEL_DEBUG:
		return "debug";
	case LEVEL_INFO:
		return "note";
	case LEVEL_WARNING:
		return "warning";
	default:
		return "error";
	}
}

void
reading_say(struct reading *reading, enum level level, uint64_t line,
	    const char *format, ...)
{
	char text[512];
	va_list args;

	if ((int)level < reading->options->level)
		return;
	if (++reading->said[level / 10] > SAY_AT_MOST &&
	    reading->options->level > LEVEL_DEBUG)
		return;
	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	if (line > 0)
		cli_warn(0, "%s:%" PRIu64 ": %s: %s", reading->path, line,
			 level_name(level), text);
	else
		cli_warn(0, "%s: %s: %s", reading->path, level_name(level),
			 text);
}

bool
reading_open(struct reading *reading, const char *path,
	     const struct options *options, struct pmt_sites *sites,
	     struct problems *problems)
{
	int err;

	*reading = (struct reading){
		.path = path, .options = options, .sites = sites,
		.problems = problems,
	};
	err = pmt_log_open(path, sites, cli_stopped, &reading->log);
	if (err == -EINTR && cli_stopped())
		return false;
	if (err != 0)
		cli_warn(err, "cannot open '%s'", path);
	return err == 0;
}

static void
note_problem(struct reading *reading, const struct pmt_event *event)
{
	struct problems *problems = reading->problems;

	reading->failed = true;
	reading_say(reading, LEVEL_WARNING, event->line, "%s",
		    event->text.bytes);
	if (problems->count < PROBLEMS_MAX)
		problems->list[problems->count++] = (struct problem){
			event->line, cli_need(strdup(event->text.bytes)),
		};
}

static void
show_progress(const struct reading *reading)
{
	uint64_t size = pmt_log_size(reading->log);
	double read = (double)pmt_log_bytes(reading->log);

	if (size > 0)
		cli_progress("%s: %.0f %%, %" PRIu64 " rows", reading->path,
			     100 * read / (double)size, reading->rows);
	else
		cli_progress("%s: %.0f MiB, %" PRIu64 " rows", reading->path,
			     read / 1048576, reading->rows);
}

/* The first row of our own logs tells who wrote them, and how. */
static bool
take_signature(struct reading *reading, const struct pmt_event *event)
{
	static const char start[] = PACKAGE_NAME " ";

	if (reading->tracer != NULL || reading->rows != 0 ||
	    event->row != PMT_ROW_MSG || event->text.length < sizeof(start) ||
	    memcmp(event->text.bytes, start, sizeof(start) - 1) != 0)
		return false;
	reading->tracer = cli_need(strndup(event->text.bytes,
					   event->text.length));
	return true;
}

/* Read what comes at once.  Returns false at the end, and when told to stop. */
static bool
read_more(struct reading *reading)
{
	int count = pmt_log_read(reading->log, reading->events, READ_AT_ONCE);

	reading->next = 0;
	reading->count = count > 0 ? count : 0;
	if (count < 0 && !(count == -EINTR && cli_stopped())) {
		cli_warn(count, "cannot read '%s'", reading->path);
		reading->failed = true;
	}
	if (cli_stopped()) {
		reading->interrupted = true;
		if (count != 0)
			reading_say(reading, LEVEL_WARNING, 0,
				    "interrupted: only %" PRIu64
				    " rows were read", reading->rows);
		return false;
	}
	if (count == 0 && !pmt_log_ended(reading->log) &&
	    pmt_log_kind(reading->log) != PMT_LOG_UNKNOWN)
		reading_say(reading, LEVEL_WARNING, 0, "ended without "
			    "closing: its writer was killed, left by "
			    "os._exit() or still runs");
	return count > 0;
}

/* Messages tell of units of work, by which a comparison can divide. */
static void
count_unit(struct reading *reading, struct pmt_text text)
{
	char *message = cli_need(strndup(text.bytes, text.length));

	reading->units += fnmatch(reading->options->per, message, 0) == 0;
	free(message);
}

const struct pmt_event *
reading_next(struct reading *reading)
{
	const struct pmt_event *event;

	for (;;) {
		if (reading->next == reading->count && !read_more(reading))
			return NULL;
		event = &reading->events[reading->next++];
		if (pmt_unlikely(event->row == PMT_ROW_PROBLEM))
			note_problem(reading, event);
		else if (!take_signature(reading, event) ||
			 reading->options->text)
			break;
	}
	if (reading->rows++ % 65536 == 65535)
		show_progress(reading);
	if (pmt_unlikely(event->row == PMT_ROW_MSG) &&
	    reading->options->per != NULL)
		count_unit(reading, event->text);
	if (!PMT_HAS(event, CLOCK))
		return event;
	if (event->clock > reading->options->until)
		return NULL;
	if (reading->rows == 1)
		reading->first_clock = event->clock;
	reading->last_clock = event->clock;
	return event;
}

const struct pmt_event *
reading_ahead(const struct reading *reading)
{
	/* Memory takes as long to come as some rows to be entered. */
	int ahead = reading->next + 8;

	return ahead < reading->count ? &reading->events[ahead] : NULL;
}

struct pmt_text
reading_message(const struct reading *reading)
{
	if (reading->messages == NULL)
		return pmt_log_introduction(reading->log);
	return (struct pmt_text){ reading->messages,
				  strlen(reading->messages) };
}

void
reading_add_message(struct reading *reading, const struct reading *inner)
{
	struct pmt_text mine = reading_message(reading);
	struct pmt_text theirs = reading_message(inner);
	char *both;

	if (theirs.length == 0)
		return;
	if (asprintf(&both, "%.*s%s%.*s", (int)mine.length, mine.bytes,
		     mine.length > 0 ? "\n" : "", (int)theirs.length,
		     theirs.bytes) == -1)
		cli_die(CLI_FAILED, ENOMEM, "%s", reading->path);
	free(reading->messages);
	reading->messages = both;
}

bool
reading_ends_lists(const struct reading *reading)
{
	return cli_stopped() && !reading->interrupted;
}

void
reading_close(struct reading *reading)
{
	for (int i = 1; i <= LEVEL_CRITICAL / 10; i++)
		if (reading->said[i] > SAY_AT_MOST &&
		    reading->options->level > LEVEL_DEBUG)
			cli_warn(0, "%s: %" PRIu64 " more %ss; -l debug shows "
				 "all", reading->path,
				 reading->said[i] - SAY_AT_MOST,
				 level_name((enum level)(i * 10)));
	pmt_log_close(reading->log);
	reading->log = NULL;
	free(reading->tracer);
	free(reading->messages);
}

void
problems_free(struct problems *problems)
{
	for (size_t i = 0; i < problems->count; i++)
		free(problems->list[i].text);
	free(problems);
}
