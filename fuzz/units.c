/* SPDX-License-Identifier: MIT */
/* Whatever is given as a size or a time, it is one that fits, or none. */
#include <config.h>

#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/units.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
check(int (*parse)(const char *, uint64_t *), const char *text)
{
	uint64_t number = 4711;
	int err = parse(text, &number);
	char shown[PMT_SIZE_TEXT];

	if (err != 0 && err != -EINVAL && err != -ERANGE)
		abort();
	/* A fraction of a unit may be added, but nothing is made up. */
	if (err == 0 && number > 0 && strpbrk(text, "123456789") == NULL)
		abort();
	pmt_format_size((int64_t)number, shown);
	if (strlen(shown) > (shown[0] == '-' ? 9u : 8u))
		abort();
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = malloc(size + 1);

	memcpy(text, data, size);
	text[size] = '\0';
	check(pmt_parse_size, text);
	check(pmt_parse_duration, text);
	free(text);
	return 0;
}
