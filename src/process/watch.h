/* SPDX-License-Identifier: MIT */
/* watch.h - pmt-process as a recorder. */
#ifndef PMT_PROCESS_WATCH_H
#define PMT_PROCESS_WATCH_H

#include "process/options.h"

/* Record until the process ends or we are told to stop: an exit status. */
int process_watch(const struct process_arguments *arguments);

#endif
