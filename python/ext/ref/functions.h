/* SPDX-License-Identifier: MIT */
/* functions.h - what can the module tell of the innermost reference tracing? */
#ifndef PMT_REF_FUNCTIONS_H
#define PMT_REF_FUNCTIONS_H

#include "module/compat.h"

/* For PyModule_AddFunctions(). */
extern PyMethodDef ref_functions[];

#endif
