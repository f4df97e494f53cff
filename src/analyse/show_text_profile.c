/* SPDX-License-Identifier: MIT */
/* show_text_profile.c - a profile as text. */
#include <config.h>

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "analyse/show.h"
#include "analyse/show_text.h"
#include "analyse/tables.h"
#include "base/units.h"
#include "report/leakreport.h"
#include "report/memoryreport.h"
#include "report/reporttext.h"
#include "report/verdicttext.h"

static const char *
signed_size(int64_t bytes, char text[PMT_SIZE_TEXT])
{
	pmt_format_size(bytes, text + (bytes > 0));
	if (bytes > 0)
		text[0] = '+';
	return text;
}

static void
print_file(const struct reading *reading, uint32_t file)
{
	struct pmt_text path = pmt_sites_name(reading->sites, file);

	pmt_print_name(stdout, pmt_file_name(path,
					     reading->options->full_path), 0);
}

static void
print_place(const struct reading *reading, uint32_t file, uint32_t line)
{
	print_file(reading, file);
	if (line != PMT_NO_NAME)
		printf(":%" PRIu32, line);
}

/* What neither a function nor a file of the log names. */
static void
print_nameless(const struct profile *profile, const struct entry *entry)
{
	if (entry->own)
		fputs("imports", stdout);
	else if (entry->place != NULL &&
		 entry->place->function != PMT_NO_NAME)
		fputs("(no code of the program)", stdout);
	else if (pmt_growth_is_exact(profile->growth))
		fputs("(no Python code)", stdout);
	else
		fputs("(not known)", stdout);
}

/* "leak.py:12", "build  leak.py", "append (C)" */
static void
print_entry_name(const struct reading *reading, const struct profile *profile,
		 const struct entry *entry)
{
	if (entry->file == PMT_NO_NAME && entry->function == PMT_NO_NAME) {
		print_nameless(profile, entry);
		return;
	}
	/* Only tables of functions have nodes. */
	if (entry->node == 0) {
		print_place(reading, entry->file, entry->line);
		return;
	}
	pmt_print_name(stdout, entry_function(reading, entry), 0);
	if (entry->times > 1)
		printf(" %s%" PRIu32, reading->options->utf8 ? "×" : "x",
		       entry->times);
	if (entry->in_c) {
		fputs(" (C)", stdout);
	} else if (entry->file != PMT_NO_NAME) {
		fputs("  ", stdout);
		print_file(reading, entry->file);
	}
}

/* Where "in FILE:LINE FUNCTION (C)" begins so that it ends in column 80. */
static int
indent_of(const struct reading *reading, const struct pmt_growth_own *place,
	  bool elsewhere)
{
	struct pmt_text file = pmt_file_name(
		pmt_sites_name(reading->sites, place->file),
		reading->options->full_path);
	size_t width = strlen("in ") + (place->in_c ? strlen(" (C)") : 0) +
		       pmt_sites_name(reading->sites, place->function).length;

	if (elsewhere)
		width += file.length +
			 (size_t)snprintf(NULL, 0, ":%" PRIu32 " ",
					  place->line);
	return width < 80 - 42 ? 42 : width < 80 - 13 ? 80 - (int)width : 13;
}

/* Below a line of the program, what most of it happened in. */
static void
print_within(const struct reading *reading, const struct entry *entry)
{
	const struct pmt_growth_own *place = entry->place;
	bool elsewhere;

	if (place == NULL || place->function == PMT_NO_NAME ||
	    (entry->own && entry->file == PMT_NO_NAME))
		return;
	elsewhere = !place->in_c || place->line != entry->line ||
		    place->file != entry->file;
	printf("%*sin ", indent_of(reading, place, elsewhere), "");
	if (elsewhere) {
		print_place(reading, place->file, place->line);
		putchar(' ');
	}
	pmt_print_name(stdout, pmt_sites_name(reading->sites, place->function),
		       0);
	puts(place->in_c ? " (C)" : "");
}

static void
print_entry(const struct reading *reading, const struct profile *profile,
	    const struct entry *entry)
{
	const struct pmt_growth_change *change = &entry->change;
	char text[3][PMT_SIZE_TEXT];
	char rows[PMT_NUMBER_TEXT];

	printf("%9s %9s %9s %9s  ",
	       signed_size(net_change(change), text[0]),
	       pmt_format_size((int64_t)change->grown, text[1]),
	       pmt_format_size((int64_t)change->released, text[2]),
	       pmt_format_count(change->rows, rows));
	if (entry->depth > 1)
		printf("%*s", 2 * (int)(entry->depth - 1 < 30 ?
					entry->depth - 1 : 30), "");
	print_entry_name(reading, profile, entry);
	if (entry->place != NULL && entry->function != PMT_NO_NAME) {
		putchar(' ');
		pmt_print_name(stdout, entry_function(reading, entry), 0);
	}
	putchar('\n');
	print_within(reading, entry);
}

/* Returns whether there was anything to print. */
static bool
print_table(const struct reading *reading, const struct profile *profile,
	    const struct table *table)
{
	size_t listed = table->count, shown;

	if (hides_unchanged(reading->options))
		while (listed > 0 && !is_changed(&table->entries[listed - 1]))
			listed--;
	if (listed == 0)
		return false;
	shown = listed < reading->options->choice.top ? listed :
		(size_t)reading->options->choice.top;
	printf("\n%s\n%9s %9s %9s %9s\n", table->title, "Net", "Grown",
	       "Released", "Rows");
	for (size_t i = 0; i < shown && !reading_ends_lists(reading); i++)
		print_entry(reading, profile, &table->entries[i]);
	if (shown < listed)
		printf("%9s %zu more; --top 0 shows all\n", "...",
		       listed - shown);
	return true;
}

