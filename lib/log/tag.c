/* SPDX-License-Identifier: MIT */
#include <config.h>

#include "log/tag.h"

#include <string.h>

#include "base/common.h"

static bool
starts_with(const char *line, size_t size, const char *prefix)
{
	size_t n = strlen(prefix);

	return size >= n && memcmp(line, prefix, n) == 0;
}

enum pmt_row
pmt_row_of(const char *line, size_t size)
{
	static const char tags[][6] = {
		[PMT_ROW_NEW] = "NEW:", [PMT_ROW_DEL] = "DEL:",
		[PMT_ROW_FRST] = "FRST:", [PMT_ROW_NEXT] = "NEXT:",
		[PMT_ROW_PREV] = "PREV:", [PMT_ROW_LAST] = "LAST:",
		[PMT_ROW_MSG] = "MSG:", [PMT_ROW_ERR] = "ERR:",
	};

	for (size_t i = 0; i < PMT_ARRAY_SIZE(tags); i++)
		if (starts_with(line, size, tags[i]))
			return (enum pmt_row)i;
	return PMT_ROW_PROBLEM;
}

bool
pmt_is_header(const char *line, size_t size)
{
	return starts_with(line, size, "HDR:") ||
	       starts_with(line, size, "HEDR:");
}

/* Perhaps with the end of line of another system. */
bool
pmt_is_line(const char *line, size_t size, const char *word)
{
	size_t n = strlen(word);

	return starts_with(line, size, word) &&
	       (size == n || (size == n + 1 && line[n] == '\r'));
}

bool
pmt_ends_message(const char *line, size_t size)
{
	return pmt_row_of(line, size) != PMT_ROW_PROBLEM ||
	       pmt_is_line(line, size, "EOF") ||
	       pmt_is_line(line, size, "SOF") || pmt_is_header(line, size);
}
