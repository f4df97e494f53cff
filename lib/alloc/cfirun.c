/* SPDX-License-Identifier: MIT */
#include <config.h>

#include "alloc/cfirun.h"

/* Operations of expressions. */
enum { OP_DEREF = 0x06, OP_BREG = 0x70 };

/* Offsets are told in steps; what makes no sense may wrap around. */
static int64_t
in_bytes(const struct pmt_cfi_program *program, uint64_t steps)
{
	return (int64_t)(steps * (uint64_t)program->data_step);
}

static void
set_offset(struct pmt_cfi_row *row, uint64_t number, int64_t offset)
{
	if (number == PMT_CFI_REG_FP) {
		row->rule.fp = (int32_t)offset;
		row->rule.fp_saved = true;
		row->fp_lost = row->fp_at_fp = false;
	} else if (number == PMT_CFI_REG_RA) {
		row->rule.ra = (int32_t)offset;
		row->ra_saved = true;
	}
}

static void
set_lost(struct pmt_cfi_row *row, uint64_t number)
{
	if (number == PMT_CFI_REG_FP)
		row->fp_lost = true;
	else if (number == PMT_CFI_REG_RA)
		row->ra_saved = false;
}

static void
set_as_first(struct pmt_cfi_row *row, const struct pmt_cfi_row *first,
	     uint64_t number)
{
	if (number == PMT_CFI_REG_FP) {
		row->rule.fp = first->rule.fp;
		row->rule.fp_saved = first->rule.fp_saved;
		row->fp_lost = first->fp_lost;
		row->fp_at_fp = first->fp_at_fp;
	} else if (number == PMT_CFI_REG_RA) {
		row->rule.ra = first->rule.ra;
		row->ra_saved = first->ra_saved;
	}
}

static void
set_base(struct pmt_cfi_row *row, uint64_t number)
{
	row->rule.base = number == PMT_CFI_REG_SP ? PMT_CFI_SP : PMT_CFI_FP;
	row->cfa_lost = number != PMT_CFI_REG_SP && number != PMT_CFI_REG_FP;
}

/*
 * Functions that align their stack keep their CFA at the frame pointer plus an
 * offset, and their caller's frame pointer at it plus another one.  Returns
 * whether it is that: a register plus OFFSET, and DEREF, and no more.
 */
static bool
get_expression(struct pmt_dwarf *in, bool deref, int64_t *offset)
{
	uint64_t length = pmt_dwarf_uleb(in);
	const uint8_t *end;
	bool known;

	if (length > (uint64_t)(in->end - in->p)) {
		in->failed = true;
		return false;
	}
	end = in->p + length;
	known = length > 1 &&
		pmt_dwarf_fixed(in, 1) == OP_BREG + PMT_CFI_REG_FP;
	*offset = known ? pmt_dwarf_sleb(in) : 0;
	if (known && deref)
		known = pmt_dwarf_fixed(in, 1) == OP_DEREF;
	known = known && in->p == end;
	in->p = end;
	return known;
}

static void
set_cfa_expression(struct pmt_dwarf *in, struct pmt_cfi_row *row)
{
	int64_t offset;

	row->cfa_lost = !get_expression(in, true, &offset);
	row->rule.base = PMT_CFI_AT_FP;
	row->rule.cfa = (int32_t)offset;
}

static void
set_expression(struct pmt_dwarf *in, struct pmt_cfi_row *row, bool is_value)
{
	uint64_t number = pmt_dwarf_uleb(in);
	int64_t offset;
	bool known = get_expression(in, false, &offset);

	set_lost(row, number);
	if (number == PMT_CFI_REG_FP && known && !is_value) {
		set_offset(row, number, offset);
		row->fp_at_fp = true;
	}
}

