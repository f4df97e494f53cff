/* SPDX-License-Identifier: MIT */
/*
 * malloc-calls - the same as malloc-flow with the calls and returns of Python
 * functions: function-entry, function-return, malloc-site and free-site.
 */
#define PYTHON_CALL_STACK
#include "malloc-flow.d"
