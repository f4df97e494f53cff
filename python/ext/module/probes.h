/* SPDX-License-Identifier: MIT */
/* probes.h - what do the probes of the extension tell, and who hears them? */
#ifndef PMT_PROBES_H
#define PMT_PROBES_H

#include "base/probe.h"
#include "log/row.h"
#include "log/what.h"
#include "module/compat.h"

/*
 * Probes of the provider pmt, see pmt-dtrace(7).  Their strings end with NUL
 * and hold until the probe has fired.  Whoever fires one guards events, by
 * the GIL or the event lock.
 */
PMT_PROBE_DECLARE(function__entry, PMT_HIDDEN);
PMT_PROBE_DECLARE(function__return, PMT_HIDDEN);
PMT_PROBE_DECLARE(rss__change, PMT_HIDDEN);
PMT_PROBE_DECLARE(object__new, PMT_HIDDEN);
PMT_PROBE_DECLARE(object__del, PMT_HIDDEN);

/* For the inline functions below: somebody listens. */
void probes_tell_function(bool entry, const struct pmt_place *place);
void probes_tell_rss(uint64_t rss);
void probes_tell_object(const struct pmt_reference_event *event);

/* Does anybody hear of functions or RSS? */
static inline bool
probes_heard(void)
{
	return pmt_probe_heard(function__entry) ||
	       pmt_probe_heard(function__return) ||
	       pmt_probe_heard(rss__change);
}

static inline bool
probes_rss_heard(void)
{
	return pmt_probe_heard(rss__change);
}

/* Python code begins or ends to run, if WHAT is that. */
static inline void
probes_function(enum pmt_what what, const struct pmt_place *place)
{
	if (what == PMT_WHAT_CALL && pmt_probe_heard(function__entry))
		probes_tell_function(true, place);
	else if (what == PMT_WHAT_RETURN && pmt_probe_heard(function__return))
		probes_tell_function(false, place);
}

/* RSS in bytes, at every event; the probe fires when it has changed. */
static inline void
probes_rss(uint64_t rss)
{
	if (pmt_probe_heard(rss__change))
		probes_tell_rss(rss);
}

/* The row of an object, made or destroyed. */
static inline void
probes_object(const struct pmt_reference_event *event)
{
	if (pmt_probe_heard(object__new) || pmt_probe_heard(object__del))
		probes_tell_object(event);
}

/*
 * _probe_heard(name): True if somebody listens to that probe, here or in the
 * library of pmt-run -a; None if there is no such probe.
 */
PyObject *probes_probe_heard(PyObject *module, PyObject *name);
extern const char probes_probe_heard_doc[] PMT_HIDDEN;

#endif
