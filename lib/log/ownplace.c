/* SPDX-License-Identifier: MIT */
#include <config.h>

#include "log/ownplace.h"

#include <string.h>

#include "base/digits.h"

/* What each kind of import puts before the place. */
static const struct {
	unsigned int kind;
	struct pmt_text text;
} imports[] = {
	{ PMT_OWN_IMPORT, { "import:", 7 } },
	{ PMT_OWN_IMPORTED, { "imported:", 9 } },
};

size_t
pmt_ownplace_size(const struct pmt_own *own)
{
	size_t size = imports[1].text.length + 3 + PMT_PUT_MAX;

	if (pmt_own_is_caller(own->kind))
		size += own->file->length + own->function->length;
	return size;
}

static char *
put_name(char *p, const struct pmt_column *name)
{
	size_t length = pmt_column_bare(name);

	memcpy(p, name->text + 1, length);
	return p + length;
}

char *
pmt_ownplace_put(char *p, const struct pmt_own *own)
{
	char *colon;

	*p++ = ' ';
	for (size_t i = 0; i < PMT_ARRAY_SIZE(imports); i++) {
		const struct pmt_text *text = &imports[i].text;

		if ((own->kind & imports[i].kind) == 0)
			continue;
		memcpy(p, text->bytes, text->length);
		p += text->length;
		break;
	}
	if (!pmt_own_is_caller(own->kind)) {
		*p++ = own->kind & PMT_OWN_HERE ? '.' : '-';
		return p;
	}
	p = colon = put_name(p, own->file);
	p = pmt_put_signed(p, own->line, 1);
	*colon = *p++ = ':';
	return put_name(p, own->function);
}

/* What follows the last colon of *TEXT becomes *LAST; false without one. */
static bool
cut_last(struct pmt_text *text, struct pmt_text *last)
{
	const char *colon = memrchr(text->bytes, ':', text->length);

	if (colon == NULL)
		return false;
	*last = (struct pmt_text){
		colon + 1, text->length - (size_t)(colon + 1 - text->bytes)
	};
	text->length = (size_t)(colon - text->bytes);
	return true;
}

bool
pmt_ownplace_parse_place(struct pmt_text word, struct pmt_own_text *own)
{
	struct pmt_text line;
	uint64_t number;

	if (!cut_last(&word, &own->function) || !cut_last(&word, &line) ||
	    word.length == 0 || own->function.length == 0 ||
	    !pmt_decimal(line.bytes, line.length, &number) ||
	    number > INT32_MAX)
		return false;
	own->file = word;
	own->line = (uint32_t)number;
	own->kind |= PMT_OWN_CALLER;
	return true;
}

bool
pmt_ownplace_parse(struct pmt_text word, struct pmt_own_text *own)
{
	*own = (struct pmt_own_text){ .kind = PMT_OWN_NONE };
	for (size_t i = 0; i < PMT_ARRAY_SIZE(imports); i++) {
		const struct pmt_text *text = &imports[i].text;

		if (word.length <= text->length ||
		    memcmp(word.bytes, text->bytes, text->length) != 0)
			continue;
		own->kind = imports[i].kind;
		word.bytes += text->length;
		word.length -= text->length;
		break;
	}
	if (word.length != 1)
		return pmt_ownplace_parse_place(word, own);
	if (word.bytes[0] == '.')
		own->kind |= PMT_OWN_HERE;
	return word.bytes[0] == '.' || word.bytes[0] == '-';
}
