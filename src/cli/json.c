/* SPDX-License-Identifier: MIT */
#include <config.h>

#include "cli/json.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

/* How many bytes the character at P has that jansson will take; 0: none. */
static size_t
character(const char *p)
{
	size_t length = 1;
	json_t *string;

	if ((*p & 0x80) == 0)
		return 1;
	for (; length < 4 && (p[length] & 0xc0) == 0x80; length++) {
		string = json_stringn(p, length + 1);
		json_decref(string);
		if (string != NULL)
			return length + 1;
	}
	return 0;
}

json_t *
cli_json_string(const char *text)
{
	json_t *string = json_string(text);
	char *mended, *to;
	size_t n;

	if (string != NULL)
		return string;
	mended = malloc(3 * strlen(text) + 1);
	if (mended == NULL)
		return NULL;
	for (to = mended; *text != '\0'; text += n > 0 ? n : 1) {
		n = character(text);
		memcpy(to, n > 0 ? text : "\xef\xbf\xbd", n > 0 ? n : 3);
		to += n > 0 ? n : 3;
	}
	string = json_stringn(mended, (size_t)(to - mended));
	free(mended);
	return string;
}

const char *
cli_json_now(char text[CLI_JSON_TIME])
{
	struct timespec now;
	struct tm local;
	size_t length;

	clock_gettime(CLOCK_REALTIME, &now);
	localtime_r(&now.tv_sec, &local);
	length = strftime(text, CLI_JSON_TIME, "%Y-%m-%d %H:%M:%S", &local);
	snprintf(text + length, CLI_JSON_TIME - length, ".%06ld",
		 now.tv_nsec / 1000);
	return text;
}
