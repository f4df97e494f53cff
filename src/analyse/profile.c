/* SPDX-License-Identifier: MIT */
#include <config.h>

#include "analyse/profile.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "cli/cli.h"

/* More marks than this no picture shows. */
#define MARKS_MAX 10000

/* --top 0 means all, but there is an end to what one reads. */
#define STEPS_MAX 1000

static int
compare_steps(const void *left, const void *right)
{
	const struct step *a = left, *b = right;
	uint64_t x = (uint64_t)llabs(a->change), y = (uint64_t)llabs(b->change);

	if (x != y)
		return x < y ? 1 : -1;
	return (a->after.event > b->after.event) -
	       (a->after.event < b->after.event);
}

/* Keep the biggest: sort out the rest whenever there are twice as many. */
static void
keep_step(struct profile *profile, size_t wanted, const struct step *step)
{
	if (profile->step_count == profile->step_room) {
		profile->step_room = 2 * wanted;
		if (profile->steps == NULL)
			profile->steps = cli_need(calloc(profile->step_room,
						     sizeof(*step)));
		qsort(profile->steps, profile->step_count, sizeof(*step),
		      compare_steps);
		if (profile->step_count > wanted)
			profile->step_count = wanted;
	}
	profile->steps[profile->step_count++] = *step;
}

static void
keep_mark(struct profile *profile, const struct pmt_event *event)
{
	if (profile->mark_count == MARKS_MAX || !PMT_HAS(event, CLOCK))
		return;
	if ((profile->mark_count & (profile->mark_count - 1)) == 0)
		profile->marks = cli_need(realloc(profile->marks,
			(2 * profile->mark_count + 1) *
			sizeof(*profile->marks)));
	profile->marks[profile->mark_count++] = (struct mark){
		event->clock,
		cli_need(strndup(event->text.bytes, event->text.length)),
	};
}

static void
read_message(struct profile *profile, const struct reading *reading,
	     const struct pmt_event *event)
{
	struct pmt_footprints forgotten = { .first_rss = 0 };
	bool early = event->clock < reading->options->since, higher;

	if (!pmt_growth_note(profile->growth, event->text) &&
	    !pmt_told_note(profile->told, reading->sites, event->text) &&
	    !pmt_grown_note(&profile->grown, event->text) &&
	    !pmt_footprints_note(early ? &forgotten : &profile->footprints,
				 event->clock, event->text, &higher))
		keep_mark(profile, event);
}

static bool
is_import(const struct pmt_sites *sites, const struct pmt_growth_own *own)
{
	return pmt_sites_imports_once(sites, own->imports, own->own_function);
}

/* RSS over time begins where imports end, as the curves of objects do. */
static void
pass_time(struct profile *profile, const struct reading *reading,
	  int64_t clock, const struct pmt_growth_step *step)
{
	uint32_t count;
	const struct pmt_growth_own *owns = pmt_growth_owns(profile->growth,
							    &count);

	if (!profile->started)
		pmt_importtime_init(&profile->importing, clock);
	if (pmt_importtime_pass(&profile->importing, clock,
				step->own < count &&
				is_import(reading->sites, &owns[step->own])))
		pmt_footprints_restart(&profile->footprints, clock);
}

static void
add_row(struct profile *profile, const struct reading *reading,
	const struct pmt_event *event)
{
	const struct options *options = reading->options;
	uint64_t top = options->choice.top;
	size_t wanted = top < STEPS_MAX ? top : STEPS_MAX;
	struct moment now = { event->event, event->clock, event->rss,
			      event->site, event->what };
	struct pmt_growth_step step;

	if (pmt_growth_add(profile->growth, event, &step) != 0)
		cli_die(CLI_FAILED, ENOMEM, "%s", reading->path);
	if (!PMT_HAS(event, RSS) || !PMT_HAS(event, FUNCTION))
		return;
	if (event->event >= profile->events)
		profile->events = event->event + 1;
	if (profile->courses != NULL && event->clock >= options->since)
		courses_add(profile->courses, reading->first_clock,
			    event->clock, profile->growth, &step);
	if (step.change != 0 && profile->started)
		keep_step(profile, wanted, &(struct step){
			step.change, profile->last, now });
	if (event->clock >= options->since) {
		pass_time(profile, reading, event->clock, &step);
		profile->started = true;
		(void)pmt_footprints_rss(&profile->footprints, event->clock,
					 event->rss);
		pmt_curve_add(profile->curve, event->clock, event->rss);
	}
	profile->last = now;
}

