/* SPDX-License-Identifier: MIT */
/* level.h - how grave is a message?  The numbers of Python's logging. */
#ifndef ANALYSE_LEVEL_H
#define ANALYSE_LEVEL_H

enum level {
	LEVEL_DEBUG = 10,
	LEVEL_INFO = 20,
	LEVEL_WARNING = 30,
	LEVEL_ERROR = 40,
	LEVEL_CRITICAL = 50,
};

#endif
