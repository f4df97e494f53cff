/* SPDX-License-Identifier: MIT */
/* show_csv.c - the tables as comma-separated values (RFC 4180). */
#include <config.h>

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "analyse/holdings.h"
#include "analyse/makers.h"
#include "analyse/reference.h"
#include "analyse/show.h"
#include "analyse/tables.h"
#include "cli/csv.h"

static void
quote_name(const struct reading *reading, uint32_t name)
{
	struct pmt_text text = pmt_sites_name(reading->sites, name);

	cli_csv_quoted(stdout, text.bytes, text.length);
}

static void
put_name(const struct reading *reading, uint32_t name)
{
	if (name != PMT_NO_PART)
		quote_name(reading, name);
	putchar(',');
}

static void
put_line_number(uint32_t line)
{
	if (line != PMT_NO_PART)
		printf("%" PRIu32, line);
	putchar(',');
}

static void
put_path(const char *path)
{
	cli_csv_quoted(stdout, path, strlen(path));
	putchar(',');
}

bool
show_csv_reference(const struct analysis *analysis)
{
	const struct reading *reading = analysis->reading;
	struct pmt_groups groups = reference_groups(reading, analysis->leaks);
	uint64_t top = reading->options->choice.top;

	puts("log,type,file,line,function,alive,made,bytes,first,last,growing,"
	     "own_file,own_line,own_function,import,held,held_by");
	for (size_t i = 0; i < groups.count && i < top; i++) {
		const struct pmt_group *group = &groups.list[i];

		put_path(reading->path);
		put_name(reading, group->key.type);
		put_name(reading, group->key.file);
		put_line_number(group->key.line);
		put_name(reading, group->key.function);
		printf("%" PRIu64 ",%" PRIu64 ",", group->live, group->made);
		if (pmt_log_has(reading->log, PMT_COLUMN_SIZE))
			printf("%" PRId64, group->bytes);
		if (group->first <= group->last)
			printf(",%.6f,%.6f,", (double)group->first / 1e9,
			       (double)group->last / 1e9);
		else
			fputs(",,,", stdout);
		printf("%d,", group->growing);
		put_name(reading, group->key.own_file);
		put_line_number(group->key.own_line);
		if (group->key.own_function != PMT_NO_PART)
			quote_name(reading, group->key.own_function);
		printf(",%d,", group->key.imports > 0);
		if (group->held_by != NULL) {
			printf("%" PRIu64 ",", group->held_count);
			cli_csv_quoted(stdout, group->held_by,
				       strlen(group->held_by));
		} else {
			putchar(',');
		}
		putchar('\n');
	}
	free(groups.list);
	return true;
}

/* Columns of what there is more of, and none of them. */
#define GROWN_TITLES ",type,alive,before,bytes,made_here,held,held_by"
#define NOT_GROWN ",,,,,,,"

/* EMPTY are the columns up to those; MAKER may be NULL. */
static void
put_grown_row(const struct reading *reading,
	      const struct pmt_grown_kind *kind, const struct maker *maker,
	      const char *empty)
{
	put_path(reading->path);
	fputs("grown,", stdout);
	put_name(reading, maker == NULL ? PMT_NO_PART : maker->file);
	put_line_number(maker == NULL ? PMT_NO_PART : maker->line);
	if (maker != NULL && maker->function != PMT_NO_PART)
		quote_name(reading, maker->function);
	printf("%s,", empty);
	put_path(kind->type);
	printf("%" PRIu64 ",%" PRIu64 ",%" PRId64 ",", kind->live,
	       kind->before, kind->bytes);
	if (maker != NULL)
		printf("%" PRIu64, maker->count);
	printf(",%" PRIu64 ",", kind->held);
	cli_csv_quoted(stdout, kind->by, strlen(kind->by));
	putchar('\n');
}

/* A row for each of those who made them; ALLOCATIONS may be NULL. */
static void
put_grown(const struct reading *reading, const struct pmt_grown *grown,
	  const struct allocations *allocations, const char *empty)
{
	for (size_t i = 0; i < grown->count &&
	     i < reading->options->choice.top; i++) {
		const struct pmt_grown_kind *kind = &grown->kind[i];
		struct makers makers = { .count = 0 };

		if (allocations != NULL)
			makers = makers_of(reading, allocations, kind);
		for (size_t k = 0; k < makers.count; k++)
			put_grown_row(reading, kind, &makers.list[k], empty);
		if (makers.count == 0)
			put_grown_row(reading, kind, NULL, empty);
		free(makers.list);
	}
}