/* Those that tell the CFA. */
static bool
run_cfa(struct pmt_dwarf *in, struct pmt_cfi_program *program, unsigned int op,
	struct pmt_cfi_row *row)
{
	switch (op) {
	case 0x0c:	/* def_cfa */
		set_base(row, pmt_dwarf_uleb(in));
		row->rule.cfa = (int32_t)pmt_dwarf_uleb(in);
		return true;
	case 0x12:	/* def_cfa_sf */
		set_base(row, pmt_dwarf_uleb(in));
		row->rule.cfa = (int32_t)in_bytes(
			program, (uint64_t)pmt_dwarf_sleb(in));
		return true;
	case 0x0d:	/* def_cfa_register */
		set_base(row, pmt_dwarf_uleb(in));
		return true;
	case 0x0e:	/* def_cfa_offset */
		row->rule.cfa = (int32_t)pmt_dwarf_uleb(in);
		return true;
	case 0x13:	/* def_cfa_offset_sf */
		row->rule.cfa = (int32_t)in_bytes(
			program, (uint64_t)pmt_dwarf_sleb(in));
		return true;
	case 0x0f:	/* def_cfa_expression */
		set_cfa_expression(in, row);
		return true;
	default:
		return false;
	}
}

/* Instructions that are a whole byte.  False: unknown. */
static bool
run_other(struct pmt_dwarf *in, struct pmt_cfi_program *program,
	  unsigned int op, struct pmt_cfi_row *row)
{
	uint64_t number;

	switch (op) {
	case 0x00:	/* nop */
	case 0x2d:	/* negate_ra_state: the caller masks it out */
		return true;
	case 0x01:	/* set_loc */
		program->at = pmt_dwarf_pointer(in, program->encoding);
		return true;
	case 0x02:	/* advance_loc1, 2, 4 */
	case 0x03:
	case 0x04:
		program->at += pmt_dwarf_fixed(in, (size_t)1 << (op - 2)) *
			       program->code_step;
		return true;
	case 0x05:	/* offset_extended */
		number = pmt_dwarf_uleb(in);
		set_offset(row, number,
			   in_bytes(program, pmt_dwarf_uleb(in)));
		return true;
	case 0x11:	/* offset_extended_sf */
		number = pmt_dwarf_uleb(in);
		set_offset(row, number,
			   in_bytes(program, (uint64_t)pmt_dwarf_sleb(in)));
		return true;
	case 0x06:	/* restore_extended */
		set_as_first(row, &program->first, pmt_dwarf_uleb(in));
		return true;
	case 0x07:	/* undefined */
		set_lost(row, pmt_dwarf_uleb(in));
		return true;
	case 0x08:	/* same_value */
		if (pmt_dwarf_uleb(in) == PMT_CFI_REG_FP)
			row->rule.fp_saved = row->fp_lost = false;
		return true;
	case 0x09:	/* register */
		set_lost(row, pmt_dwarf_uleb(in));
		pmt_dwarf_uleb(in);
		return true;
	case 0x0a:	/* remember_state */
		if (program->depth == PMT_ARRAY_SIZE(program->stack))
			return false;
		program->stack[program->depth++] = *row;
		return true;
	case 0x0b:	/* restore_state */
		if (program->depth == 0)
			return false;
		*row = program->stack[--program->depth];
		return true;
	case 0x10:	/* expression, val_expression */
	case 0x16:
		set_expression(in, row, op == 0x16);
		return true;
	case 0x14:	/* val_offset, val_offset_sf */
	case 0x15:
		set_lost(row, pmt_dwarf_uleb(in));
		pmt_dwarf_uleb(in);
		return true;
	case 0x2e:	/* GNU_args_size */
		pmt_dwarf_uleb(in);
		return true;
	default:
		return run_cfa(in, program, op, row);
	}
}

bool
pmt_cfi_run(struct pmt_dwarf *in, struct pmt_cfi_program *program,
	    struct pmt_cfi_row *row)
{
	while (in->p < in->end && !in->failed) {
		unsigned int op = (unsigned int)pmt_dwarf_fixed(in, 1);

		switch (op & 0xc0) {
		case 0x40:	/* advance_loc */
			program->at += (op & 63) * program->code_step;
			break;
		case 0x80:	/* offset */
			set_offset(row, op & 63,
				   in_bytes(program, pmt_dwarf_uleb(in)));
			break;
		case 0xc0:	/* restore */
			set_as_first(row, &program->first, op & 63);
			break;
		default:
			if (!run_other(in, program, op, row))
				return false;
		}
		if (program->at > program->pc)
			break;
	}
	return !in->failed;
}
