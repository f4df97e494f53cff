/* SPDX-License-Identifier: MIT */
/* debugmallocstats.h - what does sys._debugmallocstats() print? */
#ifndef PMT_DEBUGMALLOCSTATS_H
#define PMT_DEBUGMALLOCSTATS_H

#include <Python.h>

/*
 * The function _pmt.debugmallocstats() of the module: bytes, the text of this
 * thread's sys._debugmallocstats().  Nothing that others print meanwhile is in
 * it, or lost.  Raises OSError with ENOSYS where base/capture.h cannot serve.
 */
PyObject *pmt_debugmallocstats(PyObject *module, PyObject *unused);

extern const char pmt_debugmallocstats_doc[];

#endif