static uint64_t
taken_by_imports(const struct pmt_growth *growth)
{
	uint32_t count;
	const struct pmt_growth_own *owns = pmt_growth_owns(growth, &count);
	uint64_t grown = 0, released = 0;

	for (uint32_t i = 0; i < count; i++)
		if (owns[i].imports > 0) {
			grown += owns[i].change.grown;
			released += owns[i].change.released;
		}
	return grown > released ? grown - released : 0;
}

void
profile_read(struct profile *profile, struct reading *reading)
{
	const struct pmt_event *event;

	*profile = (struct profile){
		.growth = cli_need(pmt_growth_new(reading->sites,
						  reading->options->since)),
		.curve = cli_need(calloc(1, sizeof(*profile->curve))),
	};
	if (reading->options->output == OUTPUT_HTML)
		profile->courses = cli_need(calloc(
			1, sizeof(*profile->courses)));
	while ((event = reading_next(reading)) != NULL) {
		if (event->row == PMT_ROW_MSG)
			read_message(profile, reading, event);
		else if (event->row == PMT_ROW_ERR)
			reading_say(reading, LEVEL_ERROR, event->line, "%.*s",
				    (int)event->text.length, event->text.bytes);
		else
			add_row(profile, reading, event);
		reading->failed |= event->row == PMT_ROW_ERR;
	}
	profile->footprints.imports = taken_by_imports(profile->growth);
	if (profile->step_count > 0)
		qsort(profile->steps, profile->step_count,
		      sizeof(*profile->steps), compare_steps);
}

/* Do the kinds that are told gain a tenth of what memory grew by? */
static bool
grown_matters(const struct profile *profile)
{
	double gained = 0, growth = (double)profile->footprints.last_rss -
				    (double)profile->footprints.first_rss;

	for (size_t i = 0; i < profile->grown.count; i++)
		gained += (double)profile->grown.kind[i].bytes -
			  (double)profile->grown.kind[i].bytes_before;
	return gained > 0 && gained >= growth / 10;
}

bool
profile_shows_grown(const struct profile *profile)
{
	if (!profile->told[PMT_AT_END].known)
		return profile->grown.known;
	return grown_matters(profile) &&
	       profile->told[PMT_AT_END].groups.growing == 0 &&
	       !profile->told[PMT_AT_PEAK].known;
}

struct pmt_verdict
profile_verdict(const struct profile *profile, size_t *growing)
{
	const struct pmt_told *told = &profile->told[PMT_AT_END];
	struct pmt_verdict verdict;

	*growing = told->groups.growing;
	if (!told->known) {
		verdict = pmt_verdict_of(&profile->footprints,
					 PMT_VERDICT_CODE, 0);
		verdict.old = profile->grown.known;
		verdict.grown = grown_matters(profile);
		return verdict;
	}
	verdict = pmt_verdict_of(&profile->footprints,
				 told->sizes ? told->groups.bytes
					     : PMT_VERDICT_NO_SIZES,
				 told->books);
	verdict.narrow = told->narrow;
	verdict.peak = profile->told[PMT_AT_PEAK].known;
	verdict.code = true;
	verdict.grown = profile_shows_grown(profile);
	return verdict;
}

void
profile_fini(struct profile *profile)
{
	for (size_t i = 0; i < profile->mark_count; i++)
		free(profile->marks[i].text);
	free(profile->marks);
	free(profile->steps);
	free(profile->curve);
	if (profile->courses != NULL)
		courses_fini(profile->courses);
	free(profile->courses);
	pmt_growth_free(profile->growth);
	pmt_told_fini(&profile->told[PMT_AT_END]);
	pmt_told_fini(&profile->told[PMT_AT_PEAK]);
	pmt_grown_fini(&profile->grown);
}
