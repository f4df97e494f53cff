/* SPDX-License-Identifier: MIT */
#include <config.h>

#include "report/recorders.h"

#include "report/bookrecorder.h"
#include "report/summary.h"
#include "write/compactlog.h"
#include "write/nolog.h"
#include "write/textlog.h"

static pmt_recorder_open *const recorders[] = {
	[PMT_ENCODING_TEXT] = pmt_textlog_open,
	[PMT_ENCODING_COMPACT] = pmt_compactlog_open,
	[PMT_ENCODING_SUMMARY] = pmt_summary_open,
	[PMT_ENCODING_NONE] = pmt_nolog_open,
	[PMT_ENCODING_BOOKS] = pmt_books_open,
};

pmt_recorder_open *
pmt_recorder_of(enum pmt_encoding encoding)
{
	return recorders[encoding];
}