bool
show_csv_profile(const struct analysis *analysis)
{
	const struct reading *reading = analysis->reading;

	puts("log,table,file,line,function,c,depth,net,grown,released,rows"
	     GROWN_TITLES);
	for (enum table_kind kind = 0; kind < TABLES; kind++) {
		struct table table;

		if (!table_wanted(reading->options, analysis->profile, kind))
			continue;
		table = table_make(reading, analysis->profile, kind);
		for (size_t i = 0; i < table.count &&
		     i < reading->options->choice.top; i++) {
			const struct entry *entry = &table.entries[i];

			put_path(reading->path);
			printf("%s,", table.name);
			put_name(reading, entry->file);
			put_line_number(entry->line);
			put_name(reading, entry->function);
			printf("%d,%u,%" PRId64 ",%" PRIu64 ",%" PRIu64 ",%"
			       PRIu64 NOT_GROWN "\n", entry->in_c, entry->depth,
			       net_change(&entry->change),
			       entry->change.grown, entry->change.released,
			       entry->change.rows);
		}
		free(table.entries);
	}
	put_grown(reading, &analysis->profile->grown, NULL, ",,,,,,");
	return true;
}

static void
put_holdings(const struct analysis *analysis, enum pmt_grouping by,
	     const char *table)
{
	const struct reading *reading = analysis->reading;
	const struct pmt_choice *choice = &reading->options->choice;
	size_t count;
	struct holding *list = holdings_by(reading, analysis->allocations,
					   by, choice->order, &count);

	for (size_t i = 0; i < count && i < choice->top; i++) {
		const struct holding *holding = &list[i];
		const struct pmt_alloc_sum *sum = &holding->sum;

		put_path(reading->path);
		printf("%s,", table);
		put_name(reading, holding->file);
		put_line_number(holding->line);
		put_name(reading, holding->function);
		printf("%" PRIu32 ",%" PRIu64 ",%" PRIu64 ",%" PRIu64 ",%"
		       PRIu64 ",%" PRIu64 ",%" PRIu64 ",%" PRIu64 ",%d,%"
		       PRIu64 "," NOT_GROWN "\n",
		       holding->thread, sum->live, sum->blocks, sum->at_peak,
		       sum->blocks_at_peak, sum->total, sum->count,
		       sum->temporary, holding->growing, sum->mapped);
	}
	free(list);
}

/* By the lower bound; what is not known of them is empty. */
static void
put_sizes(const struct analysis *analysis)
{
	const struct pmt_size_tally *sizes =
		pmt_allocations_sizes(analysis->allocations->books);

	for (size_t i = 0; i < PMT_TALLIES_SIZES; i++) {
		if (sizes[i].count == 0 && sizes[i].blocks == 0)
			continue;
		put_path(analysis->reading->path);
		printf("size,,,,,%" PRIu64 ",%" PRIu64 ",,,,%" PRIu64
		       ",,,,%" PRIu64 NOT_GROWN "\n",
		       sizes[i].live, sizes[i].blocks, sizes[i].count,
		       i == 0 ? 0 : UINT64_C(1) << i);
	}
}

bool
show_csv_allocations(const struct analysis *analysis)
{
	puts("log,table,file,line,function,thread,left,blocks,at_peak,"
	     "blocks_at_peak,allocated,times,temporary,growing,mapped,size"
	     GROWN_TITLES);
	put_holdings(analysis, PMT_GROUP_OWN, "own_line");
	put_holdings(analysis, PMT_GROUP_LINE, "line");
	put_holdings(analysis, PMT_GROUP_FUNCTION, "function");
	put_holdings(analysis, PMT_GROUP_FILE, "file");
	put_holdings(analysis, PMT_GROUP_THREAD, "thread");
	put_sizes(analysis);
	put_grown(analysis->reading, &analysis->allocations->grown,
		  analysis->allocations, ",,,,,,,,,,,");
	return true;
}
