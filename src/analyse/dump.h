/* SPDX-License-Identifier: MIT */
/* dump.h - which text does a log, compact or not, stand for? */
#ifndef ANALYSE_DUMP_H
#define ANALYSE_DUMP_H

#include <stdbool.h>

#include "analyse/reading.h"

/*
 * Print the rest of the log.  Returns false when it was not all there, or,
 * after a message, when it could not be written.
 */
bool dump_log(struct reading *reading);

/*
 * The same of a log of allocations, which has no text of its own: an event a
 * line, with its innermost place.
 */
bool dump_allocations(struct reading *reading);

#endif
