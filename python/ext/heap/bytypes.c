/* SPDX-License-Identifier: MIT */
#include <config.h>

#include "heap/bytypes.h"

#include "heap/walk.h"
#include "module/pmtmodule.h"

const char heap_holders_begin_doc[] =
"_holders_begin(names) -> bool\n\n"
"Have a child of the process look for holders() of all objects of each of\n"
"these types, named as reference logs do, 256 at the most.  Without any, it\n"
"notes how long lists, dicts ... are, for those after it to compare with.\n"
"False: one is at it already.";

const char heap_holders_wait_doc[] =
"_holders_wait(block) -> bool\n\n"
"Is the child done?  With block, wait for it.  Makes no object.";

const char heap_holders_take_doc[] =
"_holders_take() -> list of (name, count, kind, path, length, chains)\n\n"
"What it found, once; an empty list if it failed.  Length is a text, with\n"
"what it was; chains are what pmt-log(5) says of some of the objects.";

#if COMPAT_HEAP

#include <errno.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/wait.h>

#include "heap/child.h"
#include "heap/group.h"
#include "heap/lengths.h"
#include "heap/lines.h"
#include "module/threads.h"

enum {
	WAYS = 8, PATH = 1024, SECONDS = 60,
	TYPES = 256,		/* at the most */
	CHAINS = 32,		/* of each way, */
	FEW_CHAINS = 8,		/* where there are many types */
	MANY_TYPES = 32,
	LENGTH = 8,		/* of a chain */
	CLIMB = 32,		/* nodes from which it is made */
	CHAIN = LENGTH * 18 + 2,	/* bytes of one */
};

/* What the child was given, and where it puts its lines. */
struct job {
	const char *name[TYPES];	/* borrowed from the str objects */
	uint32_t count;
	struct heap_lines lines;
};

/* Of the child that was asked about no type; memory of all processes. */
static struct pmt_lengths *lengths;

/* Of a class, and not a mere list or dict, or what C code has made. */
static bool
is_instance(PyObject *object)
{
	return PyType_HasFeature(Py_TYPE(object), Py_TPFLAGS_HEAPTYPE) ||
	       PyExceptionInstance_Check(object) || PyType_Check(object);
}

/* " 7f12ab<7f12cd!": the object, what holds it, up to an instance. */
static size_t
put_chain(char *text, const struct pmt_paths *paths, uint32_t node)
{
	const struct pmt_heap *heap = paths->heap;
	size_t used = 0;

	for (unsigned int i = 0, length = 0; i < CLIMB && length < LENGTH;
	     i++) {
		PyObject *object = (PyObject *)pmt_heap_address(heap, node);
		bool counts = !(heap->marks[node] & PMT_MARK_PSEUDO);
		bool instance = counts && is_instance(object);

		if (counts) {
			used += (size_t)sprintf(text + used, "%c%llx%s",
				length++ == 0 ? ' ' : '<',
				(unsigned long long)(uintptr_t)object,
				instance ? "!" : "");
			if (instance && length > 1)
				break;
		}
		if (paths->parent[node] == node ||
		    paths->parent[node] == PMT_NO_NODE)
			break;
		node = paths->parent[node];
	}
	return used;
}

/* CHAINS of the nodes FIRST to END - 1 that HOLDING is of, evenly spread. */
static size_t
put_chains(char *text, uint32_t chains, const struct heap_group *group,
	   uint32_t first, uint32_t end, const struct pmt_holding *holding)
{
	const uint32_t *node = group->nodes.start;
	uint32_t seen = 0, put = 0;
	size_t used = 0;

	for (uint32_t i = first; i < end; i++) {
		if (group->paths.way[node[i]] != holding->way)
			continue;
		if ((uint64_t)seen++ * chains < (uint64_t)put * holding->count)
			continue;
		put++;
		used += put_chain(text + used, &group->paths, node[i]);
	}
	return used;
}

static void
put_lines(struct job *job, const struct heap_group *group, const char *name,
	  uint32_t first, uint32_t end)
{
	const uint32_t most = job->count > MANY_TYPES ? FEW_CHAINS : CHAINS;
	struct pmt_holding holding[WAYS];
	uint32_t ways = WAYS;
	char path[PATH], length[PATH], chains[CHAINS * CHAIN + 1];

	if (heap_group_holders(group, first, end, holding, &ways) < 0)
		return;
	for (uint32_t i = 0; i < ways; i++) {
		pmt_holding_text(&group->paths, &holding[i], path,
				 sizeof(path));
		pmt_holding_length(&group->paths, &holding[i], lengths,
				   length, sizeof(length));
		chains[put_chains(chains, most, group, first, end,
				  &holding[i])] = '\0';
		heap_lines_put(&job->lines, "%s\n%u\n%s\n%s\n%s\n%s\n", name,
			       holding[i].count,
			       heap_group_kind(group, &holding[i]), path,
			       length, chains);
	}
}

