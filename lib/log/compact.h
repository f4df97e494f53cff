/* SPDX-License-Identifier: MIT */
/* compact.h - the bytes of a compact log (.pmt). */
#ifndef PMT_COMPACT_H
#define PMT_COMPACT_H

#include <stddef.h>
#include <stdint.h>

#include "base/common.h"

/*
 * All numbers are little-endian.  A varint holds 7 bits a byte, the lowest
 * first, the top bit set in all but the last byte.  A signed number is a
 * varint of its zigzag form: 0, -1, 1, -2 become 0, 1, 2, 3.
 *
 * File header: magic, version (1 byte), kind (1 byte: 'O' references, 'P'
 * profile, 'T' trace), columns (2 bytes, enum pmt_reference_columns), length
 * of the opening message (4 bytes), the message as it stands.
 *
 * Then blocks, each readable without the others.  Block header, 24 bytes:
 * "PMTB", bytes of the payload (4), XXH3-64 of sequence, events and payload
 * (8), sequence from 0 (4), rows in the payload (4).  In a log whose writer
 * died, length and checksum of the last block are 0: it goes to the end of the
 * file.
 *
 * The payload is records; their first byte tells what they are.  Names get
 * ids, from 0 in each block, in the order of their definitions.  Whatever is a
 * difference is one to the row before in the same block, and to 0 in its
 * first row.
 */
#define PMT_COMPACT_MAGIC "\x93pmt\r\n\x1a\n"
#define PMT_COMPACT_BLOCK "PMTB"

enum {
	PMT_COMPACT_VERSION = 1,
	PMT_COMPACT_VERSION_OWN = 2,	/* of a log with PMT_WITH_OWN */
	PMT_COMPACT_VERSION_STACK = 3,	/* with PMT_WITH_STACK */
	PMT_COMPACT_HEADER = 16,	/* bytes; the message follows */
	PMT_COMPACT_BLOCK_HEADER = 24,
	PMT_COMPACT_HASHED = 16,	/* where the checksum begins to count */
	PMT_COMPACT_BLOCK_MAX = 3 << 20,
};

/* Records below 0x40; what follows the first byte. */
enum pmt_compact_record {
	/* LiveCnt before the row (signed), length, bytes of the name. */
	PMT_COMPACT_TYPE = 1,
	/*
	 * Length and bytes of the file, length and bytes of the function.  With
	 * PMT_WITH_OWN also enum pmt_own_kind (1 byte) and, of a CALLER, file
	 * and function in the same way, and line.
	 */
	PMT_COMPACT_SITE = 2,
	/* Difference of the clock, length, bytes; in profiles event and dEvent
	 * (varints) before the length. */
	PMT_COMPACT_MSG = 3,
	PMT_COMPACT_ERR = 4,
	/* The EOF line; no data. */
	PMT_COMPACT_END = 5,
	/*
	 * With PMT_WITH_STACK: a path of calls, which gets the next number from
	 * PMT_PATH_FIRST (callpaths.h) on in the block: that of its caller, the
	 * id of a site, of which enum pmt_own_kind is HERE, IMPORT or NONE,
	 * line.
	 */
	PMT_COMPACT_CALL = 6,
};

/*
 * A row of a reference log: 0x80, with these bits.  Then, in this order: clock
 * (difference, us), address (see below), type id, site id, line (signed
 * difference to the line of that site's last row in the block), and what the
 * bits announce: RSS (signed difference), dRSS (signed; otherwise it is the
 * difference of RSS), LiveCnt (signed difference to what it was plus or minus
 * one), thread (signed difference), wall clock (signed, its difference minus
 * the clock's), size (otherwise 0 for DEL, and as in the type's last NEW for
 * NEW).  Last, with PMT_WITH_STACK, the path of the callers.
 *
 * Address: the size of the difference, divided by 16 if that leaves no rest,
 * shifted left by 2; bit 1 is set if the difference is negative, bit 0 if it
 * was not divided.
 */
enum {
	PMT_COMPACT_EVENT = 0x80,
	PMT_COMPACT_CREATED = 0x40,
	PMT_COMPACT_RSS = 0x01,
	PMT_COMPACT_D_RSS = 0x02,
	PMT_COMPACT_LIVE = 0x04,
	PMT_COMPACT_THREAD = 0x08,
	PMT_COMPACT_WALL = 0x10,
	PMT_COMPACT_SIZE = 0x20,
};

/*
 * A row of a profile or trace: 0x40, tag (FRST NEXT PREV LAST) in bits 4 and
 * 5, PMT_COMPACT_RSS, _D_RSS, and _LIVE for dEvent, _THREAD as above.  Then:
 * what (1 byte, what.h), event (signed difference), clock,
 * site id, line, and what the bits announce: RSS, dRSS (otherwise the
 * difference to the last FRST or NEXT), dEvent (otherwise that difference),
 * thread.  Last, with PMT_WITH_STACK, the path of the callers.
 */
enum {
	PMT_COMPACT_PROFILE = 0x40,
	PMT_COMPACT_TAG_SHIFT = 4,
	PMT_COMPACT_D_EVENT = PMT_COMPACT_LIVE,
};

static inline uint8_t *
pmt_put_varint(uint8_t *p, uint64_t value)
{
	while (pmt_unlikely(value >= 0x80)) {
		*p++ = (uint8_t)(value | 0x80);
		value >>= 7;
	}
	*p++ = (uint8_t)value;
	return p;
}

static inline uint64_t
pmt_zigzag(int64_t value)
{
	return (uint64_t)value << 1 ^ (uint64_t)(value >> 63);
}

static inline int64_t
pmt_unzigzag(uint64_t value)
{
	return (int64_t)(value >> 1 ^ -(value & 1));
}

/* The varint at P, before END; NULL if it does not end or needs 65 bits. */
static inline const uint8_t *
pmt_get_varint(const uint8_t *p, const uint8_t *end, uint64_t *value)
{
	uint64_t sum = 0;

	for (unsigned int shift = 0; p < end && shift < 64; shift += 7) {
		uint8_t byte = *p++;

		if (shift == 63 && byte > 1)
			return NULL;
		sum |= (uint64_t)(byte & 0x7f) << shift;
		if (byte < 0x80) {
			*value = sum;
			return p;
		}
	}
	return NULL;
}

static inline void
pmt_put_le(uint8_t *p, uint64_t value, unsigned int bytes)
{
	for (unsigned int i = 0; i < bytes; i++)
		p[i] = (uint8_t)(value >> 8 * i);
}

static inline uint64_t
pmt_get_le(const uint8_t *p, unsigned int bytes)
{
	uint64_t value = 0;

	for (unsigned int i = 0; i < bytes; i++)
		value |= (uint64_t)p[i] << 8 * i;
	return value;
}

#endif
