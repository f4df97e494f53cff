/* SPDX-License-Identifier: MIT */
/* begin.h - with which bytes does a file begin? */
#ifndef PMT_CLI_BEGIN_H
#define PMT_CLI_BEGIN_H

#include <stdbool.h>
#include <stddef.h>

#include "base/text.h"

/*
 * Only whoever reads it may open it: at the first close its writer is killed,
 * and the next open waits for another.
 */
bool cli_is_fifo(const char *path);

/*
 * The first bytes of the file PATH, as many as there are and fit into ROOM of
 * SIZE bytes, with a NUL behind them.  There are none of what cannot be read
 * twice, like a pipe, or not at all.
 */
struct pmt_text cli_begin(const char *path, char *room, size_t size);

#endif
