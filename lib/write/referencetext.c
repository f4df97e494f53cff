/* SPDX-License-Identifier: MIT */
#include <config.h>

#include "write/referencetext.h"

#include <stdio.h>
#include <string.h>

#include "log/stackcolumn.h"

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

size_t
pmt_reference_header(char *row, unsigned int columns)
{
	int n;

	n = sprintf(row, "HDR: %*s %*s", CLOCK_WIDTH, "Clock", NUMBER_WIDTH,
		    "Address");
	if (!(columns & PMT_WITHOUT_LIVE))
		n += sprintf(row + n, " %*s", NUMBER_WIDTH, "LiveCnt");
	n += sprintf(row + n, " %-*s %-*s %*s %-*s", PMT_TYPE_WIDTH, "Type",
		     PMT_FILE_WIDTH, "File", LINE_WIDTH, "Line",
		     PMT_FUNCTION_WIDTH, "Function");
	if (!(columns & PMT_WITHOUT_RSS))
		n += sprintf(row + n, " %*s", NUMBER_WIDTH, "RSS");
	if (!(columns & PMT_WITHOUT_D_RSS))
		n += sprintf(row + n, " %*s", NUMBER_WIDTH, "dRSS");
	if (columns & PMT_WITH_THREAD)
		n += sprintf(row + n, " %*s", THREAD_WIDTH, "Thread");
	if (columns & PMT_WITH_WALL)
		n += sprintf(row + n, " %*s", WALL_WIDTH, "Wall");
	if (columns & PMT_WITH_SIZE)
		n += sprintf(row + n, " %*s", BYTES_WIDTH, "Size");
	if (columns & PMT_WITH_OWN)
		n += sprintf(row + n, " Own");
	if (columns & PMT_WITH_STACK)
		n += sprintf(row + n, " Stack");
	row[n++] = '\n';
	return (size_t)n;
}

size_t
pmt_reference_size(unsigned int columns,
		   const struct pmt_reference_event *event)
{
	return ROW_SIZE + event->type->length + event->place.file->length +
	       event->place.function->length +
	       pmt_ownplace_size(&event->own) +
	       (columns & PMT_WITH_STACK ? pmt_stackcolumn_size(event->callers)
					 : 0);
}

char *
pmt_reference_text(char *p, struct pmt_reference_steady *steady,
		   unsigned int columns,
		   const struct pmt_reference_event *event)
{
	memcpy(p, event->created ? "NEW:" : "DEL:", 4);
	p = pmt_put_steady_seconds(p + 4, &steady->seconds, event->clock,
				   CLOCK_WIDTH);
	p = pmt_put_usual_pointer(p, event->address);
	if (pmt_likely(!(columns & PMT_WITHOUT_LIVE)))
		p = pmt_put_signed(p, event->live, NUMBER_WIDTH);
	p = pmt_put_usual_column(p, event->type, PMT_TYPE_WIDTH);
	p = pmt_put_usual_column(p, event->place.file, PMT_FILE_WIDTH);
	p = pmt_put_signed(p, event->place.line, LINE_WIDTH);
	p = pmt_put_usual_column(p, event->place.function,
				 PMT_FUNCTION_WIDTH);
	if (pmt_likely(!(columns & PMT_WITHOUT_RSS)))
		p = pmt_put_steady(p, &steady->rss, (int64_t)event->rss,
				   NUMBER_WIDTH);
	if (pmt_likely(!(columns & PMT_WITHOUT_D_RSS)))
		p = pmt_put_steady(p, &steady->d_rss, event->d_rss,
				   NUMBER_WIDTH);
	if (columns & PMT_WITH_THREAD)
		p = pmt_put_signed(p, event->thread, THREAD_WIDTH);
	if (columns & PMT_WITH_WALL)
		p = pmt_put_seconds(p, event->wall, WALL_WIDTH);
	if (columns & PMT_WITH_SIZE)
		p = pmt_put_unsigned(p, event->size, BYTES_WIDTH);
	if (columns & PMT_WITH_OWN)
		p = pmt_ownplace_put(p, &event->own);
	if (columns & PMT_WITH_STACK)
		p = pmt_stackcolumn_put(p, event->callers);
	*p++ = '\n';
	return p;
}
