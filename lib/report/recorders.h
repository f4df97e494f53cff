/* SPDX-License-Identifier: MIT */
/* recorders.h - who writes a log in this encoding? */
#ifndef PMT_RECORDERS_H
#define PMT_RECORDERS_H

#include "log/encoding.h"
#include "write/recorder.h"

pmt_recorder_open *pmt_recorder_of(enum pmt_encoding encoding);

#endif
