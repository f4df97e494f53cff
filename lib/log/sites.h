/* SPDX-License-Identifier: MIT */
/* sites.h - which names has a log used, and which places in code? */
#ifndef PMT_SITES_H
#define PMT_SITES_H

#include <stddef.h>
#include <stdint.h>

#include "base/common.h"
#include "base/text.h"

/*
 * Where an event happened, and to an object of which type.  The three names
 * are numbers that pmt_sites_name() turns into text; equal names have equal
 * numbers.  Logs without types have the empty name, number 0, for them.
 */
struct pmt_site {
	uint32_t type;
	uint32_t file;
	uint32_t function;
	uint32_t line;
};

/*
 * Every distinct name and site of one or several logs, each kept once and
 * numbered from 0.  It owns all text that it hands out, until it is freed.
 */
struct pmt_sites;

/* NULL when memory is short. */
struct pmt_sites *pmt_sites_new(void) PMT_MUST_CHECK;
void pmt_sites_free(struct pmt_sites *sites);

/*
 * The number of the site with these names, which are escaped as logs escape
 * them (escape.h).  Reads up to 7 bytes past a name's end, so names live in
 * buffers with that much to spare.  Returns 0 or -ENOMEM.
 */
int pmt_sites_find(struct pmt_sites *sites, struct pmt_text type,
		   struct pmt_text file, uint32_t line,
		   struct pmt_text function, uint32_t *site) PMT_MUST_CHECK;

/* Bytes of all this, the most that can be in memory. */
size_t pmt_sites_memory(const struct pmt_sites *sites);

/* How many sites there are, and each of them; valid until the next find. */
uint32_t pmt_sites_count(const struct pmt_sites *sites);
const struct pmt_site *pmt_sites_get(const struct pmt_sites *sites,
				     uint32_t site);

/* How many names there are, and the text of one, which ends in a NUL too. */
uint32_t pmt_sites_names(const struct pmt_sites *sites);
struct pmt_text pmt_sites_name(const struct pmt_sites *sites, uint32_t name);

#endif
