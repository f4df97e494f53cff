/* SPDX-License-Identifier: MIT */
/* Paths of calls, as blocks define them. */
#include <config.h>

#include "log/callpaths.h"
#include "write/compactencoder.h"

static inline bool
is_call(const struct pmt_compact *compact, const struct pmt_call_slot *slot,
	uint32_t caller, const struct pmt_caller *call)
{
	return slot->block == compact->block && slot->caller == caller &&
	       slot->file == call->file->serial &&
	       slot->function == call->function->serial &&
	       slot->line == call->line && slot->kind == call->kind;
}

static PMT_COLD uint8_t *
define_call(struct pmt_compact *compact, struct pmt_call_slot *slot,
	    uint32_t caller, const struct pmt_caller *call, uint8_t *p)
{
	/* It tells whose code the caller is, and no own place. */
	const struct pmt_own own = { .kind = call->kind };
	const struct pmt_site_slot *site =
		pmt_find_site(compact, true, call->file, call->function, &own,
			      &p);

	*slot = (struct pmt_call_slot){
		.block = compact->block,
		.caller = caller,
		.file = call->file->serial,
		.function = call->function->serial,
		.line = call->line,
		.kind = call->kind,
		.path = PMT_PATH_FIRST + compact->calls++,
	};
	*p++ = PMT_COMPACT_CALL;
	p = pmt_put_varint(p, caller);
	p = pmt_put_varint(p, site->id);
	return pmt_put_varint(p, (uint64_t)call->line);
}

/*
 * The path of CALL, made by CALLER.  Returns 0 where what was known of the
 * block does not hold: there is another now.
 */
static inline uint32_t
find_call(struct pmt_compactlog *log, uint32_t caller,
	  const struct pmt_caller *call, size_t room)
{
	struct pmt_compact *compact = &log->compact;
	uint32_t hash = (caller * 31 + call->function->serial) * 0x9e3779b1u +
			(uint32_t)call->line * 0x85ebca6bu;
	struct pmt_call_slot *slot = &compact->call[hash >> 16 &
						    (PMT_CALL_SLOTS - 1)];
	uint32_t block = compact->block;
	uint8_t *p;

	if (pmt_likely(is_call(compact, slot, caller, call)))
		return slot->path;
	p = (uint8_t *)pmt_bytesink_reserve(&log->sink, room +
			PMT_NUMBERS_MAX + call->file->length +
			call->function->length);
	if (p == NULL || compact->block != block)
		return 0;
	pmt_row_end(log, p, define_call(compact, slot, caller, call, p));
	return slot->path;
}

/* The same of all; 0: begin anew. */
static uint32_t
find_path(struct pmt_compactlog *log, const struct pmt_callers *callers,
	  size_t room)
{
	uint64_t block = log->compact.stamp;
	uint32_t path = callers->cut ? PMT_PATH_CUT : PMT_PATH_OUTERMOST;
	size_t i = callers->count;

	/* Of what is cut the beginning is another each time. */
	while (i > 0 && (callers->cut || callers->list[i - 1].block != block))
		i--;
	if (i > 0)
		path = callers->list[i - 1].number;
	for (; i < callers->count && path != 0; i++) {
		path = find_call(log, path, &callers->list[i], room);
		if (callers->cut || path == 0)
			continue;
		callers->list[i].number = path;
		callers->list[i].block = block;
	}
	return path;
}

uint32_t
pmt_compact_path(struct pmt_compactlog *log, const struct pmt_callers *callers,
		 size_t room)
{
	uint32_t path = PMT_PATH_UNKNOWN;

	if (callers == NULL || pmt_bytesink_reserve(&log->sink, room) == NULL)
		return path;
	/* A block that begins meanwhile has nothing defined: once more. */
	for (int i = 0; i < 2 && path == PMT_PATH_UNKNOWN; i++)
		path = find_path(log, callers, room);
	return path;
}
