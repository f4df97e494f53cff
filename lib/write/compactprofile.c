/* SPDX-License-Identifier: MIT */
/* Rows of calls, returns and lines. */
#include <config.h>

#include "base/escape.h"
#include "log/callpaths.h"
#include "write/compactencoder.h"

enum { VARINT_MAX = 10 };	/* bytes */

/* The same of a function in C.  Its NAME may be any text, not escaped yet. */
static PMT_COLD uint8_t *
define_callee(struct pmt_compact *compact, struct pmt_callee_slot *slot,
	      const struct pmt_column *file, const char *name, size_t size,
	      uint8_t *p)
{
	char *text;
	size_t escaped;

	p = pmt_begin_site(compact, &slot->site, file, 0, p);
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
	    struct pmt_site_slot *site, unsigned int columns, uint32_t path,
	    const struct pmt_profile_event *event)
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
	if (columns & PMT_WITH_STACK)
		p = pmt_put_varint(p, path);
	if (which < 2) {
		compact->row_event = event->event;
		compact->row_rss = event->rss;
	}
	*first = flags;
	compact->rows++;
	return p;
}

/* The slot of the site of EVENT, which *P has defined by then. */
static struct pmt_site_slot *
find_callee(struct pmt_compact *compact, bool has_own,
	    const struct pmt_profile_event *event, size_t size, uint8_t **p)
{
	const struct pmt_column *file = event->file;
	/* Names mostly stay where they are, so that is where to look first. */
	uint32_t hash = (uint32_t)(uintptr_t)event->callee ^
			file->serial * 0x9e3779b1u;
	struct pmt_callee_slot *slot;

	if (has_own)
		hash += pmt_own_mix(&event->own);
	slot = &compact->callee[hash % PMT_CALLEE_SLOTS];
	if (pmt_likely(pmt_is_site(compact, &slot->site, file, 0) &&
		       slot->size == size &&
		       memcmp(slot->bytes, event->callee, size) == 0 &&
		       (!has_own || pmt_is_own(&slot->site, &event->own))))
		return &slot->site;
	*p = define_callee(compact, slot, file, event->callee, size, *p);
	if (has_own)
		*p = pmt_define_own(&slot->site, &event->own, *p);
	return &slot->site;
}

void
pmt_compact_profile(struct pmt_recorder *recorder, enum pmt_row tag,
		    const struct pmt_profile_event *event)
{
	struct pmt_compactlog *log = pmt_compactlog(recorder);
	struct pmt_compact *compact = &log->compact;
	unsigned int columns = recorder->columns;
	bool has_own = (columns & PMT_WITH_OWN) != 0;
	uint32_t path = PMT_PATH_UNKNOWN;
	struct pmt_site_slot *site;
	size_t name, size;
	uint8_t *row, *p;

	if (!pmt_bytesink_takes(&log->sink))
		return;
	name = event->callee != NULL ? strlen(event->callee)
				     : event->function->length;
	size = PMT_NUMBERS_MAX + event->file->length + PMT_ESCAPED_SIZE(name);
	if (has_own)
		size += pmt_ownplace_size(&event->own);
	if (columns & PMT_WITH_STACK)
		path = pmt_compact_path(log, event->callers, size);
	row = p = pmt_row_begin(log, size);
	if (pmt_unlikely(row == NULL))
		return;
	site = event->callee != NULL
		       ? find_callee(compact, has_own, event, name, &p)
		       : pmt_find_site(compact, has_own, event->file,
				       event->function, &event->own, &p);
	pmt_row_end(log, row, put_profile(compact, p, tag, site, columns, path,
					  event));
}
