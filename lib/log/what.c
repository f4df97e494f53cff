/* SPDX-License-Identifier: MIT */
#include <config.h>

#include "log/what.h"

#include <stddef.h>
#include <string.h>

#include "base/common.h"

/* The most frequent first. */
static const struct {
	const char *name;
	enum pmt_what what;
} names[] = {
	{ "C_CALL", PMT_WHAT_C_CALL },
	{ "C_RETURN", PMT_WHAT_C_RETURN },
	{ "CALL", PMT_WHAT_CALL },
	{ "RETURN", PMT_WHAT_RETURN },
	{ "LINE", PMT_WHAT_LINE },
	{ "EXCEPT", PMT_WHAT_EXCEPT },
	{ "C_EXCEPT", PMT_WHAT_C_EXCEPT },
	{ "OPCODE", PMT_WHAT_OPCODE },
};

const char *
pmt_what_name(enum pmt_what what)
{
	for (size_t i = 0; i < PMT_ARRAY_SIZE(names); i++)
		if (names[i].what == what)
			return names[i].name;
	return "?";
}

bool
pmt_what_of(struct pmt_text name, enum pmt_what *what)
{
	for (size_t i = 0; i < PMT_ARRAY_SIZE(names); i++) {
		if (strlen(names[i].name) == name.length &&
		    memcmp(names[i].name, name.bytes, name.length) == 0) {
			*what = names[i].what;
			return true;
		}
	}
	return false;
}
