/* SPDX-License-Identifier: MIT */
#include <config.h>

#include "log/stackcolumn.h"

#include <string.h>

/* What a caller begins with. */
static const struct {
	unsigned int kind;
	char mark;
} marks[] = {
	{ PMT_OWN_HERE, '*' },
	{ PMT_OWN_IMPORT, '!' },
};

/* Of a name, each byte may become "\ooo". */
static size_t
name_size(const struct pmt_column *name)
{
	return 4 * pmt_column_bare(name);
}

size_t
pmt_stackcolumn_size(const struct pmt_callers *callers)
{
	size_t size = 8;

	if (callers == NULL)
		return size;
	for (size_t i = 0; i < callers->count; i++)
		size += name_size(callers->list[i].file) + PMT_PUT_MAX +
			name_size(callers->list[i].function);
	return size;
}

/* The separators of the column must not stand in names. */
static char *
put_name(char *p, const struct pmt_column *name)
{
	size_t length = pmt_column_bare(name);

	for (size_t i = 1; i <= length; i++) {
		char c = name->text[i];

		if (c != ';' && c != '*' && c != '!') {
			*p++ = c;
			continue;
		}
		*p++ = '\\';
		*p++ = '0';
		*p++ = (char)('0' + (c >> 3));
		*p++ = (char)('0' + (c & 7));
	}
	return p;
}

static char *
put_caller(char *p, const struct pmt_caller *caller)
{
	char *colon;

	for (size_t i = 0; i < PMT_ARRAY_SIZE(marks); i++)
		if (caller->kind == marks[i].kind)
			*p++ = marks[i].mark;
	p = colon = put_name(p, caller->file);
	p = pmt_put_signed(p, caller->line, 1);
	*colon = *p++ = ':';
	return put_name(p, caller->function);
}

char *
pmt_stackcolumn_put(char *p, const struct pmt_callers *callers)
{
	*p++ = ' ';
	if (callers == NULL || (callers->count == 0 && !callers->cut)) {
		*p++ = callers == NULL ? '-' : '.';
		return p;
	}
	for (size_t i = callers->count; i-- > 0;) {
		p = put_caller(p, &callers->list[i]);
		if (i > 0 || callers->cut)
			*p++ = ';';
	}
	if (callers->cut)
		p = mempcpy(p, "...", 3);
	return p;
}

bool
pmt_stackcolumn_take(struct pmt_text *rest, struct pmt_caller_text *caller)
{
	const char *mark = memrchr(rest->bytes, ';', rest->length);
	size_t begin = mark == NULL ? 0 : (size_t)(mark + 1 - rest->bytes);
	struct pmt_text word = { rest->bytes + begin, rest->length - begin };
	struct pmt_own_text place;

	*caller = (struct pmt_caller_text){ .kind = PMT_OWN_NONE };
	for (size_t i = 0; i < PMT_ARRAY_SIZE(marks); i++) {
		if (word.length == 0 || word.bytes[0] != marks[i].mark)
			continue;
		caller->kind = marks[i].kind;
		word.bytes++;
		word.length--;
		break;
	}
	if (!pmt_ownplace_parse_place(word, &place))
		return false;
	caller->file = place.file;
	caller->line = place.line;
	caller->function = place.function;
	rest->length = mark == NULL ? 0 : begin - 1;
	return true;
}
