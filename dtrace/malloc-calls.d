/* SPDX-License-Identifier: MIT */
/*
 * malloc-calls - the same as malloc-flow with the calls and returns of Python
 * functions.  See pmt-dtrace(7).
 */
#define PYTHON_CALL_STACK
#include "malloc-flow.d"
