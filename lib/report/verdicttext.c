/* SPDX-License-Identifier: MIT */
#include <config.h>

#include "report/verdicttext.h"

#include <stdlib.h>
#include <string.h>

#include "base/common.h"
#include "base/units.h"
#include "report/reporttext.h"

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

/* "12 MiB of it are free ...", where that is no small part. */
static void
put_free(const struct pmt_verdict *verdict, char text[96])
{
	char size[PMT_SIZE_TEXT];

	text[0] = '\0';
	if (verdict->free >= 1 << 20 && verdict->free >= verdict->growth / 8)
		snprintf(text, 96, "%s of it are free, and kept by the "
			 "allocators. ", size_text(verdict->free, size));
}

/* What the objects have to do with it. */
static int
explain(char **text, const struct pmt_verdict *verdict, size_t growing)
{
	char explained[PMT_SIZE_TEXT], growth[PMT_SIZE_TEXT], free_text[96];
	uint64_t used = pmt_verdict_used(verdict);
	const char *rest = verdict->narrow
		? "objects of other types, or by C code"
		: "C code, or by what was not counted";
	const char *objects = verdict->grown ? "Objects of classes"
					     : "The objects below";

	if (!verdict->sizes)
		return asprintf(text, "The log has no sizes of objects: "
				"whether they explain it is not known.");
	size_text(verdict->explained, explained);
	size_text(used, growth);
	put_free(verdict, free_text);
	switch (verdict->finding) {
	case PMT_FINDING_OBJECTS:
		return asprintf(text, "%sThe objects below explain %s of the "
				"%s in use (%u %%)%s.", free_text, explained,
				growth,
				percent(verdict->explained, used),
				growing > 0 ? ""
				: verdict->still_growing
				? "; none of them grows in number"
				: "; none of them grows");
	case PMT_FINDING_PARTLY:
		return asprintf(text, "%s%s explain %s of the "
				"%s in use (%u %%); the rest is used by %s.",
				free_text, objects, explained, growth,
				percent(verdict->explained, used), rest);
	default:
		return asprintf(text, "%s%s explain %u %% of "
				"%s: the rest is used by %s.", free_text,
				objects, percent(verdict->explained, used),
				free_text[0] == '\0' ? "it" : "what is in use",
				rest);
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
			     growing > 0 ? ""
			     : verdict->peak ? ": no leak, unless what was "
				"alive at the peak should have gone before"
			     : ": no leak",
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

/* "1 group of objects grows" */
static void
put_growing(size_t growing, char text[64])
{
	snprintf(text, 64, "%zu group%s of objects grow%s", growing,
		 growing == 1 ? "" : "s", growing == 1 ? "s" : "");
}

/* How it went on after memory "grew by ...". */
static void
put_course(const struct pmt_verdict *verdict, size_t growing, char text[128])
{
	char groups[64];

	if (verdict->finding == PMT_FINDING_GIVEN_BACK) {
		text[0] = '\0';
	} else if (verdict->still_growing) {
		strcpy(text, ", and still did at the end");
	} else if (growing > 0) {
		put_growing(growing, groups);
		snprintf(text, 128, ", most of it early, but %s to the end",
			 groups);
	} else {
		strcpy(text, ", then stayed: a plateau");
	}
}

static void
print_steady(FILE *out, const struct pmt_verdict *verdict, size_t growing)
{
	bool grew = verdict->growth > 0;
	char growth[PMT_SIZE_TEXT], groups[64], text[160];

	size_text(verdict->growth, growth);
	put_growing(growing, groups);
	if (growing == 0)
		snprintf(text, sizeof(text), "Memory did not grow.");
	else
		snprintf(text, sizeof(text), "Memory %s%s%s, but %s to the "
			 "end.", grew ? "grew by " : "did not grow",
			 grew ? growth : "", grew ? " only" : "", groups);
	pmt_print_wrapped(out, "Verdict:", text);
}

/* What of the growth is no matter of the program's. */
static void
put_parts(const struct pmt_verdict *verdict, bool fallen, char text[128])
{
	char size[PMT_SIZE_TEXT];
	size_t length = 0;

	text[0] = '\0';
	if (verdict->imports >= verdict->growth / 2 && verdict->imports > 0 &&
	    !fallen)
		length = (size_t)snprintf(text, 128, ", %s of it by imports",
					  size_text(verdict->imports, size));
	if (verdict->books > 0)
		snprintf(text + length, 128 - length, ", up to %s of it for "
			 "this report", size_text(verdict->books, size));
}

void
pmt_print_verdict(FILE *out, const struct pmt_verdict *verdict, size_t growing)
{
	char growth[PMT_SIZE_TEXT], parts[128], course[128], *why, *text = NULL;
	bool fallen = verdict->finding == PMT_FINDING_GIVEN_BACK ||
		      verdict->finding == PMT_FINDING_COLLECTED;

	if (verdict->finding == PMT_FINDING_NONE)
		return;
	if (verdict->finding == PMT_FINDING_STEADY) {
		print_steady(out, verdict, growing);
		return;
	}
	why = reason(verdict, growing);
	size_text(fallen ? verdict->peak_growth : verdict->growth, growth);
	put_parts(verdict, fallen, parts);
	put_course(verdict, growing, course);
	if (why != NULL &&
	    asprintf(&text, "Memory grew by %s%s%s. %s", growth, parts, course,
		     why) != -1)
		pmt_print_wrapped(out, "Verdict:", text);
	free(text);
	free(why);
}

static const char *
grows(const struct pmt_verdict *verdict)
{
	return verdict->code
		? "look who keeps what grows, at the places named above; "
		  "pmt-run -r SCRIPT tells of all objects."
		: "look who keeps what grows, at the places named above; "
		  "pmt-analyse --top 0 LOG has all groups.";
}

/* Where objects of common types were left out; NULL: that changes nothing. */
static const char *
with_all_objects(const struct pmt_verdict *verdict, size_t growing)
{
	if (!verdict->narrow || verdict->finding < PMT_FINDING_OBJECTS)
		return NULL;
	if (verdict->code && !verdict->still_growing && growing == 0 &&
	    !verdict->peak)
		return "memory has stopped growing: a longer run would show a "
		       "slow growth, pmt-run -r SCRIPT all objects.";
	if (verdict->finding == PMT_FINDING_OBJECTS)
		return NULL;
	if (verdict->grown)
		return "look who keeps what there is more of, at the names "
		       "above; pmt-run -r SCRIPT tells who made it.";
	return verdict->code
		? "pmt-run -r SCRIPT counts lists, strings and the like too, "
		  "pmt-run -a SCRIPT blocks of C code."
		: "pmt-run -r without --no-builtins counts lists, strings and "
		  "the like too.";
}

/* Memory is free, and nothing grows. */
static const char *
is_free(const struct pmt_verdict *verdict)
{
	if (verdict->peak && !verdict->code)
		return "pmt-analyse --at peak LOG lists all that was "
		       "alive then.";
	if (verdict->c_free >= verdict->free / 2)
		return "MALLOC_TRIM_THRESHOLD_=131072 or "
		       "MALLOC_ARENA_MAX=2 in the environment keep "
		       "less; pmt-run -p SCRIPT tells whose peak it "
		       "was.";
	return verdict->old
		? "pmt-run -a --objects SCRIPT names the lines whose "
		  "objects pin what is free."
		: "pmt-run -r SCRIPT names what stays from the peak, "
		  "and pins what is free.";
}

static const char *
next_step(const struct pmt_verdict *verdict, size_t growing)
{
	const char *all = with_all_objects(verdict, growing);

	if (all != NULL)
		return all;
	switch (verdict->finding) {
	case PMT_FINDING_STEADY:
		if (growing > 0)
			return grows(verdict);
		return "a longer run, or pmt-process -p PID beside the "
		       "service, would show a slow growth.";
	case PMT_FINDING_GIVEN_BACK:
		if (verdict->old)
			return "pmt-run -a --objects SCRIPT names the lines "
			       "that held memory at the peak.";
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
		return growing > 0 ? grows(verdict) : is_free(verdict);
	case PMT_FINDING_OBJECTS:
		if (growing > 0 || verdict->code)
			return grows(verdict);
		return verdict->still_growing
			? "look at the largest: does it grow, or is it made "
			  "anew, ever larger? pmt-run -a SCRIPT names the "
			  "lines that take memory."
			: "nothing grows: a cache or state of modules; run it "
			  "longer to be sure.";
	case PMT_FINDING_CODE:
		break;
	default:
		return "pmt-run -a SCRIPT names the lines that hold memory "
		       "below Python, in C code too.";
	}
	if (verdict->grown)
		return "look who keeps what there is more of, at the names "
		       "above; pmt-run -a --objects SCRIPT names the lines "
		       "that made it.";
	return verdict->old
		? "pmt-run -a SCRIPT names the lines that hold memory, in C "
		  "code too."
		: "pmt-run -r SCRIPT names the objects that stay, pmt-run -a "
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
