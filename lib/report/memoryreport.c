/* SPDX-License-Identifier: MIT */
#include <config.h>

#include "report/memoryreport.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "base/common.h"
#include "base/units.h"
#include "books/shares.h"
#include "report/reporttext.h"

/* Bytes that would be shown as 0.0 MiB of all three moments. */
enum { SHOWN = 3 * 52428 };

static double
mib(uint64_t bytes)
{
	return (double)bytes / (1 << 20);
}

static void
print_row(FILE *out, const char *name, const uint64_t bytes[3])
{
	fprintf(out, "  %-34s %10.1f %10.1f %10.1f\n", name, mib(bytes[0]),
		mib(bytes[1]), mib(bytes[2]));
}

static void
print_shares(FILE *out, const struct pmt_footprint *const moments[3])
{
	uint64_t shares[3][PMT_SHARES], rss[3];

	for (int i = 0; i < 3; i++) {
		pmt_shares_make(&moments[i]->memory, shares[i]);
		rss[i] = moments[i]->memory.rss;
	}
	fprintf(out, "%-36s %10s %10s %10s\n", "Memory (MiB)", "start",
		"peak", "end");
	for (enum pmt_share share = 0; share < PMT_SHARES; share++) {
		const uint64_t bytes[3] = { shares[0][share], shares[1][share],
					    shares[2][share] };

		if (bytes[0] + bytes[1] + bytes[2] > SHOWN)
			print_row(out, pmt_share_name(share), bytes);
	}
	print_row(out, "all of it: RSS", rss);
}

/* Of processes that forked, or were. */
static void
print_sharing(FILE *out, const struct pmt_footprints *footprints)
{
	const struct pmt_memory *end = &footprints->end.memory;
	char sizes[2][PMT_SIZE_TEXT];
	uint64_t unshared;

	if (end->pss == PMT_MEMORY_UNKNOWN ||
	    end->private == PMT_MEMORY_UNKNOWN)
		return;
	fprintf(out, "Shared: %s are of no other process, PSS is %s\n",
		pmt_format_size((int64_t)end->private, sizes[0]),
		pmt_format_size((int64_t)end->pss, sizes[1]));
	if (pmt_footprints_unshared(footprints, &unshared))
		fprintf(out, "Copied: %s of %s that were its parent's, too, "
			"when it was forked\n",
			pmt_format_size((int64_t)unshared, sizes[0]),
			pmt_format_size((int64_t)footprints->start.memory
					.inherited, sizes[1]));
}

void
pmt_print_footprints(FILE *out, const struct pmt_footprints *footprints)
{
	const struct pmt_footprint *const moments[3] = {
		&footprints->start, &footprints->peak, &footprints->end,
	};
	char sizes[3][PMT_SIZE_TEXT];

	if (footprints->start.noted) {
		print_shares(out, moments);
		print_sharing(out, footprints);
	} else if (footprints->peak_rss > 0) {
		fprintf(out, "Memory (RSS): %s at first, %s at most, %s at "
			"last\n",
			pmt_format_size(footprints->first_rss, sizes[0]),
			pmt_format_size(footprints->peak_rss, sizes[1]),
			pmt_format_size(footprints->last_rss, sizes[2]));
	}
}

static char *
size_text(uint64_t bytes, char text[PMT_SIZE_TEXT])
{
	return pmt_format_size((int64_t)bytes, text);
}

static unsigned
percent(uint64_t part, uint64_t whole)
{
	return whole == 0 ? 0 : (unsigned)(100 * (double)part /
					   (double)whole + 0.5);
}

/* What the objects have to do with it. */
static int
explain(char **text, const struct pmt_verdict *verdict, size_t growing)
{
	char explained[PMT_SIZE_TEXT], growth[PMT_SIZE_TEXT];
	uint64_t used = pmt_verdict_used(verdict);
	const char *rest = verdict->narrow
		? "objects of other types, or by C code"
		: "C code, or by what was not counted";

	if (!verdict->sizes)
		return asprintf(text, "The log has no sizes of objects: "
				"whether they explain it is not known.");
	size_text(verdict->explained, explained);
	size_text(used, growth);
	switch (verdict->finding) {
	case PMT_FINDING_OBJECTS:
		return asprintf(text, "The objects below explain %s of the %s "
				"in use (%u %%)%s.", explained, growth,
				percent(verdict->explained, used),
				growing > 0 ? "" : "; none of them grows");
	case PMT_FINDING_PARTLY:
		return asprintf(text, "The objects below explain %s of the %s "
				"in use (%u %%); the rest is used by %s.",
				explained, growth,
				percent(verdict->explained, used), rest);
	default:
		return asprintf(text, "The objects below explain %u %% of it: "
				"the rest is used by %s.",
				percent(verdict->explained, used), rest);
	}
}

