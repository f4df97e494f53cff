/* SPDX-License-Identifier: MIT */
/* jsonvalues.h - JSON of what is in logs, or the end of the program. */
#ifndef ANALYSE_JSONVALUES_H
#define ANALYSE_JSONVALUES_H

#include <jansson.h>

#include "base/text.h"

/* Add a member, whose reference is taken; ends the program without memory. */
void json_set(json_t *object, const char *key, json_t *value);

/* Text of a log; bytes that are no UTF-8 are taken for Latin-1. */
json_t *json_text(struct pmt_text text);

/* The nearest number that JSON has, which knows no infinity. */
double json_bounded(double number);

#endif
