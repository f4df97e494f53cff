/* SPDX-License-Identifier: MIT */
#include <config.h>

#include "read/textrow.h"

#include <errno.h>
#include <string.h>

#include "base/digits.h"
#include "read/split.h"

#define WORDS (PMT_HEADER_COLUMNS + 1)

static const struct {
	const char *title;
	enum pmt_log_column column;
} titles[] = {
	{ "Event", PMT_COLUMN_EVENT },
	{ "dEvent", PMT_COLUMN_D_EVENT },
	{ "Clock", PMT_COLUMN_CLOCK },
	{ "What", PMT_COLUMN_WHAT },
	{ "Address", PMT_COLUMN_ADDRESS },
	{ "LiveCnt", PMT_COLUMN_LIVE },
	/* Until pymemtrace 0.6.0: the reference count, of no use to us. */
	{ "RefCnt", PMT_COLUMN_UNKNOWN },
	{ "Type", PMT_COLUMN_TYPE },
	{ "File", PMT_COLUMN_FILE },
	{ "Line", PMT_COLUMN_LINE },
	{ "Function", PMT_COLUMN_FUNCTION },
	{ "RSS", PMT_COLUMN_RSS },
	{ "dRSS", PMT_COLUMN_D_RSS },
	{ "Thread", PMT_COLUMN_THREAD },
	{ "Wall", PMT_COLUMN_WALL },
	{ "Size", PMT_COLUMN_SIZE },
};

/* What all writers begin their rows with. */
#define USUAL 9

static const uint8_t usual_reference[USUAL] = {
	PMT_COLUMN_CLOCK, PMT_COLUMN_ADDRESS, PMT_COLUMN_LIVE,
	PMT_COLUMN_TYPE, PMT_COLUMN_FILE, PMT_COLUMN_LINE,
	PMT_COLUMN_FUNCTION, PMT_COLUMN_RSS, PMT_COLUMN_D_RSS,
};

static const uint8_t usual_profile[USUAL] = {
	PMT_COLUMN_EVENT, PMT_COLUMN_D_EVENT, PMT_COLUMN_CLOCK,
	PMT_COLUMN_WHAT, PMT_COLUMN_FILE, PMT_COLUMN_LINE,
	PMT_COLUMN_FUNCTION, PMT_COLUMN_RSS, PMT_COLUMN_D_RSS,
};

static bool
is_word(struct pmt_text word, const char *text)
{
	return word.length == strlen(text) &&
	       memcmp(word.bytes, text, word.length) == 0;
}

static void
skip(struct pmt_text *rest, size_t n)
{
	rest->bytes += n;
	rest->length -= n;
}

static void
skip_blanks(struct pmt_text *rest)
{
	while (rest->length > 0 && rest->bytes[0] == ' ')
		skip(rest, 1);
}

/* The next word of *REST, which then begins behind it; empty at the end. */
static struct pmt_text
take_word(struct pmt_text *rest)
{
	struct pmt_text word;

	skip_blanks(rest);
	word = (struct pmt_text){ rest->bytes, 0 };
	while (word.length < rest->length && word.bytes[word.length] != ' ')
		word.length++;
	skip(rest, word.length);
	return word;
}

static struct pmt_text
trim_end(struct pmt_text text)
{
	while (text.length > 0 && (text.bytes[text.length - 1] == ' ' ||
				   text.bytes[text.length - 1] == '\r'))
		text.length--;
	return text;
}

/* The last word of *REST, which then ends before it. */
static struct pmt_text
take_last_word(struct pmt_text *rest)
{
	struct pmt_text word = { 0 };

	*rest = trim_end(*rest);
	while (rest->length > 0 && rest->bytes[rest->length - 1] != ' ') {
		rest->length--;
		word.length++;
	}
	word.bytes = rest->bytes + rest->length;
	*rest = trim_end(*rest);
	return word;
}

static enum pmt_log_column
find_column(struct pmt_text title)
{
	for (size_t i = 0; i < PMT_ARRAY_SIZE(titles); i++)
		if (is_word(title, titles[i].title))
			return titles[i].column;
	return PMT_COLUMN_UNKNOWN;
}

static bool
has_columns(unsigned has, enum pmt_log_column a,
	    enum pmt_log_column b)
{
	return (has >> a & has >> b & 1) != 0;
}

