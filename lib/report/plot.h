/* SPDX-License-Identifier: MIT */
/* plot.h - have gnuplot draw. */
#ifndef PMT_PLOT_H
#define PMT_PLOT_H

#include <stddef.h>

#include "base/common.h"

/*
 * Copy TEXT so that it is safe as a file name and between single quotes of a
 * script: letters, digits, dot, dash and underscore stay, all else becomes an
 * underscore.  What does not fit into SIZE bytes is left out.
 */
void pmt_plot_name(const char *text, char *out, size_t size);

/*
 * Write TEXT as one field of a data file whose fields are set apart by tabs:
 * in double quotes, without those, and without characters that steer.  Gnuplot
 * takes it as text and nothing else.  OUT holds strlen(TEXT) + 3 bytes.
 */
void pmt_plot_field(const char *text, char *out);

/*
 * Run gnuplot on SCRIPT in DIRECTORY and wait; its messages go to standard
 * error.  Returns 0 or -errno: -ENOENT, there is no gnuplot to be found;
 * -EIO, it failed.
 */
int pmt_plot_run(const char *directory, const char *script) PMT_MUST_CHECK;

#endif
