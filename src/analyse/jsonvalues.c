/* SPDX-License-Identifier: MIT */
#include <config.h>

#include "analyse/jsonvalues.h"

#include <float.h>
#include <math.h>
#include <stdlib.h>

#include "cli/cli.h"

void
json_set(json_t *object, const char *key, json_t *value)
{
	if (json_object_set_new(object, key, value) != 0)
		cli_need(NULL);
}

json_t *
json_text(struct pmt_text text)
{
	json_t *json = json_stringn(text.bytes, text.length);
	size_t n = 0;
	char *utf8;

	if (json != NULL)
		return json;
	utf8 = cli_need(malloc(2 * text.length + 1));
	for (size_t i = 0; i < text.length; i++) {
		unsigned char c = (unsigned char)text.bytes[i];

		if (c >= 0x80)
			utf8[n++] = (char)(0xc0 | c >> 6);
		utf8[n++] = c >= 0x80 ? (char)(0x80 | (c & 0x3f)) : (char)c;
	}
	json = cli_need(json_stringn(utf8, n));
	free(utf8);
	return json;
}

double
json_bounded(double number)
{
	return fmax(-DBL_MAX, fmin(number, DBL_MAX));
}
