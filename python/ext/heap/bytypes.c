/* SPDX-License-Identifier: MIT */
#include <config.h>

#include "heap/bytypes.h"

#include "heap/walk.h"
#include "module/pmtmodule.h"

const char heap_note_doc[] =
"_heap_note(kinds) -> bool\n\n"
"Have a child of the process note how long lists, dicts ... are and, with\n"
"kinds, how many objects of each type are held alike, for those after it to\n"
"compare with.  False: one is at it already.";

const char heap_holders_begin_doc[] =
"_holders_begin(names, grown) -> bool\n\n"
"Have a child of the process look for holders() of all objects of each of\n"
"these types, named as reference logs do, 256 at the most; and, with grown,\n"
"for what there is more of than _heap_note(True) noted.  False: one is at it\n"
"already.";

const char heap_holders_wait_doc[] =
"_holders_wait(block) -> bool\n\n"
"Is the child done?  With block, wait for it.  Makes no object.";

const char heap_holders_take_doc[] =
"_holders_take() -> (list of (name, count, kind, path, length, chains),\n"
"                    list of str)\n\n"
"What it found, once; empty lists if it failed.  Length is a text, with what\n"
"it was; chains are what pmt-log(5) says of some of the objects.  What there\n"
"is more of are messages that pmt-log(5) describes.";

#if COMPAT_HEAP

#include <errno.h>

#include "heap/chains.h"
#include "heap/child.h"
#include "heap/grown.h"
#include "module/threads.h"

enum {
	WAYS = 8, PATH = 1024, SECONDS = 60,
	TYPES = 256,		/* at the most */
	CHAINS = 32,		/* of each way, */
	FEW_CHAINS = 8,		/* where there are many types */
	MANY_TYPES = 32,
};

/* What the child was given, and where it puts its lines. */
struct job {
	bool notes, grown;
	const char *name[TYPES];	/* borrowed from the str objects */
	uint32_t count;
	struct heap_lines held, more;
};

static void
put_lines(struct job *job, const struct heap_group *group, const char *name,
	  uint32_t first, uint32_t end)
{
	const uint32_t most = job->count > MANY_TYPES ? FEW_CHAINS : CHAINS;
	struct pmt_holding holding[WAYS];
	uint32_t ways = WAYS;
	char path[PATH], length[PATH], chains[CHAINS * HEAP_CHAIN + 1];

	if (heap_group_holders(group, first, end, holding, &ways) < 0)
		return;
	for (uint32_t i = 0; i < ways; i++) {
		pmt_holding_text(&group->paths, &holding[i], path,
				 sizeof(path));
		pmt_holding_length(&group->paths, &holding[i],
				   heap_notes.lengths, length, sizeof(length));
		chains[heap_chains_put(chains, most, group, first, end,
				       &holding[i])] = '\0';
		heap_lines_put(&job->held, "%s\n%u\n%s\n%s\n%s\n%s\n", name,
			       holding[i].count,
			       heap_group_kind(group, &holding[i]), path,
			       length, chains);
	}
}

static int
look(void *arg)
{
	struct job *job = arg;
	struct heap_group group;
	struct heap_grown grown = { .count = 0 };
	uint32_t first[TYPES + 1];
	int err = heap_group_of_names(&group, job->name, job->count, first);

	if (err == 0 && job->notes)
		return heap_notes_write(&group);
	if (err == 0 && job->grown)
		err = heap_grown_choose(&grown, &group);
	if (err == 0)
		err = heap_group_seek_lost(&group);
	if (err < 0)
		return err;
	for (uint32_t i = 0; i < job->count; i++)
		put_lines(job, &group, job->name[i], first[i], first[i + 1]);
	heap_grown_put(&grown, &group, false, &job->more);
	return 0;
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

/* One at a time asks; PID is 0 once the child is done. */
static struct {
	bool begun;
	pid_t pid;
	struct heap_lines held, more;
	int err;
} looking;

static PyObject *
begin(struct job *job)
{
	if (heap_lines_begin(&job->held) < 0)
		return PyErr_NoMemory();
	if (heap_lines_begin(&job->more) < 0) {
		heap_lines_end(&job->held);
		return PyErr_NoMemory();
	}
	looking.begun = true;
	looking.held = job->held;
	looking.more = job->more;
	looking.pid = heap_child_begin(look, job, SECONDS);
	looking.err = looking.pid < 0 ? looking.pid : 0;
	if (looking.pid < 0)
		looking.pid = 0;
	Py_RETURN_TRUE;
}

PyObject *
heap_note(PyObject *module, PyObject *kinds)
{
	struct job job = { .notes = true };
	ONE_AT_A_TIME;

	(void)module;
	if (looking.begun)
		Py_RETURN_FALSE;
	heap_notes_renew(kinds == Py_True);
	return begin(&job);
}

PyObject *
heap_holders_begin(PyObject *module, PyObject *const *args, Py_ssize_t count)
{
	struct job job = { .notes = false };
	ONE_AT_A_TIME;

	(void)module;
	if (count != 2 || !PyList_Check(args[0])) {
		PyErr_SetString(PyExc_TypeError,
				"_holders_begin(): a list and a bool");
		return NULL;
	}
	if (looking.begun)
		Py_RETURN_FALSE;
	job.grown = args[1] == Py_True;
	job.count = (uint32_t)Py_MIN(PyList_GET_SIZE(args[0]), TYPES);
	for (uint32_t i = 0; i < job.count; i++) {
		job.name[i] = PyUnicode_AsUTF8(PyList_GET_ITEM(args[0], i));
		if (job.name[i] == NULL)
			return NULL;
	}
	return begin(&job);
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

/* Both lists, of a child whose outcome was ERR. */
static PyObject *
take(int err)
{
	PyObject *rows = err == 0 ? heap_lines_list(&looking.held, next_row)
				  : PyList_New(0);
	/* It may run out of time after it has told some. */
	PyObject *grown = err == 0 || err == -ETIMEDOUT
		? heap_lines_list(&looking.more, heap_lines_text)
		: PyList_New(0);

	if (rows == NULL || grown == NULL) {
		Py_XDECREF(rows);
		Py_XDECREF(grown);
		return NULL;
	}
	return Py_BuildValue("(NN)", rows, grown);
}

PyObject *
heap_holders_take(PyObject *module, PyObject *Py_UNUSED(args))
{
	PyObject *found;
	ONE_AT_A_TIME;

	(void)module;
	if (!looking.begun || looking.pid != 0)
		return take(-EINPROGRESS);
	found = take(looking.err);
	heap_lines_end(&looking.held);
	heap_lines_end(&looking.more);
	looking.begun = false;
	return found;
}

#else

PyObject *
heap_note(PyObject *module, PyObject *kinds)
{
	(void)module;
	(void)kinds;
	Py_RETURN_FALSE;
}

PyObject *
heap_holders_begin(PyObject *module, PyObject *const *args, Py_ssize_t count)
{
	(void)module;
	(void)args;
	(void)count;
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
	return Py_BuildValue("([][])");
}

#endif
