/* SPDX-License-Identifier: MIT */
/* records.h - how does an event become bytes of the log? */
#ifndef PMT_RECORDS_H
#define PMT_RECORDS_H

#include <stddef.h>
#include <stdint.h>

#include "alloc/self.h"
#include "alloc/sink.h"

/* All of these are for those who have the lock of event.h. */

/* The beginning of a record: its kind, and the thread unless the same. */
static inline uint8_t *
pmt_put_head(const struct pmt_self *self, unsigned int kind, uint8_t **head)
{
	struct pmt_alloc_codec *codec = &pmt_sink.codec;
	uint8_t *p = pmt_sink_reserve(PMT_SINK_RECORD);

	*head = p;
	*p++ = (uint8_t)kind;
	if (pmt_unlikely(self->number != codec->thread)) {
		codec->thread = self->number;
		**head |= PMT_ALLOC_THREAD;
		p = pmt_put_varint(p, self->number);
	}
	return p;
}

static inline uint8_t *
pmt_put_node(uint8_t *p, uint8_t *head, uint32_t node)
{
	struct pmt_alloc_codec *codec = &pmt_sink.codec;

	if (node == codec->node) {
		*head |= PMT_ALLOC_SAME_NODE;
		return p;
	}
	codec->node = node;
	return pmt_alloc_put_node(codec->nodes, p, node);
}

static inline void
pmt_put_block(const struct pmt_self *self, uint32_t node, void *address,
	      size_t size)
{
	struct pmt_alloc_codec *codec = &pmt_sink.codec;
	uint64_t *last = &codec->sizes[node % PMT_ALLOC_LAST_SIZES];
	uint8_t *head, *p = pmt_put_head(self, PMT_ALLOC_BLOCK, &head);

	p = pmt_put_node(p, head, node);
	p = pmt_alloc_put_address(codec, p, (uintptr_t)address);
	if (*last == size) {
		*head |= PMT_ALLOC_SAME_SIZE;
	} else {
		*last = size;
		p = pmt_put_varint(p, size);
	}
	pmt_sink_commit(p);
}

static inline void
pmt_put_free(const struct pmt_self *self, void *address)
{
	uint8_t *head, *p = pmt_put_head(self, PMT_ALLOC_FREE, &head);

	p = pmt_alloc_put_address(&pmt_sink.codec, p, (uintptr_t)address);
	pmt_sink_commit(p);
}

static inline uint8_t *
pmt_put_page(uint8_t *p, const void *address)
{
	uint64_t page = (uintptr_t)address >> 12;

	p = pmt_put_varint(p, pmt_zigzag((int64_t)(page -
						   pmt_sink.codec.page)));
	pmt_sink.codec.page = page;
	return p;
}

#endif
