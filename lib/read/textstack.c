/* SPDX-License-Identifier: MIT */
#include <config.h>

#include "read/textstack.h"

#include <errno.h>
#include <string.h>

#include "log/stackcolumn.h"

/* Take "..." off the end of *WORD, or "...", the whole, if it is that. */
static bool
take_dots(struct pmt_text *word)
{
	size_t n = word->length;

	if (n < 3 || memcmp(word->bytes + n - 3, "...", 3) != 0 ||
	    (n > 3 && word->bytes[n - 4] != ';'))
		return false;
	word->length = n > 3 ? n - 4 : 0;
	return true;
}

static int
add_caller(struct pmt_sites *sites, const struct pmt_caller_text *caller,
	   uint32_t *path)
{
	const struct pmt_site_text text = {
		.type = { "\0\0\0\0\0\0\0", 0 },
		.file = caller->file,
		.function = caller->function,
		.line = caller->line,
		.own = { .kind = caller->kind },
	};
	uint32_t site;
	int err = pmt_sites_find(sites, &text, &site);

	if (err != 0)
		return err;
	return pmt_sites_add_path(sites, *path, site, path);
}

int
pmt_textstack_read(struct pmt_sites *sites, struct pmt_text word,
		   uint32_t *path)
{
	struct pmt_caller_text caller;
	int err = 0;

	*path = PMT_PATH_UNKNOWN;
	if (word.length == 1 && word.bytes[0] == '-')
		return 0;
	*path = PMT_PATH_OUTERMOST;
	if (word.length == 1 && word.bytes[0] == '.')
		return 0;
	if (take_dots(&word))
		*path = PMT_PATH_CUT;
	while (word.length > 0 && err == 0) {
		if (!pmt_stackcolumn_take(&word, &caller))
			return -EBADMSG;
		err = add_caller(sites, &caller, path);
	}
	return err;
}
