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
	symbols_free(allocations->symbols);
	free(allocations->python);
	for (size_t i = 0; i < allocations->thread_room; i++)
		free(allocations->threads[i]);
	free(allocations->threads);
	for (size_t i = 0; i < allocations->lack_count; i++)
		free(allocations->lacks[i]);
	free(allocations->lacks);
}

bool
allocations_is_own(struct pmt_text file)
{
	static const char *const others[] = {
		"/site-packages/", "/dist-packages/", "/lib/python3",
		"/pmt/boot/",
	};

	/* <frozen importlib._bootstrap>; but code of -c is <string>. */
	if (file.length > 8 && memcmp(file.bytes, "<frozen", 7) == 0)
		return false;
	for (size_t i = 0; i < PMT_ARRAY_SIZE(others); i++)
		if (memmem(file.bytes, file.length, others[i],
			   strlen(others[i])) != NULL)
			return false;
	return true;
}

/* The innermost node of the program's own code, or of Python's, or NODE. */
static uint32_t
own_node(const struct reading *reading,
	 const struct pmt_allocnames *names, uint32_t node)
{
	uint32_t python = 0;

	for (uint32_t at = node; at != 0; at = names->nodes[at - 1].caller) {
		const struct pmt_site *site = pmt_sites_get(
			reading->sites, names->nodes[at - 1].site);

		if (names->nodes[at - 1].native)
			continue;
		if (allocations_is_own(pmt_sites_name(reading->sites,
						      site->file)))
			return at;
		if (python == 0)
			python = at;
	}
	return python != 0 ? python : node;
}

static struct holding
place(const struct reading *reading, const struct pmt_allocnames *names,
      enum pmt_grouping by, uint32_t node)
{
	struct holding holding = {
		.file = PMT_NO_PART, .line = PMT_NO_PART,
		.function = PMT_NO_PART,
	};
	const struct pmt_site *site;

	if (node == 0)
		return holding;
	site = pmt_sites_get(reading->sites, names->nodes[node - 1].site);
	holding.file = site->file;
	if (by != PMT_GROUP_FILE)
		holding.function = site->function;
	if (by != PMT_GROUP_FILE && by != PMT_GROUP_FUNCTION)
		holding.line = site->line;
	if (by == PMT_GROUP_PATH)
		holding.node = node;
	return holding;
}

static int
compare_numbers(uint64_t a, uint64_t b)
{
	return (a > b) - (a < b);
}

static int
compare_keys(const void *a, const void *b)
{
	const struct holding *x = a, *y = b;
	int result = compare_numbers(x->file, y->file);

	if (result == 0)
		result = compare_numbers(x->function, y->function);
	if (result == 0)
		result = compare_numbers(x->line, y->line);
	if (result == 0)
		result = compare_numbers(x->node, y->node);
	return result != 0 ? result : compare_numbers(x->thread, y->thread);
}

uint64_t
allocations_rank(const struct pmt_alloc_sum *sum, enum pmt_order order)
{
	switch (order) {
	case PMT_ORDER_COUNT:
		return sum->blocks;
	case PMT_ORDER_MADE:
		return sum->total;
	case PMT_ORDER_PEAK:
		return sum->at_peak;
	case PMT_ORDER_TEMPORARY:
		return sum->temporary;
	default:
		return sum->live;
	}
}

static int
compare_ranks(const void *a, const void *b, void *arg)
{
	const struct holding *x = a, *y = b;
	enum pmt_order order = *(const enum pmt_order *)arg;
	int result = compare_numbers(allocations_rank(&y->sum, order),
				     allocations_rank(&x->sum, order));

	if (result == 0)
		result = compare_numbers(y->sum.total, x->sum.total);
	return result != 0 ? result : compare_keys(a, b);
}

static void
add_holding(struct holding *sum, const struct holding *more)
{
	pmt_alloc_sum_add(&sum->sum, &more->sum);
	for (size_t i = 0; i < PMT_TREND_MOMENTS; i++)
		sum->moments[i] += more->moments[i];
}

/* Rows of the same key, which are neighbours, become one. */
static size_t
merge(struct holding *list, size_t count)
{
	size_t kept = 0;

	for (size_t i = 0; i < count; i++) {
		if (kept > 0 && compare_keys(&list[kept - 1], &list[i]) == 0)
			add_holding(&list[kept - 1], &list[i]);
		else
			list[kept++] = list[i];
	}
	for (size_t i = 0; i < kept; i++)
		list[i].growing = list[i].sum.live > 0 &&
			pmt_trend_of(list[i].moments).grows;
	return kept;
}

static size_t
list_nodes(const struct reading *reading,
	   const struct allocations *allocations, enum pmt_grouping by,
	   struct holding *list)
{
	const struct pmt_allocnames *names = allocations->names;
	size_t count = 0;

	for (uint32_t node = 0; node <= names->node_count; node++) {
		struct pmt_alloc_sum sum =
			pmt_allocations_node(allocations->books, node);

		if (sum.count == 0)
			continue;
		list[count] = place(reading, names, by, by == PMT_GROUP_OWN
			? own_node(reading, names, node) : node);
		pmt_allocations_moments(allocations->books, node,
					list[count].moments,
					PMT_TREND_MOMENTS);
		list[count++].sum = sum;
	}
	qsort(list, count, sizeof(*list), compare_keys);
	return merge(list, count);
}

static size_t
list_threads(const struct allocations *allocations, struct holding *list)
{
	uint32_t last = pmt_allocations_totals(allocations->books)->threads;
	size_t count = 0;

	for (uint32_t thread = 1; thread <= last; thread++) {
		struct holding *holding = &list[count];

		*holding = (struct holding){
			.file = PMT_NO_PART, .line = PMT_NO_PART,
			.function = PMT_NO_PART, .thread = thread,
			.sum = pmt_allocations_thread(allocations->books,
						      thread),
		};
		count += holding->sum.count > 0;
	}
	return count;
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

struct holding *
allocations_by(const struct reading *reading,
	       const struct allocations *allocations, enum pmt_grouping by,
	       enum pmt_order order, size_t *count)
{
	const struct pmt_allocations_totals *totals =
		pmt_allocations_totals(allocations->books);
	size_t most = by == PMT_GROUP_THREAD ? totals->threads
					     : allocations->names->node_count;
	struct holding *list = cli_need(calloc(most + 1, sizeof(*list)));

	*count = by == PMT_GROUP_THREAD
		? list_threads(allocations, list)
		: list_nodes(reading, allocations, by, list);
	qsort_r(list, *count, sizeof(*list), compare_ranks, &order);
	return list;
}