/* Where [Type] File Line Function stand, and how wide the first two are. */
static void
find_names(struct pmt_header *header, const char *const *starts)
{
	static const uint8_t order[] = {
		PMT_COLUMN_FILE, PMT_COLUMN_LINE, PMT_COLUMN_FUNCTION
	};
	int file = 0;

	header->names = header->names_end = -1;
	while (header->column[file] != PMT_COLUMN_FILE)
		file++;
	if (file + 3 > header->count ||
	    memcmp(header->column + file, order, sizeof(order)) != 0)
		return;
	header->names = header->names_end = file;
	header->names_end += 3;
	header->file_width = (size_t)(starts[file + 1] - starts[file]) - 1;
	if (header->has >> PMT_COLUMN_TYPE & 1) {
		if (file == 0 || header->column[file - 1] != PMT_COLUMN_TYPE) {
			header->names = header->names_end = -1;
			return;
		}
		header->names--;
		header->type_width =
			(size_t)(starts[file] - starts[file - 1]) - 1;
	}
}

int
pmt_header_parse(struct pmt_text line, struct pmt_header *header)
{
	const char *starts[PMT_HEADER_COLUMNS];
	struct pmt_header found = { 0 };
	struct pmt_text word = take_word(&line);

	if (!is_word(word, "HDR:") && !is_word(word, "HEDR:"))
		return -EBADMSG;
	line = trim_end(line);
	while ((word = take_word(&line)).length > 0) {
		enum pmt_log_column column = find_column(word);
		bool twice = column != PMT_COLUMN_UNKNOWN &&
			     (found.has >> column & 1) != 0;

		if (found.count == PMT_HEADER_COLUMNS || twice)
			return -EBADMSG;
		starts[found.count] = word.bytes;
		found.column[found.count++] = (uint8_t)column;
		if (column != PMT_COLUMN_UNKNOWN)
			found.has |= 1u << column;
	}
	if (!has_columns(found.has, PMT_COLUMN_FILE, PMT_COLUMN_FUNCTION) ||
	    !has_columns(found.has, PMT_COLUMN_LINE, PMT_COLUMN_CLOCK))
		return -EBADMSG;
	if (has_columns(found.has, PMT_COLUMN_ADDRESS, PMT_COLUMN_TYPE))
		found.kind = PMT_LOG_REFERENCE;
	else if (has_columns(found.has, PMT_COLUMN_WHAT, PMT_COLUMN_RSS))
		found.kind = PMT_LOG_PROFILE;
	else
		return -EBADMSG;
	find_names(&found, starts);
	found.usual = found.count >= USUAL &&
		memcmp(found.column, found.kind == PMT_LOG_REFERENCE ?
		       usual_reference : usual_profile, USUAL) == 0;
	*header = found;
	return 0;
}

static inline bool
parse_signed(struct pmt_text word, int64_t *out)
{
	bool minus = word.length > 0 && word.bytes[0] == '-';
	size_t sign = minus || (word.length > 0 && word.bytes[0] == '+');
	uint64_t value;

	if (!pmt_decimal(word.bytes + sign, word.length - sign, &value) ||
	    value > (uint64_t)INT64_MAX)
		return false;
	*out = minus ? -(int64_t)value : (int64_t)value;
	return true;
}

static inline bool
parse_address(struct pmt_text word, uint64_t *out)
{
	return word.length > 2 && word.bytes[0] == '0' &&
	       word.bytes[1] == 'x' &&
	       pmt_hex(word.bytes + 2, word.length - 2, out);
}

/* "12.345678" seconds as nanoseconds. */
static bool
parse_seconds(struct pmt_text word, int64_t *out)
{
	static const unsigned scale[] = {
		1000000000, 100000000, 10000000, 1000000, 100000, 10000, 1000,
		100, 10, 1
	};
	const char *point;
	size_t n;
	size_t digits;
	uint64_t seconds, fraction = 0;

	/* All writers so far have six digits; then the point is found. */
	if (word.length > 7 && word.bytes[word.length - 7] == '.')
		point = word.bytes + word.length - 7;
	else
		point = memchr(word.bytes, '.', word.length);
	n = point == NULL ? word.length : (size_t)(point - word.bytes);
	digits = point == NULL ? 0 : word.length - n - 1;
	if (digits > 9 || (point != NULL &&
			   !pmt_decimal(point + 1, digits, &fraction)))
		return false;
	if (!pmt_decimal(word.bytes, n, &seconds) ||
	    seconds > INT64_MAX / 1000000000 - 1)
		return false;
	*out = (int64_t)(seconds * 1000000000 + fraction * scale[digits]);
	return true;
}

