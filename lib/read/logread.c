/* SPDX-License-Identifier: MIT */
#include <config.h>

#include "read/logread.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "read/logparts.h"
#include "read/logstate.h"

int
pmt_log_next(struct pmt_log *log, struct pmt_event *event)
{
	if (pmt_unlikely(log->has_pending)) {
		*event = log->pending;
		log->has_pending = false;
		return 1;
	}
	if (log->compact != NULL)
		return pmt_compactread_next(log->compact, event);
	return pmt_textread_next(log, event);
}

int
pmt_log_read(struct pmt_log *log, struct pmt_event *events, size_t room)
{
	int count;

	if (log->has_pending || log->state != IN_ROWS)
		return pmt_log_next(log, events);
	if (log->compact != NULL)
		count = (int)pmt_compactread_quickly(log->compact, events,
						     room);
	else
		count = pmt_textread_quickly(log, events, room);
	return count != 0 ? count : pmt_log_next(log, events);
}

/* Enough to tell a compact log from a text. */
static int
look_at_beginning(struct pmt_log *log)
{
	struct pmt_input *input = &log->input;
	int err = 0;

	while (err == 0 && input->end - input->begin < 16 && !input->at_end)
		err = pmt_input_more(input);
	return err;
}

/* ERR is why a header could not be read. */
static int
refuse_header(struct pmt_log *log, struct pmt_event *event, int err)
{
	if (err != -EPROTONOSUPPORT && err != -EBADMSG)
		return err;
	log->state = DONE;
	return pmt_log_problem(log, event, err == -EBADMSG ?
		       "the header of this compact log is damaged" :
		       "a compact log of a version that is not known here: it "
		       "takes a newer pmt");
}

/* Its events are for pmt_allocread_next(). */
static int
read_allocation_header(struct pmt_log *log, struct pmt_event *event)
{
	int err = pmt_allocread_open(&log->input, log->sites,
				     &log->allocations);

	log->state = DONE;
	if (err < 0)
		return refuse_header(log, event, err);
	log->header.kind = PMT_LOG_ALLOCATION;
	return pmt_log_introduce(log, pmt_allocread_message(log->allocations));
}

static int
read_compact_header(struct pmt_log *log, struct pmt_event *event)
{
	int err = pmt_compactread_open(&log->input, log->sites, &log->compact);

	if (err < 0)
		return refuse_header(log, event, err);
	log->header.kind = pmt_compactread_kind(log->compact) == 'O'
				   ? PMT_LOG_REFERENCE : PMT_LOG_PROFILE;
	log->header.has = pmt_compactread_columns(log->compact);
	log->state = IN_ROWS;
	return pmt_log_introduce(log, pmt_compactread_message(log->compact));
}

int
pmt_log_open(const char *path, struct pmt_sites *sites, int (*stopped)(void),
	     struct pmt_log **out)
{
	struct pmt_log *log = calloc(1, sizeof(*log));
	int err;

	if (log == NULL)
		return -ENOMEM;
	log->sites = sites;
	log->input.stopped = stopped;
	err = pmt_logparts_open(&log->input, path, &log->halves);
	if (err == 0)
		err = look_at_beginning(log);
	if (err == 0 && pmt_allocread_is(&log->input))
		err = read_allocation_header(log, &log->pending);
	else if (err == 0)
		err = pmt_compactread_is(&log->input)
			? read_compact_header(log, &log->pending)
			: pmt_log_read_introduction(log, &log->pending);
	if (err < 0) {
		pmt_log_close(log);
		return err;
	}
	log->has_pending = err > 0;
	*out = log;
	return 0;
}

void
pmt_log_close(struct pmt_log *log)
{
	if (log == NULL)
		return;
	pmt_compactread_close(log->compact);
	pmt_allocread_close(log->allocations);
	pmt_input_close(&log->input);
	free(log->introduction);
	free(log->message);
	free(log);
}

enum pmt_log_kind
pmt_log_kind(const struct pmt_log *log)
{
	return log->header.kind;
}

struct pmt_allocread *
pmt_log_allocations(const struct pmt_log *log)
{
	return log->allocations;
}

bool
pmt_log_ended(const struct pmt_log *log)
{
	return log->compact != NULL ? pmt_compactread_ended(log->compact)
				    : log->ended;
}

bool
pmt_log_has(const struct pmt_log *log, enum pmt_log_column column)
{
	return (log->header.has >> column & 1) != 0;
}

struct pmt_text
pmt_log_introduction(const struct pmt_log *log)
{
	return (struct pmt_text){ log->introduction,
				  log->introduction_length };
}

uint64_t
pmt_log_bytes(const struct pmt_log *log)
{
	return log->input.bytes;
}

uint64_t
pmt_log_size(const struct pmt_log *log)
{
	return log->input.size;
}
