/* SPDX-License-Identifier: MIT */
#include <config.h>

#include "run/checks.h"

#include <fnmatch.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/units.h"
#include "books/footprints.h"
#include "books/leakgroups.h"
#include "books/leaks.h"
#include "books/verdict.h"
#include "cli/cli.h"
#include "cli/name.h"
#include "read/logread.h"
#include "run/children.h"

/* What is checked, and what came of it. */
struct checking {
	const struct run_checks *checks;
	bool failed;
};

/* One log while it is looked at. */
struct books {
	struct pmt_sites *sites;
	struct pmt_leaks *leaks;
	struct pmt_footprints footprints;
	bool objects;
};

static void
fail(struct checking *checking, const char *log, const char *what)
{
	char *name = cli_printable(cli_base_name(log));
	char *text = cli_printable(what);

	cli_warn(0, "failed: %s: %s", name, text);
	free(name);
	free(text);
	checking->failed = true;
}

static int
enter(struct books *books, const struct pmt_event *event)
{
	struct pmt_object former;
	bool higher;

	if (event->row == PMT_ROW_MSG) {
		(void)pmt_leaks_note(books->leaks, event->clock, event->text);
		pmt_ignore(pmt_footprints_note(&books->footprints,
					       event->clock, event->text,
					       &higher));
	} else if (books->objects && event->row <= PMT_ROW_DEL) {
		return pmt_leaks_add(books->leaks, event, &former);
	} else if (!books->objects) {
		(void)pmt_footprints_rss(&books->footprints, event->clock,
					 event->rss);
	}
	return 0;
}

static int
read_log(struct books *books, const char *path)
{
	struct pmt_event event;
	struct pmt_log *log;
	int err = pmt_log_open(path, books->sites, NULL, &log), more = 1;

	if (err != 0)
		return err;
	books->objects = pmt_log_kind(log) == PMT_LOG_REFERENCE;
	while (err == 0 && (more = pmt_log_next(log, &event)) == 1)
		err = enter(books, &event);
	pmt_log_close(log);
	return err != 0 ? err : more < 0 ? more : 0;
}

static bool
counts(const struct run_leak_limit *limit, const struct pmt_group *group,
       const char *type)
{
	return limit->type == NULL ? group->growing
				   : fnmatch(limit->type, type, 0) == 0;
}

static void
check_leaks(struct checking *checking, const char *path,
	    const struct books *books, const struct pmt_groups *groups)
{
	for (size_t i = 0; i < checking->checks->leak_count; i++) {
		const struct run_leak_limit *limit =
			&checking->checks->leaks[i];
		uint64_t alive = 0;
		char *text;

		for (size_t j = 0; j < groups->count; j++) {
			const struct pmt_group *group = &groups->list[j];

			if (counts(limit, group, pmt_sites_name(books->sites,
						group->key.type).bytes))
				alive += group->live;
		}
		if (alive <= limit->count)
			continue;
		if (asprintf(&text, "%" PRIu64 " objects %s %s alive, more "
			     "than %" PRIu64, alive,
			     limit->type == NULL ? "that grow" : "of",
			     limit->type == NULL ? "are" : limit->type,
			     limit->count) == -1)
			cli_need(NULL);
		fail(checking, path, text);
		free(text);
	}
}

static void
check_objects(struct checking *checking, const char *path,
	      const struct books *books)
{
	const struct pmt_choice choice = { .top = UINT64_MAX };
	struct pmt_groups groups;
	char text[64];

	if (pmt_groups_make(books->leaks, books->sites, &choice,
			    &groups) != 0)
		cli_need(NULL);
	check_leaks(checking, path, books, &groups);
	if (checking->checks->growth && groups.growing > 0) {
		snprintf(text, sizeof(text), "%zu group%s of objects grow%s "
			 "to the end", groups.growing,
			 groups.growing == 1 ? "" : "s",
			 groups.growing == 1 ? "s" : "");
		fail(checking, path, text);
	}
	free(groups.list);
}

static void
check_rss(struct checking *checking, const char *path,
	  const struct books *books)
{
	struct pmt_verdict verdict = pmt_verdict_of(&books->footprints,
						    PMT_VERDICT_CODE, 0);
	char size[PMT_SIZE_TEXT], text[PMT_SIZE_TEXT + 48];

	if (!checking->checks->growth || !verdict.still_growing ||
	    verdict.finding == PMT_FINDING_STEADY)
		return;
	snprintf(text, sizeof(text), "memory grew by %s, and to the end",
		 pmt_format_size((int64_t)verdict.growth, size));
	fail(checking, path, text);
}

static void
check_log(const char *path, void *context)
{
	struct checking *checking = context;
	struct books books = {
		.sites = cli_need(pmt_sites_new()),
		.leaks = cli_need(pmt_leaks_new(INT64_MIN, false)),
	};
	int err = read_log(&books, path);

	if (err < 0) {
		fail(checking, path, strerror(-err));
	} else if (books.objects) {
		check_objects(checking, path, &books);
	} else {
		check_rss(checking, path, &books);
	}
	pmt_leaks_free(books.leaks);
	pmt_sites_free(books.sites);
}

bool
run_checks_fail(const struct run_checks *checks,
		const struct run_board *board, uint64_t peak)
{
	struct checking checking = { .checks = checks };
	const char *log = run_board_get(board, "log");
	char had[PMT_SIZE_TEXT], budget[PMT_SIZE_TEXT];

	if (checks->budget != 0 && peak > checks->budget) {
		cli_warn(0, "failed: %s of memory at the peak, more than %s",
			 pmt_format_size((int64_t)peak, had),
			 pmt_format_size((int64_t)checks->budget, budget));
		checking.failed = true;
	}
	if (checks->leak_count == 0 && !checks->growth)
		return checking.failed;
	if (log == NULL) {
		cli_warn(0, "failed: there is no log to check");
		return true;
	}
	check_log(log, &checking);
	(void)run_children_each(board, log, check_log, &checking);
	return checking.failed;
}

void
run_checks_fini(struct run_checks *checks)
{
	free(checks->leaks);
}
