/* SPDX-License-Identifier: MIT */
/* Whatever bytes a name holds, the log gives them back. */
#include <config.h>

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/escape.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
comes_back(size_t (*escape)(const char *, size_t, char *), const char *in,
	   size_t size)
{
	char *escaped = malloc(PMT_ESCAPED_SIZE(size));
	size_t length = escape(in, size, escaped);
	char *out = malloc(length);

	if (strlen(escaped) != length || strchr(escaped, '\n') != NULL)
		abort();
	if (size > 0 && (pmt_unescape(escaped, length, out) != size ||
			 memcmp(out, in, size) != 0))
		abort();
	free(out);
	free(escaped);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *out = malloc(size);

	comes_back(pmt_escape_name, (const char *)data, size);
	comes_back(pmt_escape_text, (const char *)data, size);
	if (pmt_unescape((const char *)data, size, out) > size)
		abort();
	free(out);
	return 0;
}