/* The words of a row that name its site. */
struct names {
	struct pmt_text type, file, line, function;
};

/* Inlined, so that each kind of column is a few instructions. */
static inline __attribute__((always_inline)) bool
parse_column(enum pmt_log_column column, struct pmt_text word,
	     struct pmt_event *event, struct names *names)
{
	int64_t number;

	switch (column) {
	case PMT_COLUMN_EVENT:
		return pmt_decimal(word.bytes, word.length, &event->event);
	case PMT_COLUMN_D_EVENT:
		return parse_signed(word, &event->d_event);
	case PMT_COLUMN_CLOCK:
		return parse_seconds(word, &event->clock);
	case PMT_COLUMN_WHAT:
		return pmt_what_of(word, &event->what);
	case PMT_COLUMN_ADDRESS:
		return parse_address(word, &event->address);
	case PMT_COLUMN_LIVE:
		return parse_signed(word, &event->live);
	case PMT_COLUMN_RSS:
		if (!parse_signed(word, &number) || number < 0)
			return false;
		event->rss = number;
		return true;
	case PMT_COLUMN_D_RSS:
		return parse_signed(word, &event->d_rss);
	case PMT_COLUMN_THREAD:
		return parse_signed(word, &event->thread);
	case PMT_COLUMN_WALL:
		return parse_seconds(word, &event->wall);
	case PMT_COLUMN_SIZE:
		return parse_signed(word, &event->size);
	case PMT_COLUMN_TYPE:
		names->type = word;
		return true;
	case PMT_COLUMN_FILE:
		names->file = word;
		return true;
	case PMT_COLUMN_LINE:
		names->line = word;
		return true;
	case PMT_COLUMN_FUNCTION:
		names->function = word;
		return true;
	case PMT_COLUMN_UNKNOWN:
		return true;
	}
	return false;
}

static int
find_site(struct pmt_sites *sites, const struct names *names,
	  struct pmt_event *event)
{
	uint64_t line;

	if (!pmt_decimal(names->line.bytes, names->line.length, &line) ||
	    line > INT32_MAX)
		return -EBADMSG;
	return pmt_sites_find(sites, names->type, names->file, (uint32_t)line,
			      names->function, &event->site);
}

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
	    struct pmt_event *event, struct names *names)
{
#define COLUMN(i) parse_column((enum pmt_log_column)order[i], \
			       word_of(edges, i), event, names)
	return COLUMN(0) && COLUMN(1) && COLUMN(2) && COLUMN(3) &&
	       COLUMN(4) && COLUMN(5) && COLUMN(6) && COLUMN(7) && COLUMN(8);
#undef COLUMN
}

static bool
parse_words(const struct pmt_header *header, const char *const *edges,
	    struct pmt_event *event, struct names *names)
{
	int done = 0;

	if (header->usual) {
		if (!(header->kind == PMT_LOG_REFERENCE ?
		      parse_usual(usual_reference, edges, event, names) :
		      parse_usual(usual_profile, edges, event, names)))
			return false;
		done = USUAL;
	}
	for (int i = done; i < header->count; i++)
		if (!parse_column(header->column[i], word_of(edges, i), event,
				  names))
			return false;
	return true;
}

