/* SPDX-License-Identifier: MIT */
#include <config.h>
#include <Python.h>
#include "common.h"
static struct PyModuleDef def = { PyModuleDef_HEAD_INIT, "_pmt", NULL, 0, NULL };
PMT_PUBLIC PyMODINIT_FUNC PyInit__pmt(void);
PyMODINIT_FUNC PyInit__pmt(void) { return PyModuleDef_Init(&def); }
