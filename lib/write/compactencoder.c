/* SPDX-License-Identifier: MIT */
#include <config.h>

#include "write/compactencoder.h"

#include <stdlib.h>

#define XXH_INLINE_ALL
#include <xxhash.h>

void
pmt_compact_fill_header(struct pmt_compact *compact, uint8_t *block,
			size_t size)
{
	size_t payload = size - PMT_COMPACT_BLOCK_HEADER;

	pmt_put_le(block + 16, compact->sequence++, 4);
	pmt_put_le(block + 20, compact->rows, 4);
	pmt_put_le(block + 8, XXH3_64bits(block + PMT_COMPACT_HASHED,
					  size - PMT_COMPACT_HASHED), 8);
	pmt_put_le(block + 4, payload, 4);
}

uint8_t *
pmt_begin_site(struct pmt_compact *compact, struct pmt_site_slot *slot,
	       const struct pmt_column *file, uint32_t function, uint8_t *p)
{
	slot->block = compact->block;
	slot->file = file->serial;
	slot->function = function;
	slot->id = compact->sites++;
	slot->line = 0;
	*p++ = PMT_COMPACT_SITE;
	return pmt_put_bytes(p, file->text + 1, pmt_column_bare(file));
}

PMT_COLD uint8_t *
pmt_define_site(struct pmt_compact *compact, struct pmt_site_slot *slot,
		const struct pmt_column *file,
		const struct pmt_column *function, uint8_t *p)
{
	p = pmt_begin_site(compact, slot, file, function->serial, p);
	return pmt_put_bytes(p, function->text + 1, pmt_column_bare(function));
}

PMT_COLD uint8_t *
pmt_define_own(struct pmt_site_slot *slot, const struct pmt_own *own,
	       uint8_t *p)
{
	slot->own_kind = own->kind;
	slot->own_line = own->line;
	slot->own_function = pmt_own_serial(own);
	*p++ = (uint8_t)own->kind;
	if (!pmt_own_is_caller(own->kind))
		return p;
	p = pmt_put_bytes(p, own->file->text + 1, pmt_column_bare(own->file));
	p = pmt_put_bytes(p, own->function->text + 1,
			  pmt_column_bare(own->function));
	return pmt_put_varint(p, (uint64_t)own->line);
}

PMT_COLD uint8_t *
pmt_compact_begin_huge(struct pmt_compactlog *log, size_t size)
{
	uint8_t *block = NULL;

	if (size < PMT_COMPACT_BLOCK_MAX)
		block = calloc(1, PMT_COMPACT_BLOCK_HEADER + size);
	if (block == NULL) {
		log->sink.recorder.lost++;
		return NULL;
	}
	memcpy(block, PMT_COMPACT_BLOCK, 4);
	return block + PMT_COMPACT_BLOCK_HEADER;
}

PMT_COLD void
pmt_compact_end_huge(struct pmt_compactlog *log, uint8_t *row,
		     const uint8_t *end)
{
	uint8_t *block = row - PMT_COMPACT_BLOCK_HEADER;
	size_t size = (size_t)(end - block);

	pmt_compact_fill_header(&log->compact, block, size);
	pmt_bytesink_raw(&log->sink, block, size);
	free(block);
}