/* The sentence after "Memory grew by ..."; NULL when memory is short. */
static char *
reason(const struct pmt_verdict *verdict, size_t growing)
{
	char free_text[PMT_SIZE_TEXT], c_free[PMT_SIZE_TEXT];
	char growth[PMT_SIZE_TEXT], *text = NULL;
	bool by_malloc = verdict->c_free >= verdict->free / 2;
	int n;

	switch (verdict->finding) {
	case PMT_FINDING_FREE:
		n = asprintf(&text, "%s of it are free, and kept by the "
			     "allocators%s. %s%s.",
			     size_text(verdict->free, free_text),
			     growing > 0 ? "" : ": no leak",
			     by_malloc ? "malloc_trim(3) would return up to "
				       : "A few objects that stay keep each of "
					 "pymalloc's arenas",
			     by_malloc ? size_text(verdict->c_free, c_free)
				       : "");
		break;
	case PMT_FINDING_GIVEN_BACK:
		n = asprintf(&text, "Of that %s are left at the end%s.",
			     size_text(verdict->growth, growth),
			     verdict->code ? "" : ": look at what was alive "
						  "at the peak");
		break;
	case PMT_FINDING_COLLECTED:
		n = asprintf(&text, "Only the collection at exit freed %s of "
			     "it: objects that refer to each other in circles.",
			     size_text(verdict->collected, growth));
		break;
	case PMT_FINDING_CODE:
		n = asprintf(&text, "The code below made it grow.");
		break;
	default:
		n = explain(&text, verdict, growing);
	}
	return n == -1 ? NULL : text;
}

static void
print_steady(FILE *out, const struct pmt_verdict *verdict, size_t growing)
{
	char growth[PMT_SIZE_TEXT], text[160];

	size_text(verdict->growth, growth);
	if (growing == 0)
		snprintf(text, sizeof(text), "Memory did not grow.");
	else
		snprintf(text, sizeof(text), "Memory grew by %s only, but %zu "
			 "group%s of objects grow%s to the end.", growth,
			 growing, growing == 1 ? "" : "s",
			 growing == 1 ? "s" : "");
	pmt_print_wrapped(out, "Verdict:", text);
}

void
pmt_print_verdict(FILE *out, const struct pmt_verdict *verdict, size_t growing)
{
	char growth[PMT_SIZE_TEXT], size[PMT_SIZE_TEXT], books[64] = "";
	char *why, *text = NULL;
	bool back = verdict->finding == PMT_FINDING_GIVEN_BACK;
	bool fallen = back || verdict->finding == PMT_FINDING_COLLECTED;

	if (verdict->finding == PMT_FINDING_NONE)
		return;
	if (verdict->finding == PMT_FINDING_STEADY) {
		print_steady(out, verdict, growing);
		return;
	}
	why = reason(verdict, growing);
	size_text(fallen ? verdict->peak_growth : verdict->growth, growth);
	if (verdict->books > 0)
		snprintf(books, sizeof(books), ", up to %s of it for this "
			 "report", size_text(verdict->books, size));
	if (why != NULL &&
	    asprintf(&text, "Memory grew by %s%s%s. %s", growth, books,
		     back ? ""
		     : verdict->still_growing ? ", and still did at the end"
					      : ", then stayed: a plateau",
		     why) != -1)
		pmt_print_wrapped(out, "Verdict:", text);
	free(text);
	free(why);
}

static const char *
next_step(const struct pmt_verdict *verdict, size_t growing)
{
	if (verdict->narrow && (verdict->finding == PMT_FINDING_PARTLY ||
				verdict->finding == PMT_FINDING_ELSEWHERE))
		return verdict->code
			? "pmt-run -r SCRIPT counts lists, strings and the "
			  "like too, pmt-run -a SCRIPT blocks of C code."
			: "pmt-run -r without --no-builtins counts lists, "
			  "strings and the like too.";
	switch (verdict->finding) {
	case PMT_FINDING_STEADY:
		return "a longer run, or pmt-process -p PID beside the "
		       "service, would show a slow growth.";
	case PMT_FINDING_GIVEN_BACK:
		if (verdict->code)
			break;
		return "pmt-analyse --at peak LOG lists all that was alive "
		       "then.";
	case PMT_FINDING_COLLECTED:
		return "does the program switch its collector off, or its "
		       "threshold up (gc.disable, gc.freeze, "
		       "gc.set_threshold)? What was alive at the peak lay in "
		       "circles.";
	case PMT_FINDING_FREE:
		if (verdict->c_free >= verdict->free / 2)
			return "MALLOC_TRIM_THRESHOLD_=131072 or "
			       "MALLOC_ARENA_MAX=2 in the environment keep "
			       "less; pmt-run -p SCRIPT tells whose peak it "
			       "was.";
		return "pmt-run -r SCRIPT names what stays from the peak, and "
		       "pins what is free.";
	case PMT_FINDING_OBJECTS:
		if (verdict->code)
			return "look who keeps what grows, at the places named "
			       "above; pmt-run -r SCRIPT tells of all objects.";
		return growing > 0
			? "look who keeps what grows, at the places named "
			  "above; pmt-analyse --top 0 LOG has all groups."
			: "nothing grows: a cache or state of modules; run it "
			  "longer to be sure.";
	case PMT_FINDING_CODE:
		break;
	default:
		return "pmt-run -a SCRIPT names the lines that hold memory "
		       "below Python, in C code too.";
	}
	return "pmt-run -r SCRIPT names the objects that stay, pmt-run -a "
	       "SCRIPT the blocks.";
}

void
pmt_print_next(FILE *out, const struct pmt_verdict *verdict, size_t growing)
{
	if (verdict->finding == PMT_FINDING_NONE)
		return;
	putc('\n', out);
	pmt_print_wrapped(out, "Next:", next_step(verdict, growing));
}
