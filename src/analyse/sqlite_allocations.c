/* SPDX-License-Identifier: MIT */
/* sqlite_allocations.c - the rows of a log of allocations, as tables. */
#include <config.h>

#include <string.h>

#include "analyse/allocations.h"
#include "analyse/sqlite.h"

struct rows {
	struct database_table *rows, *sums, *memory, *threads, *messages;
	int64_t id;
	double clock;
};

static void
add_row(struct rows *rows, const struct pmt_alloc_event *event)
{
	const char *kind = pmt_alloc_event_name(event);
	bool has_size = event->what != PMT_ALLOC_IS_FREE &&
			event->what != PMT_ALLOC_IS_KEPT;

	database_integer(rows->rows, 1, rows->id);
	database_text(rows->rows, 2, (struct pmt_text){ kind, strlen(kind) });
	database_real(rows->rows, 3, rows->clock);
	if (event->what <= PMT_ALLOC_IS_MAP)
		database_integer(rows->rows, 4, event->thread);
	if (event->node != 0)
		database_integer(rows->rows, 5, event->node);
	if (event->what != PMT_ALLOC_IS_KEPT)
		database_integer(rows->rows, 6, (int64_t)event->address);
	if (has_size)
		database_integer(rows->rows, 7, (int64_t)event->size);
	if (event->what == PMT_ALLOC_IS_REMAP) {
		database_integer(rows->rows, 8, (int64_t)event->moved);
		database_integer(rows->rows, 9, (int64_t)event->moved_size);
	}
	database_insert(rows->rows);
}

static void
add_message(struct rows *rows, const struct pmt_alloc_event *event)
{
	const char *kind = pmt_alloc_event_name(event);

	database_integer(rows->messages, 1, rows->id);
	database_real(rows->messages, 2, rows->clock);
	database_text(rows->messages, 3,
		      (struct pmt_text){ kind, strlen(kind) });
	if (event->what == PMT_ALLOC_IS_RATE)
		database_integer(rows->messages, 4, (int64_t)event->size);
	else if (event->what != PMT_ALLOC_IS_MARK)
		database_text(rows->messages, 4, event->text);
	database_insert(rows->messages);
}

static void
add_sum(struct rows *rows, const struct pmt_alloc_event *event)
{
	const struct pmt_alloc_sum *sum = &event->sum;
	const uint64_t values[] = {
		sum->live, sum->blocks, sum->at_peak, sum->blocks_at_peak,
		sum->total, sum->count, sum->temporary, sum->mapped,
	};

	if (event->node != 0)
		database_integer(rows->sums, 1, event->node);
	for (int i = 0; i < (int)PMT_ARRAY_SIZE(values); i++)
		database_integer(rows->sums, 2 + i, (int64_t)values[i]);
	database_insert(rows->sums);
}

static void
add_tick(struct rows *rows, const struct pmt_alloc_event *event)
{
	rows->clock = (double)event->size / 1e6;
	database_real(rows->memory, 1, rows->clock);
	database_integer(rows->memory, 2, (int64_t)event->moved * 1024);
	database_insert(rows->memory);
}

static void
add_thread(struct rows *rows, const struct pmt_alloc_event *event)
{
	database_integer(rows->threads, 1, event->thread);
	database_integer(rows->threads, 2, (int64_t)event->address);
	database_text(rows->threads, 3, event->text);
	database_insert(rows->threads);
}

static void
add(struct rows *rows, const struct pmt_alloc_event *event)
{
	rows->id++;
	switch (event->what) {
	case PMT_ALLOC_IS_THREAD:
		add_thread(rows, event);
		break;
	case PMT_ALLOC_IS_TICK:
		add_tick(rows, event);
		break;
	case PMT_ALLOC_IS_MARK:
	case PMT_ALLOC_IS_PYTHON:
	case PMT_ALLOC_IS_LACK:
	case PMT_ALLOC_IS_RATE:
	case PMT_ALLOC_IS_MEMORY:
	case PMT_ALLOC_IS_MESSAGE:
		add_message(rows, event);
		break;
	case PMT_ALLOC_IS_SUM:
		add_sum(rows, event);
		break;
	case PMT_ALLOC_IS_HELD:
	case PMT_ALLOC_IS_SIZES:
	case PMT_ALLOC_IS_ELSEWHERE:
		/* Reports have them. */
		break;
	default:
		add_row(rows, event);
	}
}

static void
add_frames(struct database *database, const struct pmt_allocnames *names)
{
	struct database_table *table = database_table(database, "frame", 3);

	for (uint32_t i = 0; i < names->node_count; i++) {
		database_integer(table, 1, i + 1);
		if (names->nodes[i].caller != 0)
			database_integer(table, 2, names->nodes[i].caller);
		database_integer(table, 3, names->nodes[i].site);
		database_insert(table);
	}
}

void
sqlite_allocations(struct reading *reading, struct database *database)
{
	struct pmt_allocread *reader = pmt_log_allocations(reading->log);
	struct symbols *symbols = symbols_new(reading);
	struct rows rows = {
		.rows = database_table(database, "allocation_row", 9),
		.sums = database_table(database, "allocation_sum", 9),
		.memory = database_table(database, "memory", 2),
		.threads = database_table(database, "thread", 3),
		.messages = database_table(database, "message", 4),
	};
	struct pmt_alloc_event event;

	if (symbols != NULL)
		pmt_allocread_name_by(reader, symbols_name, symbols);
	while (!database_failed(database) &&
	       allocations_next(reading, reader, &event))
		add(&rows, &event);
	add_frames(database, pmt_allocread_names(reader));
	symbols_free(symbols);
}
