/* SPDX-License-Identifier: MIT */
/* The rows of a text, and what else its lines are. */
#include <config.h>

#include "read/logstate.h"

#include <errno.h>
#include <inttypes.h>

#include "read/textquick.h"
#include "read/textrow.h"

/* A header in the middle: logs joined by cat(1), or by a fork(2) upstream. */
static int
read_second_header(struct pmt_log *log, struct pmt_text line,
		   struct pmt_event *event)
{
	struct pmt_header header;

	if (pmt_header_parse(line, &header) != 0)
		return pmt_log_problem_line(log, event, "a broken header",
					    line);
	if (header.kind != log->header.kind) {
		log->state = DONE;
		return pmt_log_problem(log, event, "a log of another kind "
				       "begins here; nothing below was read");
	}
	log->header = header;
	log->first = true;
	log->state = IN_ROWS;
	memset(&log->names, 0, sizeof(log->names));
	/* The newer half of a log begins so, too. */
	if (log->halves)
		return log->halves = false, 0;
	return pmt_log_problem(log, event, "another log begins here; both are "
			       "reported as one");
}

/* Upstream the first differences are the whole RSS, or were never set. */
static void
check_first_difference(struct pmt_log *log, struct pmt_event *event)
{
	if (!log->first)
		return;
	if (event->row == PMT_ROW_FRST) {
		event->has &= ~(1u << PMT_COLUMN_D_RSS);
		return;
	}
	if (log->header.kind == PMT_LOG_REFERENCE || log->upstream)
		event->has &= ~(1u << PMT_COLUMN_D_RSS);
	if (event->row != PMT_ROW_PREV)
		log->first = false;
}

static int
read_row(struct pmt_log *log, enum pmt_row row, const struct pmt_logline *line,
	 struct pmt_event *event)
{
	uint64_t number = log->line;
	int err;

	*event = (struct pmt_event){ .row = row, .line = number };
	if (row == PMT_ROW_MSG || row == PMT_ROW_ERR) {
		err = pmt_row_parse_message(&log->header, line->text, event);
		if (err == 0)
			return pmt_log_read_message(log, event->text, event);
	} else {
		err = pmt_row_parse(&log->header, log->sites, line->text,
				    event);
		if (err == 0) {
			check_first_difference(log, event);
			return 1;
		}
	}
	if (err != -EBADMSG)
		return err;
	return pmt_log_problem_line(log, event, "cannot read this row",
				    line->text);
}

/* A common row, straight from the buffer.  Returns 1, 0 when not, -errno. */
static int
next_quickly(struct pmt_log *log, struct pmt_event *event)
{
	struct pmt_input *input = &log->input;
	const char *p = input->begin;
	int err;

	if (input->end - p < 8)
		return 0;
	if (memcmp(p, "NEW:", 4) == 0)
		event->row = PMT_ROW_NEW;
	else if (memcmp(p, "DEL:", 4) == 0)
		event->row = PMT_ROW_DEL;
	else if (memcmp(p, "NEXT:", 5) == 0)
		event->row = PMT_ROW_NEXT;
	else
		return 0;
	err = pmt_row_parse_quickly(&log->header, log->sites, &log->names, p,
				    input->end, event, &input->begin);
	if (err != 0)
		return err == -EAGAIN ? 0 : err;
	event->line = ++log->line;
	event->text.length = 0;
	check_first_difference(log, event);
	return 1;
}

int
pmt_textread_quickly(struct pmt_log *log, struct pmt_event *events,
		     size_t room)
{
	int count = 0, result = 0;

	while ((size_t)count < room &&
	       (result = next_quickly(log, &events[count])) > 0)
		count++;
	return count > 0 ? count : result;
}

static int
at_end(struct pmt_log *log, struct pmt_event *event)
{
	enum state state = log->state;

	log->state = DONE;
	if (state == AFTER_END && log->lines_after_end > 0)
		return pmt_log_problem(log, event, "%" PRIu64 " line%s below "
				       "EOF that no log has",
				       log->lines_after_end,
				       log->lines_after_end == 1 ? "" : "s");
	return 0;
}

/* Returns 0 to go on, 1 with an event, -errno. */
static int
read_line(struct pmt_log *log, const struct pmt_logline *line,
	  struct pmt_event *event)
{
	enum pmt_row row = pmt_row_of(line->text.bytes, line->text.length);

	if (line->huge)
		return pmt_log_problem(log, event, "a line of more than %u MiB",
			       PMT_INPUT_LINE >> 20);
	if (pmt_text_is_line(line->text, "EOF")) {
		log->state = AFTER_END;
		log->ended = true;
		return 0;
	}
	/* A cut row may lack digits of its last number, and look whole. */
	if (line->cut) {
		log->state = DONE;
		return pmt_log_problem_line(log, event, "torn: the log ends in "
					    "the middle of a line", line->text);
	}
	if (pmt_text_is_line(line->text, "SOF"))
		return 0;
	if (pmt_text_is_header(line->text))
		return read_second_header(log, line->text, event);
	if (row != PMT_ROW_PROBLEM) {
		log->state = IN_ROWS;
		log->lines_after_end = 0;
		return read_row(log, row, line, event);
	}
	if (log->state == AFTER_END) {
		log->lines_after_end++;
		return 0;
	}
	/* The write_to_log() of profilers writes bare lines. */
	if (log->header.kind == PMT_LOG_PROFILE) {
		*event = (struct pmt_event){ .row = PMT_ROW_MSG,
					     .line = log->line };
		return pmt_log_read_message(log, line->text, event);
	}
	return pmt_log_problem_line(log, event, "this is no row of a log",
				    line->text);
}

int
pmt_textread_next(struct pmt_log *log, struct pmt_event *event)
{
	struct pmt_logline line;
	int result;

	while (log->state != DONE) {
		if (log->state == IN_ROWS) {
			result = next_quickly(log, event);
			if (result != 0)
				return result;
		}
		result = pmt_logline_peek(log, &line);
		if (result < 0)
			return result;
		if (result == 0)
			return at_end(log, event);
		pmt_logline_take(log, &line);
		result = read_line(log, &line, event);
		if (result != 0)
			return result;
	}
	return 0;
}
