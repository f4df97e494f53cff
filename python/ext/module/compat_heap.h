/* SPDX-License-Identifier: MIT */
/* compat_heap.h - where does each version of CPython keep its objects? */
#ifndef PMT_COMPAT_HEAP_H
#define PMT_COMPAT_HEAP_H

#include "module/compat.h"

/* What follows was compared with these headers, and with no others. */
#define COMPAT_HEAP \
	(PY_VERSION_HEX >= 0x03080000 && PY_VERSION_HEX < 0x03100000)

#if COMPAT_HEAP

#include <structmember.h>

#if PY_VERSION_HEX >= 0x03090000
#include <internal/pycore_interp.h>
#else
#include <internal/pycore_pymem.h>
#include <internal/pycore_pystate.h>
#endif
#if PY_VERSION_HEX >= 0x030b0000
#include <internal/pycore_dict.h>
#include <internal/pycore_frame.h>
#include <internal/pycore_object.h>
#endif
#if PY_VERSION_HEX >= 0x030e0000
#include <internal/pycore_genobject.h>
#endif
#undef mod

/* What a function below found; NAME says where, NULL says nothing. */
typedef void compat_visit(PyObject *object, const char *name, void *arg);

#if PY_VERSION_HEX >= 0x03090000
#define compat_gc(interp) (&(interp)->gc)
#else
#define compat_gc(interp) ((void)(interp), &_PyRuntime.gc)
#endif

#if COMPAT_FREE_THREADED

/*
 * Without the GIL there are no lists: mimalloc is asked.  Call VISIT with each
 * tracked object while no other thread of Python's runs, until it returns 0.
 */
static inline void
compat_visit_tracked(int (*visit)(PyObject *object, void *arg), void *arg)
{
	PyUnstable_GC_VisitObjects(visit, arg);
}

#else

/* Generations, with that of gc.freeze(), which is the last. */
enum { COMPAT_GENERATIONS = NUM_GENERATIONS + 1 };

static inline const PyGC_Head *
compat_generation(PyInterpreterState *interp, int i)
{
	const struct gc_generation *last =
		&compat_gc(interp)->permanent_generation;

#if PY_VERSION_HEX >= 0x030e0000
	/* The first releases of 3.14 call those before it young and old[2]. */
	return &(last - NUM_GENERATIONS + i)->head;
#else
	return i == NUM_GENERATIONS ? &last->head
				    : &compat_gc(interp)->generations[i].head;
#endif
}

static inline const PyGC_Head *
compat_gc_next(const PyGC_Head *head)
{
	/* The lowest bits are flags while the collector works. */
	return (const PyGC_Head *)(head->_gc_next & ~(uintptr_t)3);
}

static inline PyObject *
compat_from_gc(const PyGC_Head *head)
{
	return (PyObject *)((uintptr_t)head + sizeof(PyGC_Head));
}

#endif

/* Does OBJECT live for ever, or is not each reference to it counted? */
static inline bool
compat_is_uncounted(PyObject *object)
{
#if COMPAT_FREE_THREADED
	if (_PyObject_HasDeferredRefcount(object))
		return true;
#endif
#if PY_VERSION_HEX >= 0x030c0000
	return _Py_IsImmortal(object);
#else
	(void)object;
	return false;
#endif
}

/* The dict of a type, borrowed; those built in keep it elsewhere since 3.12. */
static inline PyObject *
compat_type_dict(PyTypeObject *type)
{
#if PY_VERSION_HEX >= 0x030c0000
	PyObject *dict = PyType_GetDict(type);

	Py_XDECREF(dict);
	return dict;
#else
	return type->tp_dict;
#endif
}

/* Legacy strings of old extensions may not be, before 3.12. */
static inline bool
compat_is_ready(PyObject *text)
{
#if PY_VERSION_HEX >= 0x030c0000
	(void)text;
	return true;
#else
	return PyUnicode_IS_READY(text);
#endif
}

/* May a traversal leave out the type of an instance of a heap type? */
#define COMPAT_TYPE_NOT_VISITED (PY_VERSION_HEX < 0x03090000)

static inline void
compat_code_parts(PyCodeObject *code, compat_visit *visit, void *arg)
{
	visit(code->co_consts, "co_consts", arg);
	visit(code->co_names, "co_names", arg);
	visit(code->co_filename, "co_filename", arg);
	visit(code->co_name, "co_name", arg);
#if PY_VERSION_HEX >= 0x030b0000
	visit(code->co_qualname, "co_qualname", arg);
	visit(code->co_linetable, "co_linetable", arg);
	visit(code->co_exceptiontable, "co_exceptiontable", arg);
	visit(code->co_localsplusnames, "co_varnames", arg);
	visit(code->co_localspluskinds, NULL, arg);
#else
	visit(code->co_varnames, "co_varnames", arg);
	visit(code->co_freevars, "co_freevars", arg);
	visit(code->co_cellvars, "co_cellvars", arg);
	visit(code->co_code, "co_code", arg);
#if PY_VERSION_HEX >= 0x030a0000
	visit(code->co_linetable, "co_linetable", arg);
#else
	visit(code->co_lnotab, "co_lnotab", arg);
#endif
#endif
#if PY_VERSION_HEX >= 0x030c0000
	if (code->_co_cached != NULL) {
		visit(code->_co_cached->_co_code, "co_code", arg);
		visit(code->_co_cached->_co_varnames, "co_varnames", arg);
		visit(code->_co_cached->_co_cellvars, "co_cellvars", arg);
		visit(code->_co_cached->_co_freevars, "co_freevars", arg);
	}
#endif
}

