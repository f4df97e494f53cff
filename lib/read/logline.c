/* SPDX-License-Identifier: MIT */
/* Lines of a text, however long, and what is wrong with one. */
#include <config.h>

#include "read/logstate.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>

#include "base/escape.h"

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
int
pmt_logline_peek(struct pmt_log *log, struct pmt_logline *line)
{
	struct pmt_input *input = &log->input;
	size_t searched = 0, waiting;
	const char *newline;
	int err;

	*line = (struct pmt_logline){ 0 };
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
			log->introduction_total = PMT_INTRODUCTION_MAX + 1;
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

void
pmt_logline_take(struct pmt_log *log, const struct pmt_logline *line)
{
	log->input.begin = line->text.bytes + line->text.length + !line->cut;
	log->line++;
}

int
pmt_log_problem(struct pmt_log *log, struct pmt_event *event,
		const char *format, ...)
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

int
pmt_log_problem_line(struct pmt_log *log, struct pmt_event *event,
		     const char *what, struct pmt_text text)
{
	char quoted[PMT_ESCAPED_SIZE(40)];

	pmt_escape_text(text.bytes, text.length < 40 ? text.length : 40,
			quoted);
	return pmt_log_problem(log, event, "%s: '%s%s'", what, quoted,
		       text.length > 40 ? "..." : "");
}
