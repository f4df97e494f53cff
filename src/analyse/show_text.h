/* SPDX-License-Identifier: MIT */
/* show_text.h - what stands above the tables of a text report? */
#ifndef ANALYSE_SHOW_TEXT_H
#define ANALYSE_SHOW_TEXT_H

#include "analyse/profile.h"
#include "analyse/reading.h"

/* The lines above the numbers: path, opening message. */
void show_text_heading(const struct reading *reading);

/* The RSS over time; nothing where it never changed. */
void show_text_chart(const struct reading *reading,
		     const struct profile *profile);

#endif
