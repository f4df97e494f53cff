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

/*
 * MAX_SIZE and RING are bytes, or -1 where they were not given; one excludes
 * the other.  Returns 0, or -1 with ValueError set.
 */
static inline int
parse_log_limit(long long max_size, long long ring, uint64_t *limit,
		bool *is_ring)
{
	if (max_size != -1 && ring != -1) {
		PyErr_SetString(PyExc_ValueError,
				"max_size and ring exclude each other");
		return -1;
	}
	if (max_size < -1 || ring < -1 || max_size == 0 || ring == 0) {
		PyErr_Format(PyExc_ValueError, "%s must be more than 0 bytes",
			     max_size != -1 ? "max_size" : "ring");
		return -1;
	}
	*is_ring = ring != -1;
	*limit = *is_ring ? (uint64_t)ring
			  : max_size != -1 ? (uint64_t)max_size : 0;
	return 0;
}

#endif
