/* SPDX-License-Identifier: MIT */
#include <config.h>

#include "cli/name.h"

#include <stdlib.h>
#include <string.h>

#include "base/escape.h"
#include "cli/cli.h"

char *
cli_printable(const char *text)
{
	size_t length = strlen(text);
	char *escaped = cli_need(malloc(PMT_ESCAPED_SIZE(length)));

	pmt_escape_text(text, length, escaped);
	return escaped;
}

const char *
cli_base_name(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash != NULL && slash[1] != '\0' ? slash + 1 : path;
}
