/* SPDX-License-Identifier: MIT */
#include <config.h>

#define Py_BUILD_CORE 1
#include <Python.h>
#include <frameobject.h>

#include <stddef.h>

#include "alloc/layout.h"
#include "attach/layout.h"

#if PY_VERSION_HEX >= 0x03090000
#include <internal/pycore_interp.h>
#include <internal/pycore_runtime.h>
#else
#include <internal/pycore_pystate.h>
#endif
#if PY_VERSION_HEX >= 0x030d0000
#include <internal/pycore_ceval.h>
#endif
#if PY_VERSION_HEX >= 0x030e0000
#include <internal/pycore_interpframe.h>
#elif PY_VERSION_HEX >= 0x030b0000
#include <internal/pycore_frame.h>
#endif

#if PY_VERSION_HEX < 0x030b0000
typedef PyFrameObject frame;
#define PREVIOUS f_back
#define INSTRUCTION f_lasti
#elif PY_VERSION_HEX < 0x030d0000
typedef _PyInterpreterFrame frame;
#define PREVIOUS previous
#define INSTRUCTION prev_instr
#else
typedef _PyInterpreterFrame frame;
#define PREVIOUS previous
#define INSTRUCTION instr_ptr
#endif

#define CHECK(path, type, part) \
	{ offsetof(_Py_DebugOffsets, path), offsetof(type, part) }

/* Without the GIL threads have instructions of their own: not known yet. */
#ifndef Py_GIL_DISABLED
PMT_LAYOUT_ROW static const struct pmt_layout row = {
	.version = PY_VERSION_HEX >> 16,
#if PY_VERSION_HEX < 0x030b0000
	.thread_frame = offsetof(PyThreadState, frame),
	.cframe_frame = -1,
#elif PY_VERSION_HEX < 0x030d0000
	.thread_frame = offsetof(PyThreadState, cframe),
	.cframe_frame = offsetof(_PyCFrame, current_frame),
#else
	.thread_frame = offsetof(PyThreadState, current_frame),
	.cframe_frame = -1,
#endif
#if PY_VERSION_HEX < 0x030d0000
	.frame_code = offsetof(frame, f_code),
#else
	.frame_code = offsetof(frame, f_executable),
#endif
	.frame_previous = offsetof(frame, PREVIOUS),
	.frame_instruction = offsetof(frame, INSTRUCTION),
#if PY_VERSION_HEX < 0x030b0000
	.lines = PY_VERSION_HEX < 0x030a0000 ? PMT_LINES_NOTAB
					     : PMT_LINES_PAIRS,
	.instruction_size = PY_VERSION_HEX < 0x030a0000 ? 1 : 2,
	.frame_owner = -1,
	.code_size = sizeof(PyCodeObject),
	.code_name = offsetof(PyCodeObject, co_name),
	.code_instructions = -1,
#else
	.lines = PMT_LINES_LOCATIONS,
	.frame_owner = offsetof(frame, owner),
	.code_size = offsetof(PyCodeObject, co_code_adaptive),
	.code_name = offsetof(PyCodeObject, co_qualname),
	.code_instructions = offsetof(PyCodeObject, co_code_adaptive),
#endif
#if PY_VERSION_HEX < 0x030a0000
	.code_lines = offsetof(PyCodeObject, co_lnotab),
#else
	.code_lines = offsetof(PyCodeObject, co_linetable),
#endif
#if PY_VERSION_HEX >= 0x030b0000 && PY_VERSION_HEX < 0x030c0000
	.frame_entry = offsetof(frame, is_entry),
#else
	.frame_entry = -1,
#endif
	.code_file = offsetof(PyCodeObject, co_filename),
	.code_first_line = offsetof(PyCodeObject, co_firstlineno),
	.object_type = offsetof(PyObject, ob_type),
	.type_basicsize = offsetof(PyTypeObject, tp_basicsize),
	.type_dealloc = offsetof(PyTypeObject, tp_dealloc),
	.bytes_size = offsetof(PyVarObject, ob_size),
	.bytes_data = offsetof(PyBytesObject, ob_sval),
	.text_length = offsetof(PyASCIIObject, length),
	.text_state = offsetof(PyASCIIObject, state),
	.text_ascii = sizeof(PyASCIIObject),
	.text_compact = sizeof(PyCompactUnicodeObject),
#if PY_VERSION_HEX >= 0x030d0000
	.checks = {
		CHECK(thread_state.current_frame, PyThreadState, current_frame),
		CHECK(interpreter_frame.previous, frame, previous),
		CHECK(interpreter_frame.executable, frame, f_executable),
		CHECK(interpreter_frame.instr_ptr, frame, instr_ptr),
		CHECK(interpreter_frame.owner, frame, owner),
		CHECK(code_object.filename, PyCodeObject, co_filename),
		CHECK(code_object.qualname, PyCodeObject, co_qualname),
		CHECK(code_object.firstlineno, PyCodeObject, co_firstlineno),
		CHECK(code_object.linetable, PyCodeObject, co_linetable),
		CHECK(code_object.co_code_adaptive, PyCodeObject,
		      co_code_adaptive),
		CHECK(pyobject.ob_type, PyObject, ob_type),
	},
#endif
};
#endif

