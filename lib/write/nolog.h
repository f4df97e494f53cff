/* SPDX-License-Identifier: MIT */
/* nolog.h - what takes a log's place where only probes are to tell? */
#ifndef PMT_NOLOG_H
#define PMT_NOLOG_H

#include "write/recorder.h"

/* Nothing is kept, and no file is made. */
pmt_recorder_open pmt_nolog_open;

#endif
