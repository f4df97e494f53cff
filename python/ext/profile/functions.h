/* SPDX-License-Identifier: MIT */
/* functions.h - what can the module tell of the innermost block? */
#ifndef PMT_PROFILE_FUNCTIONS_H
#define PMT_PROFILE_FUNCTIONS_H

#include "module/compat.h"

/* For PyModule_AddFunctions(). */
extern PyMethodDef profiler_functions[];

#endif
