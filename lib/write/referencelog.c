/* SPDX-License-Identifier: MIT */
#include <config.h>

#include "write/referencelog.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/escape.h"
#include "report/summary.h"
#include "write/compactlog.h"

enum {
	CLOCK_WIDTH = 12,
	NUMBER_WIDTH = 16,	/* Address, LiveCnt, RSS, dRSS */
	LINE_WIDTH = 4,
	THREAD_WIDTH = 8,
	WALL_WIDTH = 17,
	BYTES_WIDTH = 12,
	/* Tag, newline and all columns but the names. */
	ROW_SIZE = 8 + 10 * PMT_PUT_MAX + PMT_COLUMN_SLACK,
};

void
pmt_referencelog_begin(struct pmt_logwrite *log, const char *message,
		       unsigned int columns)
{
	char row[512];
	int n;

	if (log->compact != NULL) {
		pmt_compact_begin(log, 'O', columns, message);
		return;
	}
	if (log->summary != NULL) {
		pmt_logwrite_entered(log, pmt_summary_begin(log->summary,
							    message, columns));
		return;
	}
	if (message != NULL)
		pmt_logwrite_message(log, message);
	pmt_logwrite_mark(log);
	pmt_logwrite_append(log, "SOF\n", 4);
	n = snprintf(row, sizeof(row),
		     "HDR: %*s %*s %*s %-*s %-*s %*s %-*s %*s %*s",
		     CLOCK_WIDTH, "Clock", NUMBER_WIDTH, "Address",
		     NUMBER_WIDTH, "LiveCnt", PMT_TYPE_WIDTH, "Type",
		     PMT_FILE_WIDTH, "File", LINE_WIDTH, "Line",
		     PMT_FUNCTION_WIDTH, "Function", NUMBER_WIDTH, "RSS",
		     NUMBER_WIDTH, "dRSS");
	if (columns & PMT_WITH_THREAD)
		n += sprintf(row + n, " %*s", THREAD_WIDTH, "Thread");
	if (columns & PMT_WITH_WALL)
		n += sprintf(row + n, " %*s", WALL_WIDTH, "Wall");
	if (columns & PMT_WITH_SIZE)
		n += sprintf(row + n, " %*s", BYTES_WIDTH, "Size");
	row[n++] = '\n';
	pmt_logwrite_append(log, row, (size_t)n);
	pmt_logwrite_begun(log);
}

static char *
put_event(struct pmt_logwrite *log, char *p, unsigned int columns,
	  const struct pmt_reference_event *event)
{
	memcpy(p, event->created ? "NEW:" : "DEL:", 4);
	p = pmt_put_steady_seconds(p + 4, &log->seconds, event->clock,
				   CLOCK_WIDTH);
	p = pmt_put_usual_pointer(p, event->address);
	p = pmt_put_signed(p, event->live, NUMBER_WIDTH);
	p = pmt_put_usual_column(p, event->type, PMT_TYPE_WIDTH);
	p = pmt_put_usual_column(p, event->place.file, PMT_FILE_WIDTH);
	p = pmt_put_signed(p, event->place.line, LINE_WIDTH);
	p = pmt_put_usual_column(p, event->place.function,
				 PMT_FUNCTION_WIDTH);
	p = pmt_put_steady(p, &log->rss, (int64_t)event->rss, NUMBER_WIDTH);
	p = pmt_put_steady(p, &log->d_rss, event->d_rss, NUMBER_WIDTH);
	if (columns & PMT_WITH_THREAD)
		p = pmt_put_signed(p, event->thread, THREAD_WIDTH);
	if (columns & PMT_WITH_WALL)
		p = pmt_put_seconds(p, event->wall, WALL_WIDTH);
	if (columns & PMT_WITH_SIZE)
		p = pmt_put_unsigned(p, event->size, BYTES_WIDTH);
	*p++ = '\n';
	return p;
}

void
pmt_referencelog_event(struct pmt_logwrite *log, unsigned int columns,
		       const struct pmt_reference_event *event)
{
	size_t size;
	char *row, *end;

	if (!pmt_logwrite_takes(log))
		return;
	if (log->compact != NULL) {
		pmt_compact_reference(log, columns, event);
		return;
	}
	if (pmt_unlikely(log->summary != NULL)) {
		pmt_logwrite_entered(log, pmt_summary_event(log->summary,
							    event));
		return;
	}
	size = ROW_SIZE + event->type->length + event->place.file->length +
	       event->place.function->length;
	row = pmt_logwrite_reserve(log, size);
	if (pmt_likely(row != NULL)) {
		pmt_logwrite_commit(log, put_event(log, row, columns, event));
		return;
	}
	/* Names longer than the whole buffer. */
	row = malloc(size);
	if (row == NULL) {
		log->lost++;
		return;
	}
	end = put_event(log, row, columns, event);
	pmt_logwrite_append(log, row, (size_t)(end - row));
	free(row);
}

void
pmt_referencelog_note(struct pmt_logwrite *log, const char *tag,
		      uint64_t clock, const char *text, size_t size)
{
	char *row, *p;

	if (log->compact != NULL) {
		pmt_compact_note(log, tag, NULL, clock, text, size);
		return;
	}
	if (log->summary != NULL) {
		pmt_logwrite_entered(log, pmt_summary_note(log->summary, tag,
							   clock, text, size));
		return;
	}
	row = malloc(8 + PMT_PUT_MAX + PMT_ESCAPED_SIZE(size));
	if (row == NULL) {
		log->lost++;
		return;
	}
	memcpy(row, tag, 3);
	row[3] = ':';
	p = pmt_put_seconds(row + 4, clock, CLOCK_WIDTH);
	memcpy(p, " # ", 3);
	p += 3;
	p += pmt_escape_text(text, size, p);
	*p++ = '\n';
	pmt_logwrite_append(log, row, (size_t)(p - row));
	free(row);
}