static void
print_moment(const struct reading *reading, const struct moment *moment)
{
	const struct pmt_site *site = pmt_sites_get(reading->sites,
						    moment->site);

	printf("event %-10" PRIu64 " %-8s ", moment->event,
	       pmt_what_name(moment->what));
	print_file(reading, site->file);
	printf(":%" PRIu32 " ", site->line);
	pmt_print_name(stdout, pmt_sites_name(reading->sites, site->function),
		       0);
	putchar('\n');
}

static void
print_steps(const struct reading *reading, const struct profile *profile)
{
	uint64_t shown = profile->step_count < reading->options->choice.top ?
		profile->step_count : reading->options->choice.top;
	char change[PMT_SIZE_TEXT], clock[PMT_NUMBER_TEXT];

	if (shown == 0)
		return;
	puts("\nThe biggest steps, each with the row before it");
	for (uint64_t i = 0; i < shown && !reading_ends_lists(reading); i++) {
		const struct step *step = &profile->steps[i];

		printf("%9s  %8s s  ", "",
		       pmt_format_clock(step->before.clock, clock));
		print_moment(reading, &step->before);
		printf("%9s  %8s s  ", signed_size(step->change, change),
		       pmt_format_clock(step->after.clock, clock));
		print_moment(reading, &step->after);
	}
}

static void
print_marks(const struct reading *reading, const struct profile *profile)
{
	uint64_t shown = profile->mark_count < reading->options->choice.top ?
		profile->mark_count : reading->options->choice.top;
	char clock[PMT_NUMBER_TEXT];

	if (shown == 0)
		return;
	puts("\nMessages");
	for (uint64_t i = 0; i < shown && !reading_ends_lists(reading); i++) {
		const struct mark *mark = &profile->marks[i];
		struct pmt_text text = { mark->text, strlen(mark->text) };

		printf("%9s s  ", pmt_format_clock(mark->clock, clock));
		pmt_print_name(stdout, text, 0);
		putchar('\n');
	}
	if (shown < profile->mark_count)
		printf("%9s %zu more; --top 0 shows all\n", "...",
		       profile->mark_count - (size_t)shown);
}

static void
print_totals(const struct reading *reading, const struct profile *profile,
	     const struct pmt_verdict *verdict, size_t growing)
{
	char text[4][PMT_NUMBER_TEXT];

	printf("Rows: %s for %s events, from %s s to %s s of CPU time\n",
	       pmt_format_count(reading->rows, text[0]),
	       pmt_format_count(profile->events, text[1]),
	       pmt_format_clock(reading->first_clock, text[2]),
	       pmt_format_clock(reading->last_clock, text[3]));
	pmt_print_footprints(stdout, &profile->footprints);
	pmt_print_verdict(stdout, verdict, growing);
}

/* Objects that the log tells of, at the peak if the end hides what mattered. */
static void
print_objects(const struct reading *reading, const struct profile *profile)
{
	const struct options *options = reading->options;
	struct pmt_leakreport report = {
		.sites = reading->sites,
		.choice = { .top = options->choice.top },
		.full_path = options->full_path,
		.utf8 = options->utf8,
		.colour = options->colour,
	};

	for (int when = PMT_AT_PEAK; when >= PMT_AT_END; when--) {
		const struct pmt_told *told = &profile->told[when];

		report.choice.when = (enum pmt_when)when;
		report.peak_clock = told->clock;
		report.sizes = told->sizes;
		report.narrow = told->narrow;
		if (told->known)
			pmt_leakreport_groups(stdout, &report, &told->groups);
		if (told->known && options->brief)
			break;
	}
}

bool
show_text_profile(const struct analysis *analysis)
{
	const struct reading *reading = analysis->reading;
	const struct profile *profile = analysis->profile;
	bool printed, any = false;
	bool told = profile->told[PMT_AT_END].known || profile->grown.known;
	size_t growing;
	const struct pmt_verdict verdict = profile_verdict(profile, &growing);

	show_text_heading(reading);
	print_totals(reading, profile, &verdict, growing);
	if (!profile_shows_grown(profile) || !reading->options->brief)
		print_objects(reading, profile);
	if (profile_shows_grown(profile))
		show_text_grown(reading, &profile->grown, NULL,
				profile->told[PMT_AT_END].known);
	/* With objects there is no room for it on the first screen. */
	if (!told || !reading->options->brief)
		show_text_chart(reading, profile);
	for (enum table_kind kind = 0; kind < TABLES; kind++) {
		struct table table;

		if (!table_wanted(reading->options, profile, kind))
			continue;
		table = table_make(reading, profile, kind);
		printed = print_table(reading, profile, &table);
		free(table.entries);
		any |= printed;
		if (printed && kind == TABLE_PATHS &&
		    pmt_growth_has_gaps(profile->growth) &&
		    !pmt_growth_is_exact(profile->growth))
			puts("Events were left out (d_rss_trigger): paths are "
			     "as far as the rows tell.");
	}
	if (!any && profile->step_count == 0)
		puts("\nNothing has changed it; --sort count lists what ran.");
	if (!reading->options->brief) {
		print_steps(reading, profile);
		print_marks(reading, profile);
	}
	if (told || reading->options->brief)
		pmt_print_next(stdout, &verdict, growing);
	return true;
}
