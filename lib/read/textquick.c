/* SPDX-License-Identifier: MIT */
#include <config.h>

#include "read/textquick.h"

#include <errno.h>

#include "read/split.h"
#include "read/textcolumn.h"

#define WORDS (PMT_HEADER_COLUMNS + 1)

/* The word of column I, behind the tag. */
static inline struct pmt_text
word_of(const char *const *edges, int i)
{
	return (struct pmt_text){
		edges[2 * i + 2], (size_t)(edges[2 * i + 3] - edges[2 * i + 2])
	};
}

/* The compiler knows ORDER, so no column has to be looked up in it. */
static inline __attribute__((always_inline)) bool
parse_usual(const uint8_t *order, const char *const *edges,
	    struct pmt_event *event, struct pmt_row_names *names)
{
#define COLUMN(i) pmt_parse_column((enum pmt_log_column)order[i], \
				   word_of(edges, i), event, names)
	return COLUMN(0) && COLUMN(1) && COLUMN(2) && COLUMN(3) &&
	       COLUMN(4) && COLUMN(5) && COLUMN(6) && COLUMN(7) && COLUMN(8);
#undef COLUMN
}

static bool
parse_words(const struct pmt_header *header, const char *const *edges,
	    struct pmt_event *event, struct pmt_row_names *names)
{
	int done = 0;

	if (header->usual) {
		if (!(header->kind == PMT_LOG_REFERENCE ?
		      parse_usual(pmt_usual_reference, edges, event, names) :
		      parse_usual(pmt_usual_profile, edges, event, names)))
			return false;
		done = PMT_USUAL_COLUMNS;
	}
	for (int i = done; i < header->count; i++)
		if (!pmt_parse_column(header->column[i], word_of(edges, i),
				      event, names))
			return false;
	return true;
}

/* Nothing else of the row does, and these stand together. */
static inline bool
names_tell_site(const struct pmt_header *header)
{
	return header->names >= 0 &&
	       (header->has & (1u << PMT_COLUMN_OWN |
			       1u << PMT_COLUMN_STACK)) == 0;
}

/* Look up the site of a row, and keep its names if they stand together. */
static int
find_new_site(const struct pmt_header *header, struct pmt_sites *sites,
	      struct pmt_namecache *cache, const char *const *edges,
	      const struct pmt_row_names *names, struct pmt_event *event)
{
	const char *end = names->function.bytes + names->function.length;
	int err = pmt_find_site(sites, names, event);
	struct pmt_text whole;

	if (err != 0 || !names_tell_site(header))
		return err;
	whole.bytes = word_of(edges, header->names).bytes;
	whole.length = (size_t)(end - whole.bytes);
	pmt_namecache_keep(cache, whole, names->line.bytes,
			   names->function.bytes, event->site);
	return 0;
}

/*
 * Split a row whose names are kept without a look at them: what is before them
 * and what is behind.  Returns whether it could.
 */
static inline bool
split_around_names(const struct pmt_header *header,
		   struct pmt_namecache *cache, const char *line,
		   const char *end, const char **edges, const char **newline,
		   struct pmt_event *event)
{
	int first = 2 * header->names + 2, behind = 2 * header->names_end + 2;
	const struct pmt_cached_names *kept;
	const char *names;

	if (!names_tell_site(header) || pmt_split_begin(line, edges) <= first)
		return false;
	names = edges[first];
	if (end - names < PMT_NAMECACHE_READS)
		return false;
	kept = pmt_namecache_find(cache, names);
	if (kept == NULL)
		return false;
	for (int i = first; i < behind; i++)
		edges[i] = names;
	event->site = kept->site;
	return pmt_split(names + kept->length, end, edges + behind, WORDS,
			 newline) == header->count - header->names_end;
}

int
pmt_row_parse_quickly(const struct pmt_header *header,
		      struct pmt_sites *sites, struct pmt_namecache *cache,
		      const char *line, const char *end,
		      struct pmt_event *event, const char **next)
{
	struct pmt_row_names names = { .type = { "", 0 } };
	const char *edges[4 * WORDS + 64], *newline;
	int err;

	if (split_around_names(header, cache, line, end, edges, &newline,
			       event)) {
		if (!parse_words(header, edges, event, &names))
			return -EAGAIN;
	} else {
		if (pmt_split(line, end, edges, WORDS, &newline) !=
			    header->count + 1 ||
		    !parse_words(header, edges, event, &names))
			return -EAGAIN;
		err = find_new_site(header, sites, cache, edges, &names,
				    event);
		if (err != 0)
			return err == -EBADMSG ? -EAGAIN : err;
	}
	event->has = header->has;
	*next = newline + 1;
	return 0;
}
