/* SPDX-License-Identifier: MIT */
#include <config.h>

#include "base/escape.h"

#include <stdbool.h>
#include <string.h>

/*
 * 1, too, for what is no UTF-8: characters written longer than need be, which
 * some terminals take all the same, halves of UTF-16, what is beyond Unicode.
 */
static size_t
utf8_length(const unsigned char *in, size_t n)
{
	size_t length = in[0] >= 0xf0 ? 4 : in[0] >= 0xe0 ? 3 : 2;

	if (in[0] < 0xc2 || in[0] > 0xf4 || length > n)
		return 1;
	for (size_t i = 1; i < length; i++)
		if ((in[i] & 0xc0) != 0x80)
			return 1;
	if ((in[0] == 0xe0 && in[1] < 0xa0) ||
	    (in[0] == 0xed && in[1] > 0x9f) ||
	    (in[0] == 0xf0 && in[1] < 0x90) ||
	    (in[0] == 0xf4 && in[1] > 0x8f))
		return 1;
	return length;
}

/*
 * C1 controls, marks and overrides of the direction of writing, and what takes
 * no room: soft hyphen, joiners, separators of lines, tags; and what is no
 * character at all, which XML would not take.
 */
static bool
steers(const unsigned char *in, size_t length)
{
	if (length == 2)
		return (in[0] == 0xc2 && (in[1] < 0xa0 || in[1] == 0xad)) ||
		       (in[0] == 0xd8 && in[1] == 0x9c);
	if (length == 3)
		return (in[0] == 0xe2 && in[1] == 0x80 &&
			((in[2] >= 0x8b && in[2] <= 0x8f) ||
			 (in[2] >= 0xa8 && in[2] <= 0xae))) ||
		       (in[0] == 0xe2 && in[1] == 0x81 && in[2] >= 0xa0 &&
			in[2] <= 0xaf) ||
		       (in[0] == 0xef && in[1] == 0xbb && in[2] == 0xbf) ||
		       (in[0] == 0xef && in[1] == 0xbf && in[2] >= 0xbe);
	return in[0] == 0xf3 && in[1] == 0xa0;
}

size_t
pmt_character(const char *in, size_t n, bool *safe)
{
	const unsigned char *bytes = (const unsigned char *)in;
	size_t length;

	if (bytes[0] < 0x80) {
		*safe = bytes[0] >= ' ' && bytes[0] != 0x7f;
		return 1;
	}
	length = utf8_length(bytes, n);
	*safe = length == 1 ? bytes[0] >= 0xa0 : !steers(bytes, length);
	return length;
}

static size_t
escape(const char *in, size_t n, char *out, unsigned char last_escaped)
{
	char *to = out;
	size_t length;
	bool safe;

	for (size_t i = 0; i < n; i += length) {
		length = pmt_character(in + i, n - i, &safe);
		if (safe && (unsigned char)in[i] > last_escaped &&
		    in[i] != '\\') {
			memcpy(to, in + i, length);
			to += length;
			continue;
		}
		for (size_t j = i; j < i + length; j++) {
			unsigned char c = (unsigned char)in[j];

			*to++ = '\\';
			*to++ = (char)('0' + (c >> 6));
			*to++ = (char)('0' + (c >> 3 & 7));
			*to++ = (char)('0' + (c & 7));
		}
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