#if PY_VERSION_HEX >= 0x030d0000
#define CALLS_LOCK mutex
#define CALLS_LAST next
#define CALLS_TO_DO npending
#else
#define CALLS_LOCK lock
#define CALLS_LAST last
#define CALLS_TO_DO calls_to_do
#endif
#if PY_VERSION_HEX >= 0x03090000
#define FINALIZING _finalizing
#else
#define FINALIZING finalizing
#endif
#if PY_VERSION_HEX >= 0x030b0000
#define THREADS threads.head
#else
#define THREADS tstate_head
#endif
#define CALLS_PART(part) offsetof(struct _pending_calls, part)
#define CALL_SIZE sizeof(((struct _pending_calls *)0)->calls[0])
#define REMOTE(part) offsetof(_Py_DebugOffsets, debugger_support.part)

PMT_ATTACH_LAYOUT_ROW static const struct pmt_attach_layout attach_row = {
	.version = PY_VERSION_HEX >> 16,
#ifdef Py_GIL_DISABLED
	.free_threaded = 1,
#endif
	.core_initialized = offsetof(_PyRuntimeState, core_initialized),
	.initialized = offsetof(_PyRuntimeState, initialized),
	.finalizing = offsetof(_PyRuntimeState, FINALIZING),
	.main_interpreter = offsetof(_PyRuntimeState, interpreters.main),
	.main_thread = offsetof(_PyRuntimeState, main_thread),
	.id = offsetof(PyInterpreterState, id),
	.threads = offsetof(PyInterpreterState, THREADS),
	.next = offsetof(PyThreadState, next),
	.thread_id = offsetof(PyThreadState, thread_id),
#if PY_VERSION_HEX < 0x030b0000
	.frame = offsetof(PyThreadState, frame),
	.cframe_frame = -1,
#elif PY_VERSION_HEX < 0x030d0000
	.frame = offsetof(PyThreadState, cframe),
	.cframe_frame = offsetof(_PyCFrame, current_frame),
#else
	.frame = offsetof(PyThreadState, current_frame),
	.cframe_frame = -1,
#endif
#if PY_VERSION_HEX >= 0x03090000 && PY_VERSION_HEX < 0x030c0000
	.current = offsetof(_PyRuntimeState, gilstate.tstate_current),
#else
	.current = -1,
#endif
#if PY_VERSION_HEX < 0x03090000
	.breaker_base = PMT_IN_RUNTIME,
	.breaker = offsetof(_PyRuntimeState, ceval.eval_breaker),
#elif PY_VERSION_HEX < 0x030d0000
	.breaker_base = PMT_IN_INTERPRETER,
	.breaker = offsetof(PyInterpreterState, ceval.eval_breaker),
#else
	.breaker_base = PMT_IN_THREAD,
	.breaker = offsetof(PyThreadState, eval_breaker),
#endif
#if PY_VERSION_HEX < 0x030d0000
	.breaker_size = 4,
	.breaker_bit = 1,
#elif PY_VERSION_HEX < 0x030e0000
	.breaker_size = 8,
	.breaker_bit = _PY_CALLS_TO_DO_BIT,
#else
	.breaker_size = 8,
	.breaker_bit = _PY_EVAL_PLEASE_STOP_BIT | _PY_CALLS_TO_DO_BIT,
#endif
#if PY_VERSION_HEX < 0x03090000
	.pending_base = PMT_IN_RUNTIME,
	.pending = offsetof(_PyRuntimeState, ceval.pending),
#elif PY_VERSION_HEX < 0x030c0000
	.pending_base = PMT_IN_INTERPRETER,
	.pending = offsetof(PyInterpreterState, ceval.pending),
#else
	.pending_base = PMT_IN_RUNTIME,
	.pending = offsetof(_PyRuntimeState, ceval.pending_mainthread),
#endif
#if PY_VERSION_HEX < 0x03090000
	.finishing = CALLS_PART(finishing),
#else
	.finishing = -1,
#endif
	.lock = CALLS_PART(CALLS_LOCK),
	.lock_size = sizeof(((struct _pending_calls *)0)->CALLS_LOCK),
	.to_do = CALLS_PART(CALLS_TO_DO),
	.calls = CALLS_PART(calls),
	.call_size = CALL_SIZE,
	.call_count = sizeof(((struct _pending_calls *)0)->calls) / CALL_SIZE,
	.first = CALLS_PART(first),
	.last = CALLS_PART(CALLS_LAST),
#if PY_VERSION_HEX >= 0x030b0000 && PY_VERSION_HEX < 0x030c0000
	.async = CALLS_PART(async_exc),
	.signals = offsetof(_PyRuntimeState, ceval.signals_pending),
	.drop_request = offsetof(PyInterpreterState, ceval.gil_drop_request),
#else
	.async = -1,
#endif
#if PY_VERSION_HEX < 0x030e0000
	.path_size = -1,
#else
	.enabled = REMOTE(remote_debugging_enabled),
	.support = REMOTE(remote_debugger_support),
	.asked = REMOTE(debugger_pending_call),
	.path = REMOTE(debugger_script_path),
	.path_size = _Py_MAX_SCRIPT_PATH_SIZE,
#endif
};
