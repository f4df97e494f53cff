/* SPDX-License-Identifier: MIT */
#include <config.h>

#include "module/codeslot.h"

static void (*drop_value)(void *);

#if COMPAT_FREE_THREADED

#include "base/pointermap.h"
#include "module/threads.h"

static struct pmt_pointermap values;	/* by the code object's address */

static int
on_code(PyCodeEvent event, PyCodeObject *code)
{
	void *value;

	if (event != PY_CODE_EVENT_DESTROY)
		return 0;
	events_lock();
	value = pmt_pointermap_remove(&values, code);
	if (value != NULL)
		drop_value(value);
	events_unlock();
	return 0;
}

int
code_slot_init(void (*drop)(void *))
{
	if (drop_value != NULL)
		return 0;
	if (pmt_pointermap_init(&values) < 0) {
		PyErr_NoMemory();
		return -1;
	}
	if (PyCode_AddWatcher(on_code) < 0) {
		pmt_pointermap_fini(&values);
		return -1;
	}
	drop_value = drop;
	return 0;
}

bool
code_slot_is_there(PyInterpreterState *interp)
{
	return compat_watches_code(interp, on_code);
}

void *
code_slot_get(PyCodeObject *code)
{
	return pmt_pointermap_get(&values, code);
}

int
code_slot_set(PyCodeObject *code, void *value)
{
	return pmt_pointermap_put(&values, code, value);
}

#else

Py_ssize_t code_slot = -1;

/* CPython calls this for each slot of a code object, also if it is NULL. */
void
code_slot_free(void *value)
{
	if (value != NULL)
		drop_value(value);
}

int
code_slot_init(void (*drop)(void *))
{
	if (code_slot != -1)
		return 0;
	drop_value = drop;
	code_slot = compat_request_code_slot(code_slot_free);
	if (code_slot != -1)
		return 0;
	PyErr_SetString(PyExc_RuntimeError, "no code object slot is free: "
			"other tools hold all of them");
	return -1;
}

int
code_slot_set(PyCodeObject *code, void *value)
{
	return compat_set_code_slot(code, code_slot, value);
}

#endif
