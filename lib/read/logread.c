/* SPDX-License-Identifier: MIT */
#include <config.h>

#include "read/logread.h"

#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/escape.h"
#include "read/allocread.h"
#include "read/compactread.h"
#include "read/input.h"
#include "read/logparts.h"
#include "read/textheader.h"
#include "read/textquick.h"
#include "read/textrow.h"

/* A log begins with a message; what goes on longer than this is no message. */
#define INTRODUCTION_MAX (16u << 20)
#define INTRODUCTION_KEPT (1u << 16)
#define MESSAGE_MAX PMT_INPUT_LINE	/* escaped */

enum state {
	BEFORE_ROWS,	/* in the opening message */
	IN_ROWS,
	AFTER_END,	/* EOF was read; or was it a line of a message? */
	DONE,
};

struct pmt_log {
	struct pmt_compactread *compact;	/* NULL: text */
	struct pmt_allocread *allocations;	/* NULL: of another kind */
	struct pmt_input input;
	struct pmt_sites *sites;
	struct pmt_header header;
	enum state state;
	bool ended;		/* by EOF */
	bool halves;		/* the input has an older and a newer half */
	bool after_sof;		/* the line before was SOF */
	bool upstream;		/* the header has the tag of pymemtrace */
	bool first;		/* no row with a difference yet */
	uint64_t line;		/* of what was taken last */
	uint64_t lines_after_end;
	char *introduction;
	size_t introduction_length, introduction_total;
	char *message;
	size_t message_length;
	char problem[256];
	struct pmt_event pending;	/* found while opening */
	bool has_pending;
	struct pmt_namecache names;
};

struct line {
	struct pmt_text text;
	bool cut;		/* the file ends before its newline */
	bool huge;		/* too long to be kept */
};

/* Drop a line that is too long for the buffer, up to its newline. */
static int
skip_huge_line(struct pmt_log *log)
{
	struct pmt_input *input = &log->input;
	const char *newline = NULL;

	while (newline == NULL) {
		int err;

		input->begin = input->end;
		err = pmt_input_more(input);
		if (err != 0)
			return err;
		if (input->at_end)
			return 0;
		newline = memchr(input->begin, '\n',
				 (size_t)(input->end - input->begin));
	}
	input->begin = newline;
	return 0;
}

/* The next line, which stays in the input.  Returns 1, 0 at the end, -errno. */
static int
peek_line(struct pmt_log *log, struct line *line)
{
	struct pmt_input *input = &log->input;
	size_t searched = 0, waiting;
	const char *newline;
	int err;

	*line = (struct line){ 0 };
	for (;;) {
		waiting = (size_t)(input->end - input->begin);
		newline = waiting == searched ? NULL :
			memchr(input->begin + searched, '\n',
			       waiting - searched);
		if (newline != NULL || input->at_end)
			break;
		searched = waiting;
		err = pmt_input_more(input);
		if (err == -EFBIG && log->state == BEFORE_ROWS) {
			log->introduction_total = INTRODUCTION_MAX + 1;
			return 0;
		}
		if (err == -EFBIG) {
			err = skip_huge_line(log);
			line->huge = true;
			searched = 0;
		}
		if (err != 0)
			return err;
	}
	line->cut = newline == NULL;
	line->text.bytes = input->begin;
	line->text.length = line->cut ? waiting :
		(size_t)(newline - input->begin);
	return !line->cut || waiting > 0 || line->huge;
}

static void
take_line(struct pmt_log *log, const struct line *line)
{
	log->input.begin = line->text.bytes + line->text.length + !line->cut;
	log->line++;
}

static bool
is_line(struct pmt_text text, const char *word)
{
	return pmt_is_line(text.bytes, text.length, word);
}

static bool
is_header(struct pmt_text text)
{
	return pmt_is_header(text.bytes, text.length);
}

static bool
starts_with(struct pmt_text text, const char *prefix)
{
	size_t n = strlen(prefix);

	return text.length >= n && memcmp(text.bytes, prefix, n) == 0;
}

static int
problem(struct pmt_log *log, struct pmt_event *event, const char *format, ...)
	PMT_PRINTF(3, 4);

static int
problem(struct pmt_log *log, struct pmt_event *event, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(log->problem, sizeof(log->problem), format, args);
	va_end(args);
	*event = (struct pmt_event){ .row = PMT_ROW_PROBLEM,
				     .line = log->line };
	event->text = (struct pmt_text){ log->problem, strlen(log->problem) };
	return 1;
}