static int
find_holders(void *arg)
{
	struct job *job = arg;
	struct heap_group group;
	uint32_t first[TYPES + 1];
	int err = heap_group_of_names(&group, job->name, job->count, first);

	if (err == 0 && job->count == 0 && lengths != NULL)
		return pmt_lengths_note(lengths, &group.paths);
	for (uint32_t i = 0; i < job->count && err == 0; i++)
		put_lines(job, &group, job->name[i], first[i], first[i + 1]);
	return err;
}

static PyObject *
next_row(struct heap_lines *lines)
{
	PyObject *name = heap_lines_text(lines);
	PyObject *count = heap_lines_number(lines);
	PyObject *kind = heap_lines_text(lines);
	PyObject *path = heap_lines_text(lines);
	PyObject *length = heap_lines_text(lines);
	PyObject *chains = heap_lines_text(lines);

	return Py_BuildValue("(NNNNNN)", name, count, kind, path, length,
			     chains);
}

/* Noting anew forgets what was noted. */
static void
renew_lengths(void)
{
	void *room;

	if (lengths != NULL)
		munmap(lengths, PMT_LENGTHS_BYTES);
	room = mmap(NULL, PMT_LENGTHS_BYTES, PROT_READ | PROT_WRITE,
		    MAP_SHARED | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	lengths = room == MAP_FAILED ? NULL : room;
}

/* One at a time asks; PID is 0 once the child is done. */
static struct {
	bool begun;
	pid_t pid;
	struct heap_lines lines;
	int err;
} looking;

PyObject *
heap_holders_begin(PyObject *module, PyObject *names)
{
	struct job job;
	ONE_AT_A_TIME;

	(void)module;
	if (!PyList_Check(names)) {
		PyErr_SetString(PyExc_TypeError, "_holders_begin(): a list");
		return NULL;
	}
	if (looking.begun)
		Py_RETURN_FALSE;
	job.count = (uint32_t)Py_MIN(PyList_GET_SIZE(names), TYPES);
	for (uint32_t i = 0; i < job.count; i++) {
		job.name[i] = PyUnicode_AsUTF8(PyList_GET_ITEM(names, i));
		if (job.name[i] == NULL)
			return NULL;
	}
	if (heap_lines_begin(&job.lines) < 0)
		return PyErr_NoMemory();
	if (job.count == 0)
		renew_lengths();
	looking.begun = true;
	looking.lines = job.lines;
	looking.pid = heap_child_begin(find_holders, &job, SECONDS);
	looking.err = looking.pid < 0 ? looking.pid : 0;
	if (looking.pid < 0)
		looking.pid = 0;
	Py_RETURN_TRUE;
}

PyObject *
heap_holders_wait(PyObject *module, PyObject *block)
{
	pid_t pid;
	int err;
	ONE_AT_A_TIME;

	(void)module;
	pid = looking.pid;
	if (pid == 0)
		Py_RETURN_TRUE;
	if (block == Py_True) {
		Py_BEGIN_ALLOW_THREADS
		err = heap_child_wait(pid, 0);
		Py_END_ALLOW_THREADS
	} else {
		err = heap_child_wait(pid, WNOHANG);
	}
	if (err == -EINPROGRESS)
		Py_RETURN_FALSE;
	if (looking.pid == pid) {
		looking.pid = 0;
		looking.err = err;
	}
	Py_RETURN_TRUE;
}

PyObject *
heap_holders_take(PyObject *module, PyObject *Py_UNUSED(args))
{
	PyObject *list;
	ONE_AT_A_TIME;

	(void)module;
	if (!looking.begun || looking.pid != 0)
		return PyList_New(0);
	list = looking.err == 0 ? heap_lines_list(&looking.lines, next_row)
				: PyList_New(0);
	heap_lines_end(&looking.lines);
	looking.begun = false;
	return list;
}

#else

PyObject *
heap_holders_begin(PyObject *module, PyObject *names)
{
	(void)module;
	(void)names;
	Py_RETURN_FALSE;
}

PyObject *
heap_holders_wait(PyObject *module, PyObject *block)
{
	(void)module;
	(void)block;
	Py_RETURN_TRUE;
}

PyObject *
heap_holders_take(PyObject *module, PyObject *Py_UNUSED(args))
{
	(void)module;
	return PyList_New(0);
}

#endif
