/* SPDX-License-Identifier: MIT */
#include <config.h>

#include "analyse/allocations.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/cli.h"

/* More names than that are of a damaged log. */
enum { MOST_THREADS = 1 << 20, MOST_LACKS = 16 };

static char *
copy(struct pmt_text text)
{
	return cli_need(strndup(text.bytes, text.length));
}

static void
name_thread(struct allocations *allocations,
	    const struct pmt_alloc_event *event)
{
	size_t room = allocations->thread_room == 0 ? 64
						    : allocations->thread_room;

	if (event->thread >= MOST_THREADS)
		return;
	while (room <= event->thread)
		room *= 2;
	if (room != allocations->thread_room) {
		allocations->threads = cli_need(reallocarray(
			allocations->threads, room, sizeof(char *)));
		memset(allocations->threads + allocations->thread_room, 0,
		       (room - allocations->thread_room) * sizeof(char *));
		allocations->thread_room = room;
	}
	free(allocations->threads[event->thread]);
	if (asprintf(&allocations->threads[event->thread], "%.*s (%" PRIu64
		     ")", (int)event->text.length, event->text.bytes,
		     event->address) == -1)
		cli_need(NULL);
}

static void
note_lack(struct allocations *allocations, struct pmt_text text)
{
	if (allocations->lack_count == MOST_LACKS)
		return;
	allocations->lacks = cli_need(reallocarray(
		allocations->lacks, allocations->lack_count + 1,
		sizeof(char *)));
	allocations->lacks[allocations->lack_count++] = copy(text);
}

static void
begin_anew(struct allocations *allocations)
{
	pmt_allocations_begin(allocations->books);
	if (allocations->curves != NULL)
		allocations->curves->allocated->count = 0;
}

/* From --since on is as if the program began there. */
static void
take_tick(struct allocations *allocations, const struct options *options,
	  const struct pmt_alloc_event *event)
{
	allocations->clock = event->size > INT64_MAX / 1000
		? INT64_MAX : (int64_t)event->size * 1000;
	if (allocations->curves != NULL)
		pmt_curve_add(allocations->curves->rss, allocations->clock,
			      (int64_t)event->moved * 1024);
	if (!allocations->since && allocations->clock >= options->since) {
		allocations->since = true;
		if (options->since > 0)
			begin_anew(allocations);
	}
}

/* Until the program's first line it is about Python's own start. */
static void
add_to_curve(struct allocations *allocations)
{
	const struct pmt_allocations_totals *totals =
		pmt_allocations_totals(allocations->books);

	if (allocations->curves == NULL || !totals->begun || totals->ended)
		return;
	pmt_curve_add(allocations->curves->list[0].curve, allocations->clock,
		      (int64_t)pmt_allocations_live(allocations->books));
	pmt_curve_add(allocations->curves->allocated, allocations->clock,
		      (int64_t)pmt_allocations_allocated(allocations->books));
}

static void
take_memory(struct allocations *allocations, struct pmt_text text)
{
	struct pmt_footprint now = { true, allocations->clock, { 0 } };
	enum pmt_moment moment;

	if (!pmt_memory_parse(text, &now.memory, &moment))
		return;
	if (moment == PMT_MOMENT_START)
		allocations->begin = now;
	else
		allocations->end = now;
}

static void
take(struct allocations *allocations, const struct options *options,
     const struct pmt_alloc_event *event)
{
	if (event->what == PMT_ALLOC_IS_TICK)
		take_tick(allocations, options, event);
	switch (event->what) {
	case PMT_ALLOC_IS_PYTHON:
		free(allocations->python);
		allocations->python = copy(event->text);
		break;
	case PMT_ALLOC_IS_THREAD:
		name_thread(allocations, event);
		break;
	case PMT_ALLOC_IS_LACK:
		note_lack(allocations, event->text);
		break;
	case PMT_ALLOC_IS_MEMORY:
		take_memory(allocations, event->text);
		break;
	case PMT_ALLOC_IS_MESSAGE:
		(void)pmt_grown_note(&allocations->grown, event->text);
		break;
	default:
		if (pmt_allocations_add(allocations->books, event) != 0)
			cli_need(NULL);
		add_to_curve(allocations);
	}
}

static void
name_functions(struct allocations *allocations, struct reading *reading,
	       struct pmt_allocread *reader)
{
	static const char nameless[] = "names of native functions: pmt was "
				       "built without elfutils";

	allocations->symbols = symbols_new(reading);
	if (allocations->symbols != NULL)
		pmt_allocread_name_by(reader, symbols_name,
				      allocations->symbols);
	else
		note_lack(allocations, (struct pmt_text){
			nameless, strlen(nameless) });
}

bool
allocations_next(struct reading *reading, struct pmt_allocread *reader,
		 struct pmt_alloc_event *event)
{
	int more = pmt_allocread_next(reader, event);

	if (more > 0 && reading->rows++ % 65536 != 65535)
		return true;
	if (cli_stopped()) {
		reading->interrupted = true;
		return false;
	}
	if (more < 0) {
		reading_say(reading, LEVEL_WARNING, 0, "%s: what follows "
			    "event %" PRIu64 " is lost", more == -EBADMSG
			    ? "damaged or torn" : strerror(-more),
			    reading->rows);
		reading->failed = true;
	}
	return more > 0;
}

void
allocations_read(struct allocations *allocations, struct reading *reading,
		 struct live_curves *curves)
{
	struct pmt_allocread *reader = pmt_log_allocations(reading->log);
	struct pmt_alloc_event event;

	*allocations = (struct allocations){
		.books = cli_need(pmt_allocations_new()),
		.names = pmt_allocread_names(reader),
		.curves = curves,
	};
	if (allocations->names->native)
		name_functions(allocations, reading, reader);
	while (allocations_next(reading, reader, &event)) {
		take(allocations, reading->options, &event);
		/* As if the log ended there. */
		if (allocations->clock > reading->options->until)
			break;
	}
	reading->last_clock = allocations->clock;
	pmt_allocations_finish(allocations->books);
}

void
allocations_fini(struct allocations *allocations)
{
	pmt_allocations_free(allocations->books);
	pmt_grown_fini(&allocations->grown);
	symbols_free(allocations->symbols);
	free(allocations->python);
	for (size_t i = 0; i < allocations->thread_room; i++)
		free(allocations->threads[i]);
	free(allocations->threads);
	for (size_t i = 0; i < allocations->lack_count; i++)
		free(allocations->lacks[i]);
	free(allocations->lacks);
}

/* At most MOST, which it is where the kernel does not tell. */
static uint64_t
anonymous_growth(const struct allocations *allocations, uint64_t most)
{
	uint64_t begin = allocations->begin.memory.anonymous;
	uint64_t end = allocations->end.memory.anonymous;

	if (begin == PMT_MEMORY_UNKNOWN || end == PMT_MEMORY_UNKNOWN)
		return most;
	if (end <= begin)
		return 0;
	return end - begin < most ? end - begin : most;
}

uint64_t
allocations_growth(const struct allocations *allocations, uint64_t *explained)
{
	const struct pmt_allocations_totals *totals =
		pmt_allocations_totals(allocations->books);
	uint64_t growth = totals->rss_end > totals->rss_begin
		? totals->rss_end - totals->rss_begin : 0;

	*explained = growth;
	/* Files that were mapped are never explained by blocks. */
	if (allocations->begin.noted && allocations->end.noted)
		*explained = anonymous_growth(allocations, growth);
	if (totals->all.live < *explained)
		*explained = totals->all.live;
	return growth;
}
