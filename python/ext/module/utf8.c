/* SPDX-License-Identifier: MIT */
#include <config.h>

#include "module/utf8.h"

#include <stdlib.h>

static char *
put_code_point(char *p, Py_UCS4 c)
{
	if (c < 0x80) {
		*p++ = (char)c;
	} else if (c < 0x800) {
		*p++ = (char)(0xc0 | c >> 6);
		*p++ = (char)(0x80 | (c & 0x3f));
	} else if (c >= 0xdc80 && c <= 0xdcff) {
		/* PEP 383 */
		*p++ = (char)(c & 0xff);
	} else if (c < 0x10000) {
		*p++ = (char)(0xe0 | c >> 12);
		*p++ = (char)(0x80 | (c >> 6 & 0x3f));
		*p++ = (char)(0x80 | (c & 0x3f));
	} else {
		*p++ = (char)(0xf0 | c >> 18);
		*p++ = (char)(0x80 | (c >> 12 & 0x3f));
		*p++ = (char)(0x80 | (c >> 6 & 0x3f));
		*p++ = (char)(0x80 | (c & 0x3f));
	}
	return p;
}

char *
utf8_from_str(PyObject *str, size_t *size)
{
	Py_ssize_t length = PyUnicode_GET_LENGTH(str);
	const void *data = PyUnicode_DATA(str);
	int kind = (int)PyUnicode_KIND(str);
	char *text, *p;

	text = p = malloc(4 * (size_t)length + 1);
	if (text == NULL)
		return NULL;
	for (Py_ssize_t i = 0; i < length; i++)
		p = put_code_point(p, PyUnicode_READ(kind, data, i));
	*p = '\0';
	*size = (size_t)(p - text);
	return text;
}
