/* SPDX-License-Identifier: MIT */
/* What the module offers of the heap. */
#include <config.h>

#include "heap/aside.h"
#include "heap/askers.h"
#include "heap/bytypes.h"
#include "heap/snapshot.h"
#include "module/pmtmodule.h"

static PyMethodDef functions[] = {
	{ "_aside_begin", heap_aside_begin, METH_NOARGS, heap_aside_begin_doc },
	{ "_aside_end", heap_aside_end, METH_NOARGS, heap_aside_end_doc },
	{ "_heap_note", heap_note, METH_O, heap_note_doc },
	{ "_heap_timer", heap_timer, METH_VARARGS, heap_timer_doc },
	{ "_holders_begin", (PyCFunction)(void (*)(void))heap_holders_begin,
	  METH_FASTCALL, heap_holders_begin_doc },
	{ "_holders_take", heap_holders_take, METH_NOARGS,
	  heap_holders_take_doc },
	{ "_holders_wait", heap_holders_wait, METH_O, heap_holders_wait_doc },
	{ "heap_snapshot", (PyCFunction)(void (*)(void))heap_snapshot,
	  METH_VARARGS | METH_KEYWORDS, heap_snapshot_doc },
	{ "holders", heap_holders, METH_O, heap_holders_doc },
	{ NULL, NULL, 0, NULL },
};

int
heap_exec(PyObject *module)
{
	if (heap_holders_init(module) < 0)
		return -1;
	return PyModule_AddFunctions(module, functions);
}