/* Quote enough of a line to be recognised. */
static int
problem_line(struct pmt_log *log, struct pmt_event *event, const char *what,
	     struct pmt_text text)
{
	char quoted[PMT_ESCAPED_SIZE(40)];

	pmt_escape_text(text.bytes, text.length < 40 ? text.length : 40,
			quoted);
	return problem(log, event, "%s: '%s%s'", what, quoted,
		       text.length > 40 ? "..." : "");
}

static int
append(char **text, size_t *length, size_t max, struct pmt_text more)
{
	char *bigger;

	if (*length + more.length + 2 > max)
		more.length = *length + 2 > max ? 0 : max - *length - 2;
	bigger = realloc(*text, *length + more.length + 2);
	if (bigger == NULL)
		return -ENOMEM;
	*text = bigger;
	memcpy(bigger + *length, more.bytes, more.length);
	*length += more.length;
	return 0;
}

static int
append_line(char **text, size_t *length, size_t max, struct pmt_text line)
{
	int err = 0;

	if (*length > 0)
		err = append(text, length, max, (struct pmt_text){ "\n", 1 });
	return err != 0 ? err : append(text, length, max, line);
}

static int
introduce(struct pmt_log *log, struct pmt_text line)
{
	log->introduction_total += line.length + 1;
	return append_line(&log->introduction, &log->introduction_length,
			   INTRODUCTION_KEPT, line);
}

static int
not_a_log(struct pmt_log *log, struct pmt_event *event)
{
	struct pmt_text begin = pmt_log_introduction(log);

	log->state = DONE;
	if (log->introduction_total == 0 && log->line == 0)
		return problem(log, event, "empty, not even a header");
	if (begin.length == 0)
		begin = (struct pmt_text){
			log->input.begin,
			(size_t)(log->input.end - log->input.begin),
		};
	if (starts_with(begin, "\x1f\x8b"))
		return problem(log, event,
			       "compressed: try zcat FILE | pmt-analyse -");
	if (starts_with(begin, "\xff\xfe") || starts_with(begin, "\xfe\xff"))
		return problem(log, event, "UTF-16: try iconv -f UTF-16 -t "
			       "UTF-8 FILE | pmt-analyse -");
	if (memchr(begin.bytes, '\0', begin.length) != NULL)
		return problem(log, event, "not a log: binary data");
	return problem(log, event,
		       "not a log: no SOF line with a header below it");
}

/* Returns 0 to go on, 1 with a problem, -errno. */
static int
read_introduction(struct pmt_log *log, struct pmt_event *event)
{
	struct line line;
	bool after_sof;
	int more;

	while (log->state == BEFORE_ROWS) {
		more = log->introduction_total > INTRODUCTION_MAX ? 0 :
			peek_line(log, &line);
		if (more <= 0)
			return more < 0 ? more : not_a_log(log, event);
		take_line(log, &line);
		after_sof = log->after_sof;
		log->after_sof = is_line(line.text, "SOF");
		if (is_header(line.text) &&
		    pmt_header_parse(line.text, &log->header) == 0) {
			log->state = IN_ROWS;
			log->first = true;
			log->upstream = starts_with(line.text, "HDR:");
			if (!after_sof)
				return problem(log, event, "a header, but no "
					       "SOF line before it");
			return 0;
		}
		/* That SOF was a line of the message, then. */
		if (after_sof)
			more = introduce(log, (struct pmt_text){ "SOF", 3 });
		if (more >= 0 && !log->after_sof)
			more = introduce(log, line.text);
		if (more < 0)
			return more;
	}
	return 0;
}

/* A header in the middle: logs joined by cat(1), or by a fork(2) upstream. */
static int
read_second_header(struct pmt_log *log, struct pmt_text line,
		   struct pmt_event *event)
{
	struct pmt_header header;

	if (pmt_header_parse(line, &header) != 0)
		return problem_line(log, event, "a broken header", line);
	if (header.kind != log->header.kind) {
		log->state = DONE;
		return problem(log, event, "a log of another kind begins "
			       "here; nothing below was read");
	}
	log->header = header;
	log->first = true;
	log->state = IN_ROWS;
	memset(&log->names, 0, sizeof(log->names));
	/* The newer half of a log begins so, too. */
	if (log->halves)
		return log->halves = false, 0;
	return problem(log, event, "another log begins here; both are "
		       "reported as one");
}

