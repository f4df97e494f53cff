/* SPDX-License-Identifier: MIT */
#include <config.h>

#include "report/holdertext.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/units.h"
#include "books/held.h"
#include "report/groupparts.h"
#include "report/reporttext.h"

enum { MADE_AT = PMT_GROUP_INDENT, WIDTH = PMT_GROUP_WIDTH };

/* How much of PATH a line of ROOM takes, up to the beginning of a step. */
static size_t
line_of(const char *path, size_t room)
{
	size_t length = room;

	while (length > 0 && strchr(".< ", path[length]) == NULL)
		length--;
	return length > 0 ? length : room;
}

void
pmt_print_path(FILE *out, int used, const char *path)
{
	struct pmt_text text = { path, strlen(path) }, rest = text;
	size_t room = (size_t)(MADE_AT + 6 + WIDTH - used);
	struct pmt_held_growth growth;

	if (text.length > room)
		text.length = pmt_held_growth(path, &growth) &&
			      growth.path + 1 <= room
			? growth.path + 1 : line_of(path, room);
	pmt_print_name(out, text, 0);
	putc('\n', out);
	rest.bytes += text.length;
	rest.length -= text.length;
	if (rest.length == 0)
		return;
	fprintf(out, "%*s", MADE_AT + 6, "");
	if (*rest.bytes == ' ') {
		rest.bytes++;
		rest.length--;
	}
	if (rest.length > WIDTH) {
		fputs("...", out);
		rest.bytes += rest.length - (WIDTH - 3);
		rest.length = WIDTH - 3;
		/* Not within a character. */
		for (; (*rest.bytes & 0xc0) == 0x80; rest.bytes++)
			rest.length--;
	}
	pmt_print_name(out, rest, 0);
	putc('\n', out);
}

/* Does a group before number I say of its holder what BY says from PATH on? */
static bool
is_said_before(const struct pmt_groups *groups, size_t i, const char *by,
	       size_t path)
{
	while (i-- > 0) {
		const char *other = groups->list[i].held_by;
		size_t length = other != NULL ? strlen(other) : 0;

		if (length > strlen(by + path) &&
		    strcmp(other + length - strlen(by + path), by + path) == 0)
			return true;
	}
	return false;
}

/* Who holds group I, in few words, if one above said how much that grew. */
static char *
shorter(const struct pmt_groups *groups, size_t i)
{
	const char *by = groups->list[i].held_by;
	struct pmt_held_growth growth;
	char *text;

	if (!pmt_held_growth(by, &growth) ||
	    !is_said_before(groups, i, by, growth.path) ||
	    asprintf(&text, "%.*s (of %" PRIu64 ")", (int)growth.path, by,
		     growth.to) == -1)
		return NULL;
	return text;
}

void
pmt_print_holder(FILE *out, const struct pmt_leakreport *report,
		 const struct pmt_groups *groups, size_t i)
{
	const struct pmt_group *group = &groups->list[i];
	char clock[PMT_NUMBER_TEXT], *kept = NULL;
	/* A log that has books in it does not tell when it looked. */
	int used = report->choice.when != PMT_AT_PEAK || report->leaks == NULL
		? fprintf(out, "%*sheld: ", MADE_AT, "")
		: fprintf(out, "%*sheld at %s s: ", MADE_AT, "",
			  pmt_format_clock(pmt_leaks_held_at_peak(
				report->leaks)->clock, clock));

	used += fprintf(out, "%" PRIu64 " by ", group->held_count);
	if (used + strlen(group->held_by) > MADE_AT + 6 + WIDTH)
		kept = shorter(groups, i);
	pmt_print_path(out, used, kept != NULL ? kept : group->held_by);
	free(kept);
}
