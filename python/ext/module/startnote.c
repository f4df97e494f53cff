/* SPDX-License-Identifier: MIT */
#include <config.h>

#include "module/compat.h"

#include "module/startnote.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/common.h"
#include "module/door.h"
#include "module/exitnote.h"
#include "module/forknote.h"
#include "module/threads.h"
#include "module/utf8.h"
#include "write/tracelog.h"

const char note_starts_doc[] =
"_note_starts(posix, posixsubprocess)\n\n"
"Have functions of these modules tell which programs they start, and have\n"
"posix._exit() note in open logs where memory is.";

enum door { FORK_EXEC, EXECV, EXECVE, SPAWN, SPAWNP, SYSTEM, EXIT, DOORS };

/* What was there, or NULL. */
static PyCFunction before[DOORS];

struct note {
	char text[NOTE_MAX + 1];
	size_t length;
};

static void
add(struct note *note, const char *text, size_t length)
{
	if (length > NOTE_MAX - note->length)
		length = NOTE_MAX - note->length;
	/* What a NUL ends is no argument of a program. */
	length = strnlen(text, length);
	memcpy(note->text + note->length, text, length);
	note->length += length;
	note->text[note->length] = '\0';
}

/* Of a str or bytes; of other paths nothing, for that takes Python code. */
static void
add_object(struct note *note, PyObject *object)
{
	size_t size;
	char *text;

	add(note, "\x1f", 1);
	if (PyBytes_Check(object)) {
		add(note, PyBytes_AS_STRING(object),
		    (size_t)PyBytes_GET_SIZE(object));
	} else if (PyUnicode_Check(object)) {
		text = utf8_from_str(object, &size);
		if (text != NULL)
			add(note, text, size);
		free(text);
	}
}

static void
add_arguments(struct note *note, PyObject *list)
{
	if (!PyList_Check(list) && !PyTuple_Check(list))
		return;
	for (Py_ssize_t i = 0; i < PySequence_Fast_GET_SIZE(list); i++)
		add_object(note, PySequence_Fast_GET_ITEM(list, i));
}

static void
tell(pid_t child, const char *how, PyObject *file, PyObject *arguments)
{
	struct note note = { .length = 0 };

	note.length = (size_t)snprintf(note.text, sizeof(note.text),
				       "started=%jd\x1f%s", (intmax_t)child,
				       how);
	add_object(&note, file);
	if (arguments != NULL)
		add_arguments(&note, arguments);
	note_on_board(note.text);
}

/* The file that will be run, of those to try; borrowed.  NULL: none can. */
static PyObject *
runnable(PyObject *files)
{
	if (!PyList_Check(files) && !PyTuple_Check(files))
		return NULL;
	for (Py_ssize_t i = 0; i < PySequence_Fast_GET_SIZE(files); i++) {
		PyObject *file = PySequence_Fast_GET_ITEM(files, i);

		if (!PyBytes_Check(file))
			return NULL;
		/* Others are looked for in the child's directory. */
		if (PyBytes_AS_STRING(file)[0] != '/' ||
		    access(PyBytes_AS_STRING(file), X_OK) == 0)
			return file;
	}
	return NULL;
}

static void
tell_child(PyObject *result, const char *how, PyObject *file,
	   PyObject *arguments)
{
	if (result != NULL && file != NULL && PyLong_CheckExact(result))
		tell((pid_t)PyLong_AsLong(result), how, file, arguments);
}

#if COMPAT_FORK_EXEC_TUPLE

static PyObject *
fork_exec(PyObject *self, PyObject *args)
{
	bool known = PyTuple_GET_SIZE(args) > 1;
	PyObject *file = known ? runnable(PyTuple_GET_ITEM(args, 1)) : NULL;
	PyObject *result = before[FORK_EXEC](self, args);

	tell_child(result, "subprocess", file,
		   known ? PyTuple_GET_ITEM(args, 0) : NULL);
	return result;
}

#define FORK_EXEC_FLAGS METH_VARARGS

#else

static PyObject *
fork_exec(PyObject *self, PyObject *const *args, Py_ssize_t count)
{
	PyObject *file = count > 1 ? runnable(args[1]) : NULL;
	PyObject *result = ((_PyCFunctionFast)(void (*)(void))
			    before[FORK_EXEC])(self, args, count);

	tell_child(result, "subprocess", file, count > 1 ? args[0] : NULL);
	return result;
}

