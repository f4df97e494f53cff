/* SPDX-License-Identifier: MIT */
#include <config.h>

#include "base/units.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct unit {
	const char *name;
	double value;
};

static const struct unit durations[] = {
	{ "", 1e9 }, { "s", 1e9 }, { "ms", 1e6 }, { "us", 1e3 }, { "ns", 1 },
	{ "m", 60e9 }, { "h", 3600e9 }, { "d", 86400e9 },
};

/* strtod takes "inf", "nan", "0x1p3" and signs; sizes do not. */
static int
parse_number(const char *text, double *number, const char **end)
{
	size_t n = strspn(text, "0123456789.");
	char *stop;

	if (n == 0 || text[n] == 'e' || text[n] == 'E' || text[n] == 'x')
		return -EINVAL;
	*number = strtod(text, &stop);
	if (stop != text + n)
		return -EINVAL;
	*end = stop;
	return 0;
}

static int
to_integer(double number, uint64_t *out)
{
	/* 2^64 is exact in a double; UINT64_MAX is not. */
	if (!(number < 0x1p64))
		return -ERANGE;
	*out = (uint64_t)number;
	return 0;
}

int
pmt_parse_size(const char *text, uint64_t *bytes)
{
	static const char powers[] = "KMGTP";
	const char *unit, *power = NULL;
	double number;
	int err = parse_number(text, &number, &unit);

	if (err != 0)
		return err;
	if (*unit != '\0')
		power = strchr(powers, toupper((unsigned char)*unit));
	if (power != NULL) {
		number *= (double)(1LL << 10 * (power - powers + 1));
		unit++;
		if (*unit == 'i' && unit[1] == 'B')
			unit++;
	}
	if (*unit == 'B')
		unit++;
	if (*unit != '\0')
		return -EINVAL;
	/* Whole numbers above 2^53 would lose bits on their way in a double. */
	if (power == NULL && strchr(text, '.') == NULL) {
		errno = 0;
		uint64_t whole = strtoull(text, NULL, 10);

		if (errno == 0)
			*bytes = whole;
		return -errno;
	}
	return to_integer(number, bytes);
}

int
pmt_parse_duration(const char *text, uint64_t *ns)
{
	const char *unit;
	double number;
	int err = parse_number(text, &number, &unit);

	if (err != 0)
		return err;
	for (size_t i = 0; i < PMT_ARRAY_SIZE(durations); i++)
		if (strcmp(unit, durations[i].name) == 0)
			return to_integer(number * durations[i].value + 0.5,
					  ns);
	return -EINVAL;
}

char *
pmt_format_size(int64_t bytes, char text[PMT_SIZE_TEXT])
{
	static const char *const names[] = {
		"B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"
	};
	double size = bytes < 0 ? -(double)bytes : (double)bytes;
	size_t i = 0;

	/* 1023.95 would print as 1024. */
	while (size >= 1023.5 && i + 1 < PMT_ARRAY_SIZE(names)) {
		size /= 1024;
		i++;
	}
	snprintf(text, PMT_SIZE_TEXT, "%s%.*f %s", bytes < 0 ? "-" : "",
		 i > 0 && size < 9.95, size, names[i]);
	return text;
}