static inline void
compat_codec_parts(PyInterpreterState *interp, compat_visit *visit, void *arg)
{
#if PY_VERSION_HEX >= 0x030d0000
	visit(interp->codecs.search_path, "codec search functions", arg);
	visit(interp->codecs.search_cache, "codecs", arg);
	visit(interp->codecs.error_registry, "codec error handlers", arg);
#else
	visit(interp->codec_search_path, "codec search functions", arg);
	visit(interp->codec_search_cache, "codecs", arg);
	visit(interp->codec_error_registry, "codec error handlers", arg);
#endif
}

/* Before 3.10 the module atexit itself shows what was registered. */
static inline void
compat_atexit_parts(PyInterpreterState *interp, compat_visit *visit, void *arg)
{
#if PY_VERSION_HEX >= 0x030e0000
	visit(interp->atexit.callbacks, "atexit", arg);
#elif PY_VERSION_HEX >= 0x030a0000
	for (int i = 0; i < interp->atexit.ncallbacks; i++) {
		if (interp->atexit.callbacks[i] == NULL)
			continue;
		visit(interp->atexit.callbacks[i]->func, "atexit", arg);
		visit(interp->atexit.callbacks[i]->args, "atexit", arg);
		visit(interp->atexit.callbacks[i]->kwargs, "atexit", arg);
	}
#else
	(void)interp;
	(void)visit;
	(void)arg;
#endif
}

/* References of the interpreter itself. */
static inline void
compat_interpreter_parts(PyInterpreterState *interp, compat_visit *visit,
			 void *arg)
{
#if PY_VERSION_HEX >= 0x030c0000
	visit(interp->imports.modules, "sys.modules", arg);
	visit(interp->imports.modules_by_index, "modules", arg);
	visit(interp->imports.importlib, "importlib", arg);
	visit(interp->imports.import_func, "__import__", arg);
	visit(interp->sysdict_copy, "sys as it was", arg);
#if PY_VERSION_HEX >= 0x030f0000
	visit(interp->imports.lazy_import_func, "__lazy_import__", arg);
	visit(interp->imports.lazy_imports_filter, "lazy imports", arg);
	visit(interp->imports.lazy_modules, "lazy imports", arg);
	visit(interp->imports.lazy_pending_submodules, "lazy imports", arg);
#endif
#else
	visit(interp->modules, "sys.modules", arg);
	visit(interp->modules_by_index, "modules", arg);
	visit(interp->importlib, "importlib", arg);
	visit(interp->import_func, "__import__", arg);
#endif
	visit(interp->sysdict, "sys", arg);
	visit(interp->builtins, "builtins", arg);
	visit(interp->builtins_copy, "builtins as it was", arg);
	visit(interp->dict, "the interpreter's dict", arg);
	visit(interp->before_forkers, "os.register_at_fork", arg);
	visit(interp->after_forkers_parent, "os.register_at_fork", arg);
	visit(interp->after_forkers_child, "os.register_at_fork", arg);
	visit(interp->audit_hooks, "audit hooks", arg);
	visit(compat_gc(interp)->garbage, "gc.garbage", arg);
	visit(compat_gc(interp)->callbacks, "gc.callbacks", arg);
	compat_codec_parts(interp, visit, arg);
	compat_atexit_parts(interp, visit, arg);
}

/* References of a thread, but for those of its frames. */
static inline void
compat_thread_parts(PyThreadState *tstate, compat_visit *visit, void *arg)
{
	visit(tstate->dict, "thread-local storage", arg);
	visit(tstate->context, "context variables", arg);
	visit(tstate->c_profileobj, "the profile function", arg);
	visit(tstate->c_traceobj, "the trace function", arg);
	visit(tstate->async_exc, "an exception to come", arg);
	visit(tstate->async_gen_firstiter, "asyncgen hooks", arg);
	visit(tstate->async_gen_finalizer, "asyncgen hooks", arg);
	visit(tstate->exc_state.exc_value, "the exception being handled", arg);
#if PY_VERSION_HEX < 0x030b0000
	visit(tstate->exc_state.exc_type, NULL, arg);
	visit(tstate->exc_state.exc_traceback, "the exception being handled",
	      arg);
#endif
#if PY_VERSION_HEX >= 0x030c0000
	visit(tstate->current_exception, "an exception on its way", arg);
#else
	visit(tstate->curexc_type, NULL, arg);
	visit(tstate->curexc_value, "an exception on its way", arg);
	visit(tstate->curexc_traceback, "an exception on its way", arg);
#endif
}

#endif

#endif
