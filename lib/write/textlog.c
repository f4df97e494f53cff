/* SPDX-License-Identifier: MIT */
#include <config.h>

#include "write/textlog.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/escape.h"
#include "write/bytesink.h"
#include "write/profiletext.h"
#include "write/referencetext.h"

struct textlog {
	struct pmt_bytesink sink;
	struct pmt_reference_steady steady;
};

static const struct pmt_recorder_ops text_ops;

static inline struct textlog *
textlog(struct pmt_recorder *recorder)
{
	return (struct textlog *)(void *)recorder;
}

static int
opened(struct textlog *log, int err, struct pmt_recorder **recorder)
{
	if (err < 0) {
		free(log);
		return err;
	}
	log->sink.recorder.ops = &text_ops;
	*recorder = &log->sink.recorder;
	return 0;
}

int
pmt_textlog_open(const char *path, const struct pmt_recorder_options *options,
		 struct pmt_recorder **recorder)
{
	struct textlog *log = calloc(1, sizeof(*log));

	if (log == NULL)
		return -ENOMEM;
	return opened(log, pmt_bytesink_open(&log->sink, path, options),
		      recorder);
}

int
pmt_textlog_open_fd(int fd, struct pmt_recorder **recorder)
{
	struct textlog *log = calloc(1, sizeof(*log));

	if (log == NULL)
		return -ENOMEM;
	return opened(log, pmt_bytesink_open_fd(&log->sink, fd), recorder);
}

/* The opening message is not escaped, but it must not have a line "SOF". */
static void
put_message(struct pmt_bytesink *sink, const char *message)
{
	const char *line = message;

	while (*line != '\0') {
		size_t size = strcspn(line, "\n");

		if (size == 3 && memcmp(line, "SOF", 3) == 0)
			pmt_bytesink_append(sink, "\\123OF", 6);
		else
			pmt_bytesink_append(sink, line, size);
		pmt_bytesink_append(sink, "\n", 1);
		line += size + (line[size] == '\n');
	}
}

static void
text_begin(struct pmt_recorder *recorder, const char *message)
{
	struct pmt_bytesink *sink = &textlog(recorder)->sink;
	char header[4 + PMT_HEADER_TEXT] = "SOF\n";
	size_t size;

	if (message != NULL)
		put_message(sink, message);
	size = recorder->kind == 'O'
		       ? pmt_reference_header(header + 4, recorder->columns)
		       : pmt_profile_header(header + 4, recorder->columns);
	pmt_bytesink_begin(sink, header, 4 + size);
}

/* Room for a row of SIZE bytes; one longer than the buffer gets its own. */
static inline char *
begin_row(struct pmt_bytesink *sink, size_t size, char **own)
{
	char *row = pmt_bytesink_reserve(sink, size);

	*own = NULL;
	if (pmt_likely(row != NULL))
		return row;
	*own = malloc(size);
	if (*own == NULL)
		sink->recorder.lost++;
	return *own;
}

static inline void
end_row(struct pmt_bytesink *sink, char *end, char *own)
{
	if (pmt_likely(own == NULL)) {
		pmt_bytesink_commit(sink, end);
		return;
	}
	pmt_bytesink_append(sink, own, (size_t)(end - own));
	free(own);
}

static void
text_reference(struct pmt_recorder *recorder,
	       const struct pmt_reference_event *event)
{
	struct textlog *log = textlog(recorder);
	char *row, *own;

	if (!pmt_bytesink_takes(&log->sink))
		return;
	row = begin_row(&log->sink,
			pmt_reference_size(recorder->columns, event), &own);
	if (row != NULL)
		end_row(&log->sink,
			pmt_reference_text(row, &log->steady,
					   recorder->columns, event), own);
}

static void
text_profile(struct pmt_recorder *recorder, enum pmt_row tag,
	     const struct pmt_profile_event *event)
{
	struct pmt_bytesink *sink = &textlog(recorder)->sink;
	char *row, *own;

	if (!pmt_bytesink_takes(sink))
		return;
	row = begin_row(sink, pmt_profile_size(recorder->columns, event), &own);
	if (row != NULL)
		end_row(sink, pmt_profile_text(row, tag, recorder->columns,
					       event), own);
}

/* A line of a message; one that would be a line of the log is disguised. */
static char *
put_line(char *p, const char *line, size_t size, bool below)
{
	if (below && pmt_ends_message(line, size)) {
		p += sprintf(p, "\\%03o", (unsigned char)*line);
		line++;
		size--;
	}
	p += pmt_escape_text(line, size, p);
	*p++ = '\n';
	return p;
}

static char *
put_numbers(char *p, const struct pmt_recorder *recorder,
	    const struct pmt_note *note)
{
	if (recorder->kind == 'O') {
		memcpy(p, note->error ? "ERR:" : "MSG:", 4);
		p = pmt_put_seconds(p + 4, note->clock, 12);
	} else {
		p = pmt_profile_numbers(p, recorder->columns, note);
	}
	memcpy(p, " # ", 3);
	return p + 3;
}

static char *
put_note(char *p, const struct pmt_recorder *recorder,
	 const struct pmt_note *note)
{
	const char *text = note->text, *end = note->text + note->size;
	const char *newline;
	bool below = note->bare;

	if (!note->bare)
		p = put_numbers(p, recorder, note);
	while ((newline = memchr(text, '\n', (size_t)(end - text))) != NULL) {
		p = put_line(p, text, (size_t)(newline - text), below);
		text = newline + 1;
		below = true;
	}
	return put_line(p, text, (size_t)(end - text), below);
}

static size_t
note_size(const struct pmt_note *note)
{
	return PMT_PROFILE_NUMBERS + PMT_ESCAPED_SIZE(note->size);
}

static void
text_note(struct pmt_recorder *recorder, const struct pmt_note *note)
{
	struct pmt_bytesink *sink = &textlog(recorder)->sink;
	char *own, *row = begin_row(sink, note_size(note), &own);

	if (row != NULL)
		end_row(sink, put_note(row, recorder, note), own);
}

static void
text_flush(struct pmt_recorder *recorder)
{
	pmt_bytesink_flush(&textlog(recorder)->sink);
}

static void
text_settle(struct pmt_recorder *recorder)
{
	pmt_bytesink_settle(&textlog(recorder)->sink);
}

static void
text_end(struct pmt_recorder *recorder)
{
	pmt_bytesink_append(&textlog(recorder)->sink, "EOF\n", 4);
}

static int
text_close(struct pmt_recorder *recorder, const struct pmt_note *last)
{
	struct textlog *log = textlog(recorder);
	char *words = last == NULL ? NULL : malloc(note_size(last) + 4), *end;
	size_t size = 0;
	int err;

	if (words != NULL) {
		end = put_note(words, recorder, last);
		memcpy(end, "EOF\n", 4);
		size = (size_t)(end + 4 - words);
	}
	err = pmt_bytesink_close(&log->sink, words, size);
	free(words);
	free(log);
	return err;
}

static void
text_abandon(struct pmt_recorder *recorder)
{
	pmt_bytesink_abandon(&textlog(recorder)->sink);
	free(textlog(recorder));
}

static const struct pmt_recorder_ops text_ops = {
	.begin = text_begin,
	.reference = text_reference,
	.profile = text_profile,
	.note = text_note,
	.flush = text_flush,
	.settle = text_settle,
	.end = text_end,
	.close = text_close,
	.abandon = text_abandon,
};
