/* SPDX-License-Identifier: MIT */
/* dwarf.h - numbers of .eh_frame, never from beyond a module's memory. */
#ifndef PMT_DWARF_H
#define PMT_DWARF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Encodings of pointers: the low bits are the form. */
enum {
	PMT_DWARF_FORM = 0x0f,
	PMT_DWARF_ULEB = 1,
	PMT_DWARF_UDATA2,
	PMT_DWARF_UDATA4,
	PMT_DWARF_SLEB = 9,
	PMT_DWARF_SDATA2,
	PMT_DWARF_SDATA4,
	PMT_DWARF_BASE = 0x70,
	PMT_DWARF_FROM_HERE = 0x10,
	PMT_DWARF_FROM_HEADER = 0x30,
	PMT_DWARF_OMITTED = 0xff,
};

/* What is being read, up to END; FAILED: there was too little. */
struct pmt_dwarf {
	const uint8_t *p, *end;
	const uint8_t *map, *map_end;	/* the module */
	const uint8_t *header;		/* its .eh_frame_hdr */
	bool failed;
};

/* Go on with the SIZE bytes at P. */
static inline bool
pmt_dwarf_go(struct pmt_dwarf *in, const uint8_t *p, size_t size)
{
	if (p < in->map || p > in->map_end ||
	    size > (size_t)(in->map_end - p)) {
		in->failed = true;
		return false;
	}
	in->p = p;
	in->end = p + size;
	return true;
}

static inline uint64_t
pmt_dwarf_fixed(struct pmt_dwarf *in, size_t size)
{
	uint64_t value = 0;

	if ((size_t)(in->end - in->p) < size) {
		in->failed = true;
		in->p = in->end;
		return 0;
	}
	for (size_t i = 0; i < size; i++)
		value |= (uint64_t)in->p[i] << 8 * i;
	in->p += size;
	return value;
}

static inline uint64_t
pmt_dwarf_leb(struct pmt_dwarf *in, bool is_signed)
{
	uint64_t value = 0;
	unsigned int shift = 0;
	uint8_t byte;

	do {
		byte = (uint8_t)pmt_dwarf_fixed(in, 1);
		if (shift < 64)
			value |= (uint64_t)(byte & 127) << shift;
		shift += 7;
	} while ((byte & 128) != 0);
	if (is_signed && shift < 64 && (byte & 64) != 0)
		value |= ~UINT64_C(0) << shift;
	return value;
}

static inline uint64_t
pmt_dwarf_uleb(struct pmt_dwarf *in)
{
	return pmt_dwarf_leb(in, false);
}

static inline int64_t
pmt_dwarf_sleb(struct pmt_dwarf *in)
{
	return (int64_t)pmt_dwarf_leb(in, true);
}

static inline uint64_t
pmt_dwarf_form(struct pmt_dwarf *in, unsigned int encoding)
{
	switch (encoding & PMT_DWARF_FORM) {
	case PMT_DWARF_ULEB:
		return pmt_dwarf_uleb(in);
	case PMT_DWARF_SLEB:
		return (uint64_t)pmt_dwarf_sleb(in);
	case PMT_DWARF_UDATA2:
		return pmt_dwarf_fixed(in, 2);
	case PMT_DWARF_SDATA2:
		return (uint64_t)(int16_t)pmt_dwarf_fixed(in, 2);
	case PMT_DWARF_UDATA4:
		return pmt_dwarf_fixed(in, 4);
	case PMT_DWARF_SDATA4:
		return (uint64_t)(int32_t)pmt_dwarf_fixed(in, 4);
	default:
		return pmt_dwarf_fixed(in, 8);
	}
}

static inline uintptr_t
pmt_dwarf_pointer(struct pmt_dwarf *in, unsigned int encoding)
{
	uintptr_t here = (uintptr_t)in->p, value;

	if (encoding == PMT_DWARF_OMITTED)
		return 0;
	value = (uintptr_t)pmt_dwarf_form(in, encoding);
	if ((encoding & PMT_DWARF_BASE) == PMT_DWARF_FROM_HERE)
		value += here;
	else if ((encoding & PMT_DWARF_BASE) == PMT_DWARF_FROM_HEADER)
		value += (uintptr_t)in->header;
	return value;
}

#endif
