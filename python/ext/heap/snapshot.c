/* SPDX-License-Identifier: MIT */
#include <config.h>

#include "heap/snapshot.h"

#include "heap/walk.h"
#include "module/pmtmodule.h"
#include "module/threads.h"

const char heap_snapshot_doc[] =
"heap_snapshot(path, wait=True)\n\n"
"Write all living objects, and which refers to which, for pmt-analyse.\n"
"A child of the process does it, so that the program stands still for some\n"
"milliseconds only.  With wait=False do not wait for its end: its failure is\n"
"raised by the next call.  See pmt(3).";

#if COMPAT_HEAP

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "heap/child.h"
#include "heap/heapfile.h"

/* A child that hangs shall not stay for ever. */
enum { SECONDS = 600 };

/* Set with the GIL: the child that nobody waited for, or 0; its file. */
static pid_t running;
static char *running_path;

/* What the child is given. */
struct job {
	struct pmt_heap_head head;
	const char *path;
};

static int
walk_and_write(void *arg)
{
	const struct job *job = arg;
	struct pmt_heap heap;
	int err = heap_walk(&heap);

	if (err < 0)
		pmt_heap_write_abandon(job->path);
	return err == 0 ? pmt_heap_write(&heap, &job->head, job->path) : err;
}

/* Returns the child, or -errno. */
static pid_t
begin(const char *path)
{
	struct job job = {
		.head = { .pid = (uint64_t)getpid(),
			  .time = (uint64_t)time(NULL) },
		.path = path,
	};

	int fd = pmt_heap_write_prepare(path);
	pid_t pid;

	if (fd < 0)
		return fd;
	snprintf(job.head.python, sizeof(job.head.python), "%s",
		 compat_version());
	pid = heap_child_begin(walk_and_write, &job, SECONDS);
	if (pid < 0)
		pmt_heap_write_abandon(path);
	close(fd);
	return pid;
}

/* With ERR ended who was to write PATH, which may be NULL. */
static void
clean_up(int err, const char *path)
{
	if (path != NULL && (err == -ECANCELED || err == -ETIMEDOUT))
		pmt_heap_write_abandon(path);
}

/* What became of the one before?  0, or -1 with an exception set. */
static int
end_former(bool wait)
{
	pid_t pid = running;
	int err = 0;

	if (pid == 0)
		return 0;
	if (wait) {
		Py_BEGIN_ALLOW_THREADS
		err = heap_child_wait(pid, 0);
		Py_END_ALLOW_THREADS
	} else {
		err = heap_child_wait(pid, WNOHANG);
	}
	if (err != -EINPROGRESS && running == pid) {
		clean_up(err, running_path);
		free(running_path);
		running_path = NULL;
		running = 0;
	}
	/* A child made by fork has none of its parent's. */
	if (err == 0 || err == -ECHILD)
		return 0;
	heap_child_raise(err, NULL);
	return -1;
}

PyObject *
heap_snapshot(PyObject *module, PyObject *args, PyObject *kwargs)
{
	static char *names[] = { (char *)"path", (char *)"wait", NULL };
	PyObject *name, *path = NULL;
	int wait = 1, err = 0;
	pid_t pid;
	ONE_AT_A_TIME;

	(void)module;
	if (!PyArg_ParseTupleAndKeywords(args, kwargs, "O|p:heap_snapshot",
					 names, &name, &wait) ||
	    (name != Py_None && !PyUnicode_FSConverter(name, &path)))
		return NULL;
	if (end_former(wait) < 0) {
		Py_XDECREF(path);
		return NULL;
	}
	/* Nothing but to wait for the one before. */
	if (path == NULL)
		Py_RETURN_NONE;
	pid = begin(PyBytes_AS_STRING(path));
	if (pid < 0) {
		err = pid;
	} else if (wait) {
		Py_BEGIN_ALLOW_THREADS
		err = heap_child_wait(pid, 0);
		Py_END_ALLOW_THREADS
		clean_up(err, PyBytes_AS_STRING(path));
	} else {
		running = pid;
		running_path = strdup(PyBytes_AS_STRING(path));
	}
	if (err < 0)
		heap_child_raise(err, PyBytes_AS_STRING(path));
	Py_DECREF(path);
	if (err < 0)
		return NULL;
	Py_RETURN_NONE;
}

#else

PyObject *
heap_snapshot(PyObject *module, PyObject *args, PyObject *kwargs)
{
	(void)module;
	(void)args;
	(void)kwargs;
	PyErr_SetString(PyExc_NotImplementedError, "the heap can be walked on "
			"CPython 3.8 to 3.15, not on this one");
	return NULL;
}

#endif
