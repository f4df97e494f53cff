/* SPDX-License-Identifier: MIT */
#include <config.h>

#include "module/codemap.h"

#include "module/threads.h"

struct code_maps code_maps;

static void (*drop_value)(void *);

static void
forget(PyInterpreterState *interp, const void *code)
{
	void *value;

	events_lock();
	value = pmt_pointermap_remove(code_map_of(interp), code);
	if (value != NULL)
		drop_value(value);
	events_unlock();
}

#if COMPAT_CODE_WATCHERS

/*
 * Code that is made may lie where another died unseen, at the end of an
 * interpreter.
 */
static int
on_code(PyCodeEvent Py_UNUSED(event), PyCodeObject *code)
{
	forget(PyInterpreterState_Get(), code);
	return 0;
}

static bool
watch_code(PyInterpreterState *interp)
{
	return compat_watches_code(interp, on_code);
}

#else

static destructor destroy_code;

static void
on_destruction(PyObject *code)
{
	forget(code_maps.main, code);
	destroy_code(code);
}

/* All interpreters share the type. */
static bool
watch_code(PyInterpreterState *Py_UNUSED(interp))
{
	if (destroy_code == NULL) {
		destroy_code = PyCode_Type.tp_dealloc;
		PyCode_Type.tp_dealloc = on_destruction;
	}
	return true;
}

#endif

int
code_map_init(void (*drop)(void *))
{
	if (drop_value != NULL)
		return 0;
	code_maps.main = PyInterpreterState_Main();
	if (!watch_code(code_maps.main)) {
		PyErr_SetString(PyExc_RuntimeError, "no code watcher is free: "
				"other tools hold all of them");
		return -1;
	}
	if (pmt_pointermap_init(&code_maps.of_main) < 0 ||
	    pmt_pointermap_init(&code_maps.of_others) < 0) {
		PyErr_NoMemory();
		return -1;
	}
	drop_value = drop;
	return 0;
}

int
code_map_put(PyInterpreterState *interp, PyCodeObject *code, void *value)
{
	if (!watch_code(interp))
		return -1;
	return pmt_pointermap_put(code_map_of(interp), code, value);
}
