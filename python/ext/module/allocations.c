/* SPDX-License-Identifier: MIT */
#include <config.h>

#include "module/allocations.h"

#include <dlfcn.h>
#include <errno.h>

#include "alloc/session.h"
#include "log/memory.h"
#include "module/pymalloc.h"
#include "sample/footprint.h"

const char mark_allocations_doc[] =
"_allocation_mark(mark: int) -> bool | None\n\n"
"Tell the library that pmt-run -a preloads: 1, the program begins; 2, it\n"
"has ended; 3, write the summary.  None: it is not there; False: it notes\n"
"nothing.\n"
"Raises OSError if a summary cannot be written.";

static void
read_memory(enum pmt_moment moment, char *text, size_t size)
{
	struct pmt_memory memory;

	pmt_memory_init(&memory);
	pmt_footprint_read(&memory);
	pymalloc_read(&memory);
	pmt_memory_format(&memory, moment, text, size);
}

static void
read_at_begin(char *text, size_t size)
{
	read_memory(PMT_MOMENT_START, text, size);
}

static void
read_at_end(char *text, size_t size)
{
	read_memory(PMT_MOMENT_EXIT, text, size);
}

static void
tell_memory(void (*read)(char *text, size_t size))
{
	void (*tell)(void (*)(char *, size_t));

	*(void **)&tell = dlsym(RTLD_DEFAULT, "pmt_alloc_memory");
	if (tell != NULL)
		tell(read);
}

PyObject *
mark_allocations(PyObject *module, PyObject *arg)
{
	int (*mark)(int);
	long number = PyLong_AsLong(arg);
	int err;

	(void)module;
	if (number == -1 && PyErr_Occurred())
		return NULL;
	*(void **)&mark = dlsym(RTLD_DEFAULT, "pmt_alloc_mark");
	if (mark == NULL)
		Py_RETURN_NONE;
	if (number == PMT_SESSION_BEGIN)
		tell_memory(read_at_begin);
	else if (number == PMT_SESSION_END)
		tell_memory(read_at_end);
	err = mark((int)number);
	if (err == 0 || err == -ESRCH)
		return PyBool_FromLong(err == 0);
	errno = -err;
	return PyErr_SetFromErrno(PyExc_OSError);
}

bool
allocations_aside(void (*work)(void *arg), void *arg)
{
	bool (*aside)(void (*)(void *), void *);

	*(void **)&aside = dlsym(RTLD_DEFAULT, "pmt_alloc_aside");
	return aside != NULL && aside(work, arg);
}

void
allocations_message(const char *text, size_t size)
{
	void (*put)(const char *, size_t);

	*(void **)&put = dlsym(RTLD_DEFAULT, "pmt_alloc_message");
	if (put != NULL)
		put(text, size);
}
