/* SPDX-License-Identifier: MIT */
#include <config.h>

#include "base/escape.h"

#include <stdbool.h>
#include <string.h>

static size_t
escape(const char *in, size_t n, char *out, unsigned char last_escaped)
{
	char *to = out;

	for (size_t i = 0; i < n; i++) {
		unsigned char c = (unsigned char)in[i];

		if (c > last_escaped && c != '\\' && c != 0x7f) {
			*to++ = (char)c;
			continue;
		}
		*to++ = '\\';
		*to++ = (char)('0' + (c >> 6));
		*to++ = (char)('0' + (c >> 3 & 7));
		*to++ = (char)('0' + (c & 7));
	}
	*to = '\0';
	return (size_t)(to - out);
}

size_t
pmt_escape_name(const char *in, size_t n, char *out)
{
	if (n == 0) {
		strcpy(out, "\\");
		return 1;
	}
	return escape(in, n, out, ' ');
}

size_t
pmt_escape_text(const char *in, size_t n, char *out)
{
	return escape(in, n, out, ' ' - 1);
}

static bool
is_octal(char c, char max)
{
	return c >= '0' && c <= max;
}

size_t
pmt_unescape(const char *in, size_t n, char *out)
{
	char *to = out;

	if (n == 1 && in[0] == '\\')
		return 0;
	for (size_t i = 0; i < n; i++) {
		if (in[i] == '\\' && n - i >= 4 && is_octal(in[i + 1], '3') &&
		    is_octal(in[i + 2], '7') && is_octal(in[i + 3], '7')) {
			*to++ = (char)((in[i + 1] - '0') << 6 |
				       (in[i + 2] - '0') << 3 |
				       (in[i + 3] - '0'));
			i += 3;
		} else {
			*to++ = in[i];
		}
	}
	return (size_t)(to - out);
}
