/* SPDX-License-Identifier: MIT */
#include <config.h>

#include "heap/aside.h"

#include "heap/walk.h"
#include "module/pmtmodule.h"

const char heap_aside_begin_doc[] =
"_aside_begin()\n\n"
"If the library of pmt-run -a takes messages: have a child of the process\n"
"note what is alive, for _aside_end().";

const char heap_aside_end_doc[] =
"_aside_end()\n\n"
"Have that library log what there is more of than at _aside_begin(), who\n"
"holds it and where it lies.";

#if COMPAT_HEAP

#include <string.h>
#include <unistd.h>

#include "heap/blocks.h"
#include "heap/child.h"
#include "heap/grown.h"
#include "module/allocations.h"
#include "module/threads.h"

enum { SECONDS = 60 };

/* The child that notes, and whose it is; 0: there is none. */
static struct {
	pid_t pid, parent;
} noting;

static int
note(void *arg)
{
	struct heap_group group;
	uint32_t none;
	int err = heap_group_of_names(&group, NULL, 0, &none);

	(void)arg;
	return err == 0 ? heap_notes_write(&group) : err;
}

static int
tell(void *arg)
{
	struct heap_group group;
	struct heap_grown grown;
	uint32_t none;
	int err = heap_group_of_names(&group, NULL, 0, &none);

	if (err == 0)
		err = heap_grown_choose(&grown, &group);
	if (err == 0)
		err = heap_group_seek_lost(&group);
	if (err == 0)
		heap_grown_put(&grown, &group, true, arg);
	return err;
}

static void
begin(void *arg)
{
	pid_t pid;

	(void)arg;
	heap_blocks_prepare();
	heap_notes_renew(true);
	pid = heap_child_begin(note, NULL, SECONDS);
	noting.pid = pid > 0 ? pid : 0;
	noting.parent = getpid();
}

static void
put_messages(const char *text)
{
	for (size_t length; *text != '\0'; text += length + 1) {
		length = strcspn(text, "\n");
		allocations_message(text, length);
		if (text[length] == '\0')
			break;
	}
}

/* Blocks from before a fork are not in the log of the child. */
static void
end(void *arg)
{
	struct heap_lines lines;
	pid_t pid = noting.pid;
	int err;

	(void)arg;
	noting.pid = 0;
	if (pid == 0 || noting.parent != getpid())
		return;
	Py_BEGIN_ALLOW_THREADS
	err = heap_child_wait(pid, 0);
	Py_END_ALLOW_THREADS
	if (err < 0 || heap_lines_begin(&lines) < 0)
		return;
	if (heap_child_run(tell, &lines, SECONDS) == 0)
		put_messages(lines.text);
	heap_lines_end(&lines);
}

PyObject *
heap_aside_begin(PyObject *module, PyObject *Py_UNUSED(args))
{
	ONE_AT_A_TIME;

	(void)module;
	(void)allocations_aside(begin, NULL);
	Py_RETURN_NONE;
}

PyObject *
heap_aside_end(PyObject *module, PyObject *Py_UNUSED(args))
{
	ONE_AT_A_TIME;

	(void)module;
	(void)allocations_aside(end, NULL);
	Py_RETURN_NONE;
}

#else

PyObject *
heap_aside_begin(PyObject *module, PyObject *Py_UNUSED(args))
{
	(void)module;
	Py_RETURN_NONE;
}

PyObject *
heap_aside_end(PyObject *module, PyObject *Py_UNUSED(args))
{
	(void)module;
	Py_RETURN_NONE;
}

#endif
