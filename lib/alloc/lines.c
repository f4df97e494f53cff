/* SPDX-License-Identifier: MIT */
#include <config.h>

#include "alloc/lines.h"

/* Pairs: so many bytes of code further, so many lines. */
static uint32_t
in_notab(uint32_t first, const uint8_t *table, size_t size, uint64_t offset)
{
	uint64_t at = 0;
	uint32_t line = first;

	for (size_t i = 0; i + 1 < size; i += 2) {
		at += table[i];
		if (at > offset)
			break;
		line += (uint32_t)(int8_t)table[i + 1];
	}
	return line;
}

/* Pairs: a range's bytes of code and its line, -128 for none. */
static uint32_t
in_pairs(uint32_t first, const uint8_t *table, size_t size, uint64_t offset)
{
	uint64_t end = 0;
	uint32_t line = first;

	for (size_t i = 0; i + 1 < size; i += 2) {
		int8_t step = (int8_t)table[i + 1];

		end += table[i];
		if (step != -128)
			line += (uint32_t)step;
		if (offset < end)
			return step == -128 ? first : line;
	}
	return first;
}

/* Six bits a byte, the lowest first; the next bit tells that more follow. */
static uint64_t
get_number(const uint8_t **table, const uint8_t *end)
{
	uint64_t value = 0;
	unsigned int shift = 0;

	while (*table < end) {
		uint8_t byte = *(*table)++;

		if (shift < 64)
			value |= (uint64_t)(byte & 63) << shift;
		if ((byte & 64) == 0)
			break;
		shift += 6;
	}
	return value;
}

/* The sign is the lowest bit. */
static uint32_t
get_step(const uint8_t **table, const uint8_t *end)
{
	uint64_t value = get_number(table, end);

	return (uint32_t)(value & 1 ? -(value >> 1) : value >> 1);
}

enum location { ONE_LINE = 10, NO_COLUMNS = 13, LONG, NO_LOCATION };

/* Entries: kind, units of code and, by the kind, lines and columns. */
static uint32_t
in_locations(uint32_t first, const uint8_t *table, size_t size,
	     uint64_t offset)
{
	const uint8_t *end = table + size;
	uint64_t covered = 0;
	uint32_t line = first;

	while (table < end) {
		unsigned int kind = *table >> 3 & 15;

		covered += 2 * (uint64_t)((*table++ & 7) + 1);
		if (kind == LONG || kind == NO_COLUMNS)
			line += get_step(&table, end);
		else if (kind >= ONE_LINE && kind < NO_COLUMNS)
			line += kind - ONE_LINE;
		if (kind == LONG)
			for (int i = 0; i < 3; i++)
				get_number(&table, end);
		else if (kind >= ONE_LINE && kind < NO_COLUMNS)
			table += 2;
		else if (kind < ONE_LINE)
			table++;
		if (offset < covered)
			return kind == NO_LOCATION ? first : line;
	}
	return first;
}

uint32_t
pmt_line_at(enum pmt_line_table kind, uint32_t first, const uint8_t *table,
	    size_t size, uint64_t offset)
{
	switch (kind) {
	case PMT_LINES_NOTAB:
		return in_notab(first, table, size, offset);
	case PMT_LINES_PAIRS:
		return in_pairs(first, table, size, offset);
	case PMT_LINES_LOCATIONS:
		return in_locations(first, table, size, offset);
	}
	return first;
}
