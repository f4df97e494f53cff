/* SPDX-License-Identifier: MIT */
#include <config.h>

#include "report/bookrecorder.h"

#include <errno.h>
#include <stdlib.h>

#include "books/verdict.h"
#include "report/bookkeeper.h"

struct books {
	struct pmt_recorder recorder;
	struct pmt_bookkeeper keeper;
};

static inline struct pmt_bookkeeper *
keeper_of(struct pmt_recorder *recorder)
{
	return &((struct books *)(void *)recorder)->keeper;
}

static void
entered(struct pmt_recorder *recorder, int err)
{
	if (pmt_likely(err >= 0))
		return;
	recorder->lost++;
	recorder->error = -err;
}

static void
books_begin(struct pmt_recorder *recorder, const char *message)
{
	(void)message;
	keeper_of(recorder)->sizes = (recorder->columns & PMT_WITH_SIZE) != 0;
}

static void
books_reference(struct pmt_recorder *recorder,
		const struct pmt_reference_event *event)
{
	struct pmt_object former;
	uint32_t site;

	entered(recorder, pmt_bookkeeper_enter(keeper_of(recorder), event,
					       &site, &former));
}

static void
books_note(struct pmt_recorder *recorder, const struct pmt_note *note)
{
	entered(recorder, pmt_bookkeeper_note(keeper_of(recorder), note));
}

static void
books_nothing(struct pmt_recorder *recorder)
{
	(void)recorder;
}

static void
books_abandon(struct pmt_recorder *recorder)
{
	pmt_bookkeeper_fini(keeper_of(recorder));
	free(recorder);
}

static int
books_close(struct pmt_recorder *recorder, const struct pmt_note *last)
{
	int err = -recorder->error;

	(void)last;
	books_abandon(recorder);
	return err;
}

int
pmt_books_open(const char *path, const struct pmt_recorder_options *options,
	       struct pmt_recorder **recorder)
{
	static const struct pmt_recorder_ops ops = {
		.begin = books_begin,
		.reference = books_reference,
		.note = books_note,
		.flush = books_nothing,
		.end = books_nothing,
		.close = books_close,
		.abandon = books_abandon,
	};
	struct books *books = calloc(1, sizeof(*books));

	(void)path;
	(void)options;
	if (books == NULL)
		return -ENOMEM;
	books->recorder.ops = &ops;
	if (pmt_bookkeeper_init(&books->keeper) != 0) {
		books_abandon(&books->recorder);
		return -ENOMEM;
	}
	*recorder = &books->recorder;
	return 0;
}

static int
make_groups(const struct pmt_bookkeeper *keeper, enum pmt_when when,
	    struct pmt_groups *groups)
{
	const struct pmt_choice choice = {
		.top = PMT_TOLD_GROUPS, .fold_imports = true, .when = when,
	};

	return pmt_groups_make(keeper->leaks, keeper->sites, &choice, groups);
}

static int
tell(const struct pmt_bookkeeper *keeper, struct pmt_told *told,
     enum pmt_when when, pmt_told_put *put, void *arg)
{
	int err = make_groups(keeper, when, &told->groups);

	if (err != 0)
		return err;
	told->clock = when == PMT_AT_PEAK
		? pmt_leaks_footprints(keeper->leaks)->mark_clock
		: keeper->last_clock;
	err = pmt_told_write(told, when, keeper->sites, put, arg);
	free(told->groups.list);
	return err;
}

int
pmt_books_tell(struct pmt_recorder *recorder, pmt_told_put *put, void *arg)
{
	const struct pmt_bookkeeper *keeper = keeper_of(recorder);
	struct pmt_told told = {
		.sizes = keeper->sizes,
		.books = pmt_bookkeeper_memory(keeper),
	};
	const struct pmt_choice choice = { .when = PMT_AT_END };
	struct pmt_verdict verdict;
	struct pmt_groups groups;
	int err = make_groups(keeper, PMT_AT_END, &groups);

	if (err != 0)
		return err;
	verdict = pmt_verdict_of_objects(keeper->leaks, &groups, told.sizes,
					 told.books, keeper->tracer);
	told.narrow = verdict.narrow;
	if (pmt_verdict_peak_matters(&verdict, groups.live, keeper->leaks,
				     keeper->sites, &choice))
		err = tell(keeper, &told, PMT_AT_PEAK, put, arg);
	free(groups.list);
	return err != 0 ? err : tell(keeper, &told, PMT_AT_END, put, arg);
}
