/* SPDX-License-Identifier: MIT */
#include <config.h>

#include "analyse/show_text.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/units.h"
#include "report/groupparts.h"
#include "report/holdertext.h"
#include "report/reporttext.h"

enum { BRIEF = 3 };

static void
print_kind(const struct pmt_grown_kind *kind)
{
	struct pmt_text type = { kind->type, strlen(kind->type) };
	uint64_t more = kind->live > kind->before ? kind->live - kind->before
						  : 0;
	char count[2][PMT_NUMBER_TEXT], size[PMT_SIZE_TEXT];
	int used;

	printf("%10s %9s %9s  ", pmt_format_count(kind->live, count[0]),
	       pmt_format_count(more, count[1]),
	       pmt_format_size(kind->bytes, size));
	pmt_print_name(stdout, type, 0);
	used = printf("\n%*sheld: %" PRIu64 " by ", PMT_GROUP_INDENT, "",
		      kind->held) - 1;
	pmt_print_path(stdout, used, kind->by);
}

void
show_text_grown(const struct reading *reading, const struct pmt_grown *grown,
		bool beside_groups)
{
	uint64_t top = reading->options->choice.top;
	uint64_t shown = grown->count < top ? grown->count : top;
	char count[PMT_NUMBER_TEXT], size[PMT_SIZE_TEXT];

	if (!grown->known)
		return;
	if (reading->options->brief && shown > BRIEF)
		shown = BRIEF;
	printf(beside_groups ? "\nObjects of all types: %s of %s, "
			     : "\nAlive at the end: %s objects of %s, ",
	       pmt_format_count(grown->live, count),
	       pmt_format_size(grown->bytes, size));
	printf("%s when the program began\n",
	       pmt_format_count(grown->before, count));
	if (shown > 0)
		printf("%10s %9s %9s  %s\n", "Alive", "More", "Size", "Type");
	for (uint64_t i = 0; i < shown && !reading_ends_lists(reading); i++)
		print_kind(&grown->kind[i]);
	if (shown < grown->count)
		printf("%10s %zu more%s\n", "...",
		       grown->count - (size_t)shown,
		       reading->options->brief ? ""
					       : "; --top 0 shows all");
}
