/* SPDX-License-Identifier: MIT */
#include <config.h>

#include "alloc/cfi.h"

#include <string.h>

enum { SORTED = PMT_DWARF_FROM_HEADER | PMT_DWARF_SDATA4 };

/* The record of .eh_frame for PC, if the sorted table of the header has one. */
static bool
find_record(struct pmt_dwarf *in, uintptr_t pc)
{
	unsigned int frame_encoding, count_encoding;
	const uint8_t *header = in->header;
	uint64_t low = 0, high;
	const uint8_t *table;

	if (!pmt_dwarf_go(in, header, (size_t)(in->map_end - header)) ||
	    pmt_dwarf_fixed(in, 1) != 1)
		return false;
	frame_encoding = (unsigned int)pmt_dwarf_fixed(in, 1);
	count_encoding = (unsigned int)pmt_dwarf_fixed(in, 1);
	if (pmt_dwarf_fixed(in, 1) != SORTED)
		return false;
	pmt_dwarf_pointer(in, frame_encoding);
	high = pmt_dwarf_form(in, count_encoding);
	table = in->p;
	if (in->failed || high == 0 ||
	    high > (uint64_t)(in->end - table) / 8)
		return false;
	while (high - low > 1) {
		uint64_t middle = low + (high - low) / 2;

		in->p = table + 8 * middle;
		if (pmt_dwarf_pointer(in, SORTED) <= pc)
			low = middle;
		else
			high = middle;
	}
	in->p = table + 8 * low + 4;
	return pmt_dwarf_go(in, (void *)pmt_dwarf_pointer(in, SORTED), 4);
}

/* Enter the record at P: its length stands first. */
static bool
enter_record(struct pmt_dwarf *in, const uint8_t *p)
{
	uint64_t length;

	if (!pmt_dwarf_go(in, p, 4))
		return false;
	length = pmt_dwarf_fixed(in, 4);
	/* The larger form is not used in .eh_frame. */
	return length < UINT32_MAX && pmt_dwarf_go(in, p + 4, (size_t)length);
}

/* The CIE: how its FDEs are written, and the first row of them all. */
static bool
read_common(struct pmt_dwarf *in, const uint8_t *cie,
	    struct pmt_cfi_program *program, bool *augmented)
{
	const char *letters;
	unsigned int personality;

	if (!enter_record(in, cie) || pmt_dwarf_fixed(in, 4) != 0)
		return false;
	pmt_dwarf_fixed(in, 1);
	letters = (const char *)in->p;
	if (memchr(letters, '\0', (size_t)(in->end - in->p)) == NULL)
		return false;
	in->p += strlen(letters) + 1;
	program->code_step = pmt_dwarf_uleb(in);
	program->data_step = pmt_dwarf_sleb(in);
	pmt_dwarf_uleb(in);
	*augmented = *letters == 'z';
	if (!*augmented)
		return *letters == '\0' && pmt_cfi_run(in, program,
					       &program->first);
	pmt_dwarf_uleb(in);
	while (*++letters != '\0') {
		switch (*letters) {
		case 'R':
			program->encoding =
				(unsigned int)pmt_dwarf_fixed(in, 1);
			break;
		case 'L':
			pmt_dwarf_fixed(in, 1);
			break;
		case 'P':
			personality = (unsigned int)pmt_dwarf_fixed(in, 1);
			pmt_dwarf_pointer(in, personality);
			break;
		case 'B':	/* how return addresses are signed */
			break;
		default:	/* 'S': a frame that the kernel made. */
			return false;
		}
	}
	return pmt_cfi_run(in, program, &program->first);
}

struct pmt_cfi_rule
pmt_cfi_find(const uint8_t *map, const uint8_t *end, const uint8_t *header,
	     uintptr_t pc, uintptr_t *start)
{
	static const struct pmt_cfi_rule unknown = { .base = PMT_CFI_END };
	struct pmt_dwarf in = {
		.map = map, .map_end = end, .header = header,
	}, body;
	struct pmt_cfi_program program = { .pc = pc };
	const uint8_t *fde;
	struct pmt_cfi_row row;
	bool augmented;
	uint64_t size;

	*start = 0;
	if (!find_record(&in, pc))
		return unknown;
	fde = in.p;
	if (!enter_record(&in, fde))
		return unknown;
	fde = in.p;
	size = pmt_dwarf_fixed(&in, 4);
	body = in;
	/* The CIE is named by its distance. */
	if (size == 0 || size > (uint64_t)(fde - map) ||
	    !read_common(&in, fde - size, &program, &augmented))
		return unknown;
	row = program.first;
	program.at = pmt_dwarf_pointer(&body, program.encoding);
	size = pmt_dwarf_form(&body, program.encoding & PMT_DWARF_FORM);
	if (body.failed || program.at > pc || pc - program.at >= size)
		return unknown;
	*start = program.at;
	if (augmented) {
		size = pmt_dwarf_uleb(&body);
		if (size > (uint64_t)(body.end - body.p))
			return unknown;
		body.p += size;
	}
	if (!pmt_cfi_run(&body, &program, &row) || row.cfa_lost ||
	    row.fp_lost || !row.ra_saved)
		return unknown;
	if (row.rule.fp_saved &&
	    row.fp_at_fp != (row.rule.base == PMT_CFI_AT_FP))
		return unknown;
	return row.rule;
}
