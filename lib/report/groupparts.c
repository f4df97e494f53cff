/* SPDX-License-Identifier: MIT */
#include <config.h>

#include "report/groupparts.h"

#include <stdlib.h>
#include <string.h>

#include "base/units.h"
#include "books/owners.h"
#include "report/reporttext.h"

enum {
	MADE_AT = PMT_GROUP_INDENT,
	WIDTH = PMT_GROUP_WIDTH,
	PARTS = 64,		/* that are told apart */
};

/* Objects of one type, or from one module, of whatever group. */
struct part {
	struct pmt_text name;
	uint64_t live;
	int64_t bytes;
};

struct parts {
	struct part list[PARTS];
	size_t count;		/* may be more than there is room for */
	int64_t bytes;
};

static void
add_part(struct parts *parts, struct pmt_text name,
	 const struct pmt_group *group)
{
	size_t i = 0;

	while (i < parts->count &&
	       (parts->list[i].name.length != name.length ||
		memcmp(parts->list[i].name.bytes, name.bytes,
		       name.length) != 0))
		i++;
	if (i == parts->count && i < PARTS)
		parts->list[parts->count++] = (struct part){ .name = name };
	if (i < PARTS) {
		parts->list[i].live += group->live;
		parts->list[i].bytes += group->bytes;
	}
	parts->bytes += group->bytes;
}

static int
compare_parts(const void *left, const void *right)
{
	const struct part *a = left, *b = right;

	if (a->bytes != b->bytes)
		return a->bytes < b->bytes ? 1 : -1;
	return (a->live < b->live) - (a->live > b->live);
}

/* "240,000 tuple, 6,000 list, ...", as many as fit in ROOM columns. */
static void
print_parts(FILE *out, struct parts *parts, size_t room)
{
	char count[PMT_NUMBER_TEXT];

	qsort(parts->list, parts->count, sizeof(parts->list[0]),
	      compare_parts);
	for (size_t i = 0; i < parts->count; i++) {
		const struct part *part = &parts->list[i];
		size_t width = strlen(pmt_format_count(part->live, count)) +
			       part->name.length + 3;

		if (width + 5 > room && i + 1 < parts->count) {
			fputs(", ...", out);
			break;
		}
		room -= width > room ? room : width;
		fprintf(out, "%s%s ", i == 0 ? "" : ", ", count);
		pmt_print_name(out, part->name, 0);
	}
	putc('\n', out);
}

/* Whom a group marked in BELOW owns, is marked; false: nobody new was. */
static bool
mark_owned(const struct pmt_groups *groups, bool *below)
{
	bool marked = false;

	for (size_t i = 0; i < groups->count; i++) {
		const struct pmt_group *group = &groups->list[i];

		if (group->owner == PMT_NO_PART || !below[group->owner] ||
		    below[group->number])
			continue;
		below[group->number] = marked = true;
	}
	return marked;
}

/* All that OWNER owns, be it through others. */
static void
find_parts(struct parts *parts, const struct pmt_leakreport *report,
	   const struct pmt_groups *groups, const struct pmt_group *owner)
{
	bool *below = calloc(pmt_groups_numbers(groups), sizeof(*below));

	if (below == NULL)
		return;
	below[owner->number] = true;
	for (int depth = 0; depth < PMT_OWNERS_ABOVE; depth++)
		if (!mark_owned(groups, below))
			break;
	for (size_t i = 0; i < groups->count; i++) {
		const struct pmt_group *group = &groups->list[i];

		if (below[group->number] && group != owner &&
		    group->key.type != PMT_NO_PART)
			add_part(parts, pmt_sites_name(report->sites,
						       group->key.type),
				 group);
	}
	free(below);
}

void
pmt_print_with(FILE *out, const struct pmt_leakreport *report,
	       const struct pmt_groups *groups, const struct pmt_group *owner)
{
	struct parts parts = { .count = 0 };
	char size[PMT_SIZE_TEXT];

	if (owner->owns)
		find_parts(&parts, report, groups, owner);
	if (parts.count == 0)
		return;
	fprintf(out, "%*swith: ", MADE_AT, "");
	if (report->sizes)
		fprintf(out, "%s of ", pmt_format_size(parts.bytes, size));
	print_parts(out, &parts, WIDTH - (report->sizes ? 12 : 0));
}

/* The component of PATH that comes after the last WORD and a slash. */
static bool
find_below(struct pmt_text path, const char *word, struct pmt_text *name)
{
	size_t length = strlen(word);
	const char *end = path.bytes + path.length, *found = NULL;
	const char *from = path.bytes, *slash;

	while ((from = memmem(from, (size_t)(end - from), word,
			      length)) != NULL) {
		from += length - 1;
		slash = memchr(from, '/', (size_t)(end - from));
		if (slash != NULL)
			found = slash + 1;
	}
	if (found == NULL)
		return false;
	slash = memchr(found, '/', (size_t)(end - found));
	*name = (struct pmt_text){
		found, (size_t)((slash == NULL ? end : slash) - found)
	};
	return true;
}

/* "re" for /usr/lib/python3.13/re/_parser.py, "abc" for <frozen abc> */
static struct pmt_text
package_of(struct pmt_text path)
{
	static const char frozen[] = "<frozen ";
	struct pmt_text name = path;
	const char *dot;

	if (path.length > sizeof(frozen) &&
	    memcmp(path.bytes, frozen, sizeof(frozen) - 1) == 0) {
		name.bytes += sizeof(frozen) - 1;
		name.length -= sizeof(frozen);
	} else if (!find_below(path, "/site-packages/", &name) &&
		   !find_below(path, "/dist-packages/", &name) &&
		   !find_below(path, "/python3", &name)) {
		dot = memrchr(path.bytes, '/', path.length);
		if (dot != NULL) {
			name.length -= (size_t)(dot + 1 - name.bytes);
			name.bytes = dot + 1;
		}
	}
	dot = memchr(name.bytes, '.', name.length);
	if (dot != NULL && dot != name.bytes)
		name.length = (size_t)(dot - name.bytes);
	return name;
}

void
pmt_print_importers(FILE *out, const struct pmt_leakreport *report,
		    const struct pmt_groups *groups)
{
	struct parts parts = { .count = 0 };

	for (size_t i = 0; i < groups->folded; i++) {
		const struct pmt_group *group =
			&groups->list[groups->count + i];

		if (group->key.file != PMT_NO_PART)
			add_part(&parts, package_of(pmt_sites_name(
				 report->sites, group->key.file)), group);
	}
	if (parts.count == 0)
		return;
	fprintf(out, "%*sby: ", MADE_AT, "");
	print_parts(out, &parts, WIDTH);
}
