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

#endif
