/* SPDX-License-Identifier: MIT */
/* compactread.h - the rows of a compact log, block by block. */
#ifndef PMT_COMPACTREAD_H
#define PMT_COMPACTREAD_H

#include "base/common.h"
#include "log/event.h"
#include "log/sites.h"
#include "read/input.h"

struct pmt_compactread;

/* Does INPUT begin as a compact log does?  Needs 8 bytes of it. */
bool pmt_compactread_is(const struct pmt_input *input);

/*
 * Read the header of the compact log that INPUT is at.  INPUT and SITES are
 * borrowed.  Returns 0, -EPROTONOSUPPORT (of a version to come), -EBADMSG (cut
 * or damaged), or -errno.
 */
int pmt_compactread_open(struct pmt_input *input, struct pmt_sites *sites,
			 struct pmt_compactread **out) PMT_MUST_CHECK;
void pmt_compactread_close(struct pmt_compactread *reader);

/* As pmt_log_next(). */
int pmt_compactread_next(struct pmt_compactread *reader,
			 struct pmt_event *event) PMT_MUST_CHECK;

/*
 * Those of the next ROOM rows that are quickly read; 0 says nothing about what
 * comes.
 */
size_t pmt_compactread_quickly(struct pmt_compactread *reader,
			       struct pmt_event *events, size_t room)
	PMT_MUST_CHECK;

/* Was the record of its end read? */
bool pmt_compactread_ended(const struct pmt_compactread *reader);

/* 'O', 'P' or 'T'. */
char pmt_compactread_kind(const struct pmt_compactread *reader);

/* Of its rows: bits of enum pmt_log_column. */
unsigned int pmt_compactread_columns(const struct pmt_compactread *reader);

/* The opening message, without the newline at its end. */
struct pmt_text pmt_compactread_message(const struct pmt_compactread *reader);

#endif
