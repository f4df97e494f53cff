/* SPDX-License-Identifier: MIT */
#include <config.h>

#include "run/objects.h"

#include <errno.h>

#include "log/sampled.h"
#include "read/logread.h"

static void
note(struct run_objects *objects, const struct pmt_event *event, bool first)
{
	bool higher;

	if (first)
		pmt_leaks_set_sample(objects->leaks, pmt_sampled(event->text));
	(void)pmt_leaks_note(objects->leaks, event->clock, event->text);
	pmt_ignore(pmt_footprints_note(&objects->footprints, event->clock,
				       event->text, &higher));
}

/* What a tracer says of itself is the FIRST row. */
static int
enter(struct run_objects *objects, const struct pmt_event *event, bool first)
{
	struct pmt_object former;

	if (event->row == PMT_ROW_MSG)
		note(objects, event, first);
	else if (objects->told && event->row <= PMT_ROW_DEL)
		return pmt_leaks_add(objects->leaks, event, &former);
	else if (!objects->told)
		(void)pmt_footprints_rss(&objects->footprints, event->clock,
					 event->rss);
	return 0;
}

int
run_objects_read(struct run_objects *objects, const char *path)
{
	struct pmt_event event;
	struct pmt_log *log;
	bool first = true;
	int err, more = 1;

	*objects = (struct run_objects){
		.sites = pmt_sites_new(),
		.leaks = pmt_leaks_new(INT64_MIN, false),
	};
	if (objects->sites == NULL || objects->leaks == NULL)
		return -ENOMEM;
	pmt_leaks_set_sites(objects->leaks, objects->sites);
	err = pmt_log_open(path, objects->sites, NULL, &log);
	if (err != 0)
		return err;
	objects->told = pmt_log_kind(log) == PMT_LOG_REFERENCE;
	while (err == 0 && (more = pmt_log_next(log, &event)) == 1) {
		err = enter(objects, &event, first);
		first = false;
	}
	pmt_log_close(log);
	return err != 0 ? err : more < 0 ? more : 0;
}

void
run_objects_fini(struct run_objects *objects)
{
	pmt_leaks_free(objects->leaks);
	pmt_sites_free(objects->sites);
}
