/* SPDX-License-Identifier: MIT */
/* leaksfixture.h - books on live objects, new for each test. */
#ifndef PMT_LEAKSFIXTURE_H
#define PMT_LEAKSFIXTURE_H

#include "books/leakgroups.h"

static struct pmt_sites *sites;
static struct pmt_leaks *leaks;

static int
set_up(void **state)
{
	(void)state;
	sites = pmt_sites_new();
	leaks = pmt_leaks_new(0, false);
	return sites == NULL || leaks == NULL;
}

static int
tear_down(void **state)
{
	(void)state;
	pmt_sites_free(sites);
	pmt_leaks_free(leaks);
	return 0;
}

#endif
