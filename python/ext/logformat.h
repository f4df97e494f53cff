/* SPDX-License-Identifier: MIT */
/* logformat.h - in which encoding does the user want the log? */
#ifndef PMT_LOGFORMAT_H
#define PMT_LOGFORMAT_H

#include "compat.h"

/*
 * FORMAT is "text", "compact", or NULL: then a FILEPATH that ends in ".pmt"
 * says compact.  Returns 0, or -1 with ValueError set.
 */
static inline int
parse_log_format(const char *format, const char *filepath, bool *compact)
{
	size_t size = filepath == NULL ? 0 : strlen(filepath);

	*compact = size > 4 && strcmp(filepath + size - 4, ".pmt") == 0;
	if (format == NULL)
		return 0;
	*compact = strcmp(format, "compact") == 0;
	if (*compact || strcmp(format, "text") == 0)
		return 0;
	PyErr_Format(PyExc_ValueError,
		     "format must be \"text\" or \"compact\", not \"%s\"",
		     format);
	return -1;
}

#endif