/* Look up the site of a row, and keep its names if they stand together. */
static int
find_new_site(const struct pmt_header *header, struct pmt_sites *sites,
	      struct pmt_namecache *cache, const char *const *edges,
	      const struct names *names, struct pmt_event *event)
{
	const char *end = names->function.bytes + names->function.length;
	int err = find_site(sites, names, event);
	struct pmt_text whole;

	if (err != 0 || header->names < 0)
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

	if (header->names < 0 || pmt_split_begin(line, edges) <= first)
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
	struct names names = { .type = { "", 0 } };
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

static bool
is_number(struct pmt_text word)
{
	uint64_t number;

	return pmt_decimal(word.bytes, word.length, &number);
}

/*
 * A name that was padded to WIDTH.  One that is longer has a single blank
 * behind it, and we must hope that it holds none itself.
 */
static struct pmt_text
take_padded(struct pmt_text *rest, size_t width)
{
	struct pmt_text name = { rest->bytes, width };

	if (rest->length <= width || rest->bytes[width] != ' ')
		return take_word(rest);
	skip(rest, width);
	return trim_end(name);
}

static bool
split_by_width(const struct pmt_header *header, struct pmt_text rest,
	       struct names *names)
{
	skip_blanks(&rest);
	if (header->type_width > 0) {
		names->type = take_padded(&rest, header->type_width);
		skip_blanks(&rest);
	}
	names->file = take_padded(&rest, header->file_width);
	names->line = take_word(&rest);
	skip_blanks(&rest);
	names->function = trim_end(rest);
	return is_number(names->line);
}

/*
 * The line number is the last number that has a word behind it: functions
 * seldom hold blanks, and file names do.
 */
static bool
split_at_number(const struct pmt_header *header, struct pmt_text rest,
		struct names *names)
{
	struct pmt_text whole = trim_end(rest);
	struct pmt_text word = take_last_word(&rest);

	do {
		names->function = (struct pmt_text){
			word.bytes,
			(size_t)(whole.bytes + whole.length - word.bytes)
		};
		word = take_last_word(&rest);
		if (word.length == 0)
			return false;
	} while (!is_number(word));
	names->line = word;
	if (header->type_width > 0)
		names->type = take_word(&rest);
	skip_blanks(&rest);
	names->file = rest;
	return true;
}

int
pmt_row_parse(const struct pmt_header *header, struct pmt_sites *sites,
	      struct pmt_text line, struct pmt_event *event)
{
	struct names names = { .type = { "", 0 } };
	struct pmt_text rest = trim_end(line);
	int err;

	take_word(&rest);
	for (int i = 0; i < header->count; i++) {
		if (i == header->names)
			break;
		/* Old PREV rows behind a message end after the clock. */
		if (trim_end(rest).length == 0 && event->row == PMT_ROW_PREV &&
		    i > 0 && header->column[i - 1] == PMT_COLUMN_CLOCK) {
			event->has = 1u << PMT_COLUMN_EVENT |
				     1u << PMT_COLUMN_D_EVENT |
				     1u << PMT_COLUMN_CLOCK;
			return 0;
		}
		if (!parse_column(header->column[i], take_word(&rest), event,
				  &names))
			return -EBADMSG;
	}
	if (header->names >= 0) {
		for (int i = header->count - 1; i >= header->names_end; i--)
			if (!parse_column(header->column[i],
					  take_last_word(&rest), event, &names))
				return -EBADMSG;
		if (!split_by_width(header, rest, &names) &&
		    !split_at_number(header, rest, &names))
			return -EBADMSG;
	} else if (trim_end(rest).length > 0) {
		return -EBADMSG;
	}
	err = find_site(sites, &names, event);
	if (err == 0)
		event->has = header->has;
	return err;
}

int
pmt_row_parse_message(const struct pmt_header *header, struct pmt_text line,
		      struct pmt_event *event)
{
	struct pmt_text rest = line;

	take_word(&rest);
	if (header->kind == PMT_LOG_PROFILE) {
		struct pmt_text number = take_word(&rest);

		if (!pmt_decimal(number.bytes, number.length,
				    &event->event) ||
		    !parse_signed(take_word(&rest), &event->d_event))
			return -EBADMSG;
		event->has = 1u << PMT_COLUMN_EVENT | 1u << PMT_COLUMN_D_EVENT;
	}
	if (!parse_seconds(take_word(&rest), &event->clock))
		return -EBADMSG;
	event->has |= 1u << PMT_COLUMN_CLOCK;
	skip_blanks(&rest);
	if (rest.length > 0 && rest.bytes[0] == '#') {
		skip(&rest, 1);
		if (rest.length > 0 && rest.bytes[0] == ' ')
			skip(&rest, 1);
	}
	event->text = rest;
	return 0;
}
