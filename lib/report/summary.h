/* SPDX-License-Identifier: MIT */
/* summary.h - what leaks, told without a log of every event? */
#ifndef PMT_SUMMARY_H
#define PMT_SUMMARY_H

#include "base/common.h"
#include "write/recorder.h"

/*
 * A recorder of objects that keeps the books that pmt-analyse would make of a
 * reference log (leaks.h) in memory, and writes its report of them to a file at
 * each flush, if there is anything new to tell.  Memory grows with the objects
 * alive, and with the distinct names and places.
 *
 * A regular file is replaced as a whole: whoever reads it sees one report or
 * the next, and one that cannot be written leaves the one before.  To a pipe
 * or device one report is written after the other.
 *
 * Of the columns only the size is used; of the notes the first MSG, in which
 * the tracer speaks of itself, and the last ERR are kept, others only counted.
 * There is no limit to a summary, and nothing is put at its end.
 */
pmt_recorder_open pmt_summary_open PMT_MUST_CHECK;

#endif
