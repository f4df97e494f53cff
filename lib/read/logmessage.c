/* SPDX-License-Identifier: MIT */
/* What runs over several lines: the opening message, and later ones. */
#include <config.h>

#include "read/logstate.h"

#include <errno.h>
#include <stdlib.h>

#include "base/escape.h"

#define INTRODUCTION_KEPT (1u << 16)
#define MESSAGE_MAX PMT_INPUT_LINE	/* escaped */
#define COMPRESSED(by) "compressed: try " by " FILE | pmt-analyse -"
#define UTF16 "UTF-16: try iconv -f UTF-16 -t UTF-8 FILE | pmt-analyse -"

/* What is there for LENGTH bytes: a message of many lines is moved seldom. */
static size_t
room_for(size_t length)
{
	size_t room = 64;

	while (room < length + 2)
		room *= 2;
	return room;
}

static int
append(char **text, size_t *length, size_t max, struct pmt_text more)
{
	char *bigger;
	size_t room;

	if (*length + more.length + 2 > max)
		more.length = *length + 2 > max ? 0 : max - *length - 2;
	room = room_for(*length + more.length);
	if (*text == NULL || room != room_for(*length)) {
		bigger = realloc(*text, room);
		if (bigger == NULL)
			return -ENOMEM;
		*text = bigger;
	}
	memcpy(*text + *length, more.bytes, more.length);
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

int
pmt_log_introduce(struct pmt_log *log, struct pmt_text line)
{
	log->introduction_total += line.length + 1;
	return append_line(&log->introduction, &log->introduction_length,
			   INTRODUCTION_KEPT, line);
}

static int
not_a_log(struct pmt_log *log, struct pmt_event *event)
{
	static const struct { const char *begin, *problem; } known[] = {
		{ "\x1f\x8b", COMPRESSED("zcat") },
		{ "\xfd" "7zXZ", COMPRESSED("xzcat") },
		{ "(\xb5/\xfd", COMPRESSED("zstdcat") },
		{ "BZh91AY&SY", COMPRESSED("bzcat") },
		{ "\xff\xfe", UTF16 }, { "\xfe\xff", UTF16 },
	};
	struct pmt_text begin = {
		log->introduction, log->introduction_length,
	};

	log->state = DONE;
	if (log->introduction_total == 0 && log->line == 0)
		return pmt_log_problem(log, event, "empty, not even a header");
	if (begin.length == 0)
		begin = (struct pmt_text){
			log->input.begin,
			(size_t)(log->input.end - log->input.begin),
		};
	for (size_t i = 0; i < PMT_ARRAY_SIZE(known); i++)
		if (pmt_text_begins(begin, known[i].begin))
			return pmt_log_problem(log, event, known[i].problem);
	if (memchr(begin.bytes, '\0', begin.length) != NULL)
		return pmt_log_problem(log, event, "not a log: binary data");
	return pmt_log_problem(log, event,
		       "not a log: no SOF line with a header below it");
}

/* Some editors begin UTF-8 with a mark that has no width. */
static void
skip_mark(struct pmt_text *text)
{
	static const char mark[] = "\xef\xbb\xbf";

	if (pmt_text_begins(*text, mark)) {
		text->bytes += sizeof(mark) - 1;
		text->length -= sizeof(mark) - 1;
	}
}

/* Returns 0 to go on, 1 with a problem, -errno. */
int
pmt_log_read_introduction(struct pmt_log *log, struct pmt_event *event)
{
	const struct pmt_text sof = { "SOF", 3 };
	struct pmt_logline line;
	bool after_sof;
	int more;

	while (log->state == BEFORE_ROWS) {
		more = log->introduction_total > PMT_INTRODUCTION_MAX ? 0 :
			pmt_logline_peek(log, &line);
		if (more <= 0)
			return more < 0 ? more : not_a_log(log, event);
		pmt_logline_take(log, &line);
		if (log->line == 1)
			skip_mark(&line.text);
		after_sof = log->after_sof;
		log->after_sof = pmt_text_is_line(line.text, "SOF");
		if (pmt_text_is_header(line.text) &&
		    pmt_header_parse(line.text, &log->header) == 0) {
			log->state = IN_ROWS;
			log->first = true;
			log->upstream = pmt_text_begins(line.text, "HDR:");
			if (!after_sof)
				return pmt_log_problem(log, event, "a header, "
						       "but no SOF line before "
						       "it");
			return 0;
		}
		/* That SOF was a line of the message, then. */
		if (after_sof)
			more = pmt_log_introduce(log, sof);
		if (more >= 0 && !log->after_sof)
			more = pmt_log_introduce(log, line.text);
		if (more < 0)
			return more;
	}
	return 0;
}

/* The lines of a message that has several are joined. */
int
pmt_log_read_message(struct pmt_log *log, struct pmt_text text,
	     struct pmt_event *event)
{
	struct pmt_logline line;
	int more;

	log->message_length = 0;
	more = append(&log->message, &log->message_length, MESSAGE_MAX, text);
	if (more < 0)
		return more;
	while ((more = pmt_logline_peek(log, &line)) > 0) {
		if (line.huge ||
		    pmt_ends_message(line.text.bytes, line.text.length))
			break;
		pmt_logline_take(log, &line);
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
