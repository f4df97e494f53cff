/* SPDX-License-Identifier: MIT */
#include <config.h>

#include "read/textheader.h"

#include <errno.h>
#include <string.h>

#include "read/textword.h"

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
	{ "Own", PMT_COLUMN_OWN },
	{ "Stack", PMT_COLUMN_STACK },
};

static enum pmt_log_column
find_column(struct pmt_text title)
{
	for (size_t i = 0; i < PMT_ARRAY_SIZE(titles); i++)
		if (pmt_is_word(title, titles[i].title))
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
	struct pmt_text word = pmt_take_word(&line);

	if (!pmt_is_word(word, "HDR:") && !pmt_is_word(word, "HEDR:"))
		return -EBADMSG;
	line = pmt_trim_end(line);
	while ((word = pmt_take_word(&line)).length > 0) {
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
	found.usual = found.count >= PMT_USUAL_COLUMNS &&
		memcmp(found.column, found.kind == PMT_LOG_REFERENCE ?
		       pmt_usual_reference : pmt_usual_profile,
		       PMT_USUAL_COLUMNS) == 0;
	*header = found;
	return 0;
}
