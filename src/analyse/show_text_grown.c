/* SPDX-License-Identifier: MIT */
#include <config.h>

#include "analyse/show_text.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "analyse/makers.h"
#include "base/units.h"
#include "report/groupparts.h"
#include "report/holdertext.h"
#include "report/reporttext.h"

enum { BRIEF = 3, MAKERS = 3 };

/* Where a part of the objects was made; all of them: no share. */
static void
print_share(uint64_t count, uint64_t all)
{
	if (count < all)
		printf("  (%.0f %%)", 100 * (double)count / (double)all);
	putchar('\n');
}

static void
print_makers(const struct reading *reading, const struct makers *makers)
{
	for (size_t i = 0; i < makers->count && i < MAKERS; i++) {
		const struct maker *maker = &makers->list[i];

		printf("%*s", PMT_GROUP_INDENT, "");
		if (maker->file == PMT_NO_PART)
			fputs("(no Python code)", stdout);
		else
			show_text_site(reading, maker->file, maker->line,
				       maker->function);
		print_share(maker->count, makers->looked_up);
	}
	if (makers->count > MAKERS)
		printf("%*s... %zu more lines\n", PMT_GROUP_INDENT, "",
		       makers->count - MAKERS);
	if (makers->unknown > 0) {
		printf("%*s(before the program's first line)",
		       PMT_GROUP_INDENT, "");
		print_share(makers->unknown, makers->looked_up);
	}
	if (makers->looked_up == 0)
		printf("%*s(made where is not known: Python uses freed ones "
		       "again)\n", PMT_GROUP_INDENT, "");
}

static void
print_kind(const struct reading *reading, const struct pmt_grown_kind *kind,
	   const struct allocations *allocations)
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
	putchar('\n');
	if (allocations != NULL) {
		struct makers makers = makers_of(reading, allocations, kind);

		print_makers(reading, &makers);
		free(makers.list);
	}
	used = printf("%*sheld: %" PRIu64 " by ", PMT_GROUP_INDENT, "",
		      kind->held);
	pmt_print_path(stdout, used, kind->by);
}

void
show_text_grown(const struct reading *reading, const struct pmt_grown *grown,
		const struct allocations *allocations, bool beside_groups)
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
		print_kind(reading, &grown->kind[i], allocations);
	if (shown < grown->count)
		printf("%10s %zu more%s\n", "...",
		       grown->count - (size_t)shown,
		       reading->options->brief ? ""
					       : "; --top 0 shows all");
}