/* The lines of a message that has several are joined. */
static int
read_message(struct pmt_log *log, struct pmt_text text,
	     struct pmt_event *event)
{
	struct line line;
	int more;

	log->message_length = 0;
	more = append(&log->message, &log->message_length, MESSAGE_MAX, text);
	if (more < 0)
		return more;
	while ((more = peek_line(log, &line)) > 0) {
		if (line.huge ||
		    pmt_ends_message(line.text.bytes, line.text.length))
			break;
		take_line(log, &line);
		more = append(&log->message, &log->message_length,
			      MESSAGE_MAX, (struct pmt_text){ "\n", 1 });
		if (more == 0)
			more = append(&log->message, &log->message_length,
				      MESSAGE_MAX, line.text);
		if (more < 0)
			return more;
	}
	if (more < 0)
		return more;
	event->text.length = pmt_unescape(log->message, log->message_length,
					  log->message);
	event->text.bytes = log->message;
	return 1;
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
read_row(struct pmt_log *log, enum pmt_row row, const struct line *line,
	 struct pmt_event *event)
{
	uint64_t number = log->line;
	int err;

	*event = (struct pmt_event){ .row = row, .line = number };
	if (row == PMT_ROW_MSG || row == PMT_ROW_ERR) {
		err = pmt_row_parse_message(&log->header, line->text, event);
		if (err == 0)
			return read_message(log, event->text, event);
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
	return problem_line(log, event, "cannot read this row", line->text);
}

/* The common rows, straight from the buffer.  Returns 1, 0 when not, -errno. */
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

static int
at_end(struct pmt_log *log, struct pmt_event *event)
{
	enum state state = log->state;

	log->state = DONE;
	if (state == AFTER_END && log->lines_after_end > 0)
		return problem(log, event, "%" PRIu64 " line%s below EOF "
			       "that no log has", log->lines_after_end,
			       log->lines_after_end == 1 ? "" : "s");
	return 0;
}

/* Returns 0 to go on, 1 with an event, -errno. */
static int
read_line(struct pmt_log *log, const struct line *line,
	  struct pmt_event *event)
{
	enum pmt_row row = pmt_row_of(line->text.bytes, line->text.length);

	if (line->huge)
		return problem(log, event, "a line of more than %u MiB",
			       PMT_INPUT_LINE >> 20);
	if (is_line(line->text, "EOF")) {
		log->state = AFTER_END;
		log->ended = true;
		return 0;
	}
	/* A cut row may lack digits of its last number, and look whole. */
	if (line->cut) {
		log->state = DONE;
		return problem_line(log, event, "torn: the log ends in the "
				    "middle of a line", line->text);
	}
	if (is_line(line->text, "SOF"))
		return 0;
	if (is_header(line->text))
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
		return read_message(log, line->text, event);
	}
	return problem_line(log, event, "this is no row of a log", line->text);
}

int
pmt_log_next(struct pmt_log *log, struct pmt_event *event)
{
	struct line line;
	int result;

	if (pmt_unlikely(log->has_pending)) {
		*event = log->pending;
		log->has_pending = false;
		return 1;
	}
	if (log->compact != NULL)
		return pmt_compactread_next(log->compact, event);
	while (log->state != DONE) {
		if (log->state == IN_ROWS) {
			result = next_quickly(log, event);
			if (result != 0)
				return result;
		}
		result = peek_line(log, &line);
		if (result < 0)
			return result;
		if (result == 0)
			return at_end(log, event);
		take_line(log, &line);
		result = read_line(log, &line, event);
		if (result != 0)
			return result;
	}
	return 0;
}

int
pmt_log_read(struct pmt_log *log, struct pmt_event *events, size_t room)
{
	int count = 0, result = 0;

	if (log->has_pending || log->state != IN_ROWS)
		return pmt_log_next(log, events);
	if (log->compact != NULL)
		count = (int)pmt_compactread_quickly(log->compact, events,
						     room);
	else
		while ((size_t)count < room &&
		       (result = next_quickly(log, &events[count])) > 0)
			count++;
	if (count > 0)
		return count;
	return result < 0 ? result : pmt_log_next(log, events);
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
	return problem(log, event, err == -EBADMSG ?
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
	return introduce(log, pmt_allocread_message(log->allocations));
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
	return introduce(log, pmt_compactread_message(log->compact));
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
			: read_introduction(log, &log->pending);
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