#define FORK_EXEC_FLAGS METH_FASTCALL

#endif

static PyObject *
execv_door(PyObject *self, PyObject *const *args, Py_ssize_t count)
{
	PyObject *result;

	if (count > 1)
		tell(getpid(), "exec", args[0], args[1]);
	result = ((_PyCFunctionFast)(void (*)(void))before[EXECV])(self, args,
								   count);
	if (count > 1)
		note_on_board("unstarted=");
	return result;
}

/* Of those that take keywords; arguments given by name are not looked for. */
static PyObject *
pass_on(enum door door, PyObject *self, PyObject *const *args,
	Py_ssize_t count, PyObject *names)
{
	return ((_PyCFunctionFastWithKeywords)(void (*)(void))before[door])(
		self, args, count, names);
}

static PyObject *
execve_door(PyObject *self, PyObject *const *args, Py_ssize_t count,
	    PyObject *names)
{
	PyObject *result;

	if (count > 1)
		tell(getpid(), "exec", args[0], args[1]);
	result = pass_on(EXECVE, self, args, count, names);
	if (count > 1)
		note_on_board("unstarted=");
	return result;
}

static PyObject *
spawn(enum door door, PyObject *self, PyObject *const *args, Py_ssize_t count,
      PyObject *names)
{
	PyObject *result = pass_on(door, self, args, count, names);

	tell_child(result, "subprocess", count > 1 ? args[0] : NULL,
		   count > 1 ? args[1] : NULL);
	return result;
}

static PyObject *
spawn_door(PyObject *self, PyObject *const *args, Py_ssize_t count,
	   PyObject *names)
{
	return spawn(SPAWN, self, args, count, names);
}

static PyObject *
spawnp_door(PyObject *self, PyObject *const *args, Py_ssize_t count,
	    PyObject *names)
{
	return spawn(SPAWNP, self, args, count, names);
}

static PyObject *
system_door(PyObject *self, PyObject *const *args, Py_ssize_t count,
	    PyObject *names)
{
	if (count > 0)
		tell(0, "system", args[0], NULL);
	return pass_on(SYSTEM, self, args, count, names);
}

static PyObject *
exit_door(PyObject *self, PyObject *const *args, Py_ssize_t count,
	  PyObject *names)
{
	/* With wrong arguments it raises, and the program goes on. */
	if (names != NULL || (count == 1 && PyLong_Check(args[0]))) {
		exit_leave();
		events_lock();
		pmt_tracelog_leave();
		events_unlock();
	}
	return pass_on(EXIT, self, args, count, names);
}

#define FAST(function) (PyCFunction)(void (*)(void))(function)

static const struct {
	const char *name;
	PyCFunction function;
	int flags;
} doors[DOORS] = {
	[FORK_EXEC] = { "fork_exec", FAST(fork_exec), FORK_EXEC_FLAGS },
	[EXECV] = { "execv", FAST(execv_door), METH_FASTCALL },
	[EXECVE] = { "execve", FAST(execve_door),
		     METH_FASTCALL | METH_KEYWORDS },
	[SPAWN] = { "posix_spawn", FAST(spawn_door),
		    METH_FASTCALL | METH_KEYWORDS },
	[SPAWNP] = { "posix_spawnp", FAST(spawnp_door),
		     METH_FASTCALL | METH_KEYWORDS },
	[SYSTEM] = { "system", FAST(system_door),
		     METH_FASTCALL | METH_KEYWORDS },
	[EXIT] = { "_exit", FAST(exit_door), METH_FASTCALL | METH_KEYWORDS },
};

static void
replace(PyObject *function, enum door door)
{
	PyCFunction was = door_open(function, doors[door].flags,
				    doors[door].function);

	if (was != NULL)
		before[door] = was;
}

PyObject *
note_starts(PyObject *module, PyObject *args)
{
	PyObject *modules[2];

	(void)module;
	if (!PyArg_ParseTuple(args, "OO", &modules[0], &modules[1]))
		return NULL;
	for (int door = 0; door < DOORS; door++) {
		PyObject *function = PyObject_GetAttrString(
			modules[door == FORK_EXEC], doors[door].name);

		if (function == NULL) {
			PyErr_Clear();
			continue;
		}
		replace(function, (enum door)door);
		Py_DECREF(function);
	}
	Py_RETURN_NONE;
}
