/* SPDX-License-Identifier: MIT */
/* Rows of calls, returns and lines. */
#include <config.h>

#include "base/escape.h"
#include "write/compactencoder.h"

enum { VARINT_MAX = 10 };	/* bytes */

/* The same of a function in C.  Its NAME may be any text, not escaped yet. */
static PMT_COLD uint8_t *
define_callee(struct pmt_compact *compact, struct pmt_site_slot *slot,
	      const struct pmt_column *file, const char *name, size_t size,
	      uint8_t *p)
{
	char *text;
	size_t escaped;

	p = pmt_begin_site(compact, slot, file, 0, p);
	text = (char *)p + VARINT_MAX;
	escaped = pmt_escape_name(name, size, text);
	p = pmt_put_varint(p, escaped);
	slot->bytes = memmove(p, text, escaped);
	/* What had to be escaped could be taken for another name. */
	slot->size = escaped == size ? (uint32_t)size : UINT32_MAX;
	return p + escaped;
}

/* SITE is defined by what stands before P. */
static inline uint8_t *
put_profile(struct pmt_compact *compact, uint8_t *p, enum pmt_row tag,
	    struct pmt_site_slot *site, const struct pmt_profile_event *event)
{
	unsigned int which = tag - PMT_ROW_FRST;
	uint8_t *first = p++, flags = PMT_COMPACT_PROFILE;

	flags |= (uint8_t)(which << PMT_COMPACT_TAG_SHIFT);
	*p++ = (uint8_t)event->what;
	p = pmt_put_varint(p, pmt_zigzag((int64_t)(event->event -
						   compact->event)));
	compact->event = event->event;
	p = pmt_put_clock(compact, p, event->clock);
	p = pmt_put_site(p, site, event->line);
	p = pmt_put_rss(compact, p, &flags, event->rss, event->d_rss,
		    compact->row_rss);
	if (event->d_event != event->event - compact->row_event) {
		flags |= PMT_COMPACT_D_EVENT;
		p = pmt_put_varint(p, event->d_event);
	}
	p = pmt_put_thread(compact, p, &flags, event->thread);
	if (which < 2) {
		compact->row_event = event->event;
		compact->row_rss = event->rss;
	}
	*first = flags;
	compact->rows++;
	return p;
}

static void
add_callee(struct pmt_compactlog *log, enum pmt_row tag,
	   const struct pmt_profile_event *event)
{
	struct pmt_compact *compact = &log->compact;
	size_t size = strlen(event->callee);
	uint8_t *row = pmt_row_begin(log, PMT_NUMBERS_MAX +
					  event->file->length +
					  PMT_ESCAPED_SIZE(size)), *p = row;
	/* Names mostly stay where they are, so that is where to look first. */
	uint32_t hash = (uint32_t)(uintptr_t)event->callee ^
			event->file->serial * 0x9e3779b1u;
	struct pmt_site_slot *site = pmt_site_slot(compact, hash);

	if (pmt_unlikely(row == NULL))
		return;
	if (pmt_unlikely(!pmt_is_site(compact, site, event->file, 0) ||
			 site->size != size ||
			 memcmp(site->bytes, event->callee, size) != 0))
		p = define_callee(compact, site, event->file, event->callee,
				  size, p);
	pmt_row_end(log, row, put_profile(compact, p, tag, site, event));
}

static void
add_function(struct pmt_compactlog *log, enum pmt_row tag,
	     const struct pmt_profile_event *event)
{
	struct pmt_compact *compact = &log->compact;
	const struct pmt_column *function = event->function;
	uint8_t *row = pmt_row_begin(log, PMT_NUMBERS_MAX +
					  event->file->length +
					  function->length), *p = row;
	struct pmt_site_slot *site = pmt_site_slot(compact, function->serial);

	if (pmt_unlikely(row == NULL))
		return;
	if (pmt_unlikely(!pmt_is_site(compact, site, event->file,
				  function->serial)))
		p = pmt_define_site(compact, site, event->file, function, p);
	pmt_row_end(log, row, put_profile(compact, p, tag, site, event));
}

void
pmt_compact_profile(struct pmt_recorder *recorder, enum pmt_row tag,
		    const struct pmt_profile_event *event)
{
	struct pmt_compactlog *log = pmt_compactlog(recorder);

	if (!pmt_bytesink_takes(&log->sink))
		return;
	if (event->callee != NULL)
		add_callee(log, tag, event);
	else
		add_function(log, tag, event);
}
