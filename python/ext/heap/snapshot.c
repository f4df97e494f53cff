/* SPDX-License-Identifier: MIT */
#include <config.h>

#include "heap/snapshot.h"

#include "heap/walk.h"
#include "module/pmtmodule.h"

const char heap_snapshot_doc[] =
"heap_snapshot(path, wait=True)\n\n"
"Write all living objects, and which refers to which, for pmt-analyse.\n"
"A child of the process does it, so that the program stands still for some\n"
"milliseconds only.  With wait=False do not wait for its end: its failure is\n"
"raised by the next call.  See pmt(3).";

#if COMPAT_HEAP

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "heap/heapfile.h"

/* A child that hangs shall not stay for ever. */
enum { SECONDS = 600 };

/* Set with the GIL: the child that nobody waited for, or 0. */
static pid_t running;

static void
write_text(const char *path, const char *text, size_t size)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);

	if (fd != -1) {
		(void)!write(fd, text, size);
		close(fd);
	}
}

/* Every signal is blocked: handlers would write to the parent's pipes. */
static void
be_no_burden(void)
{
	sigset_t alarm_only;

	signal(SIGALRM, SIG_DFL);
	sigemptyset(&alarm_only);
	sigaddset(&alarm_only, SIGALRM);
	sigprocmask(SIG_UNBLOCK, &alarm_only, NULL);
	alarm(SECONDS);
#ifdef SYS_close_range
	/* Whoever waits for the end of a pipe or socket shall get it. */
	syscall(SYS_close_range, 0, ~0u, 0);
#endif
	/* When memory is short we go, not the program. */
	write_text("/proc/self/oom_score_adj", "1000", 4);
}

/* In the child; the status is an errno. */
static void
walk_and_write(const struct pmt_heap_head *head, const char *path)
{
	struct pmt_heap heap;
	int err;

	be_no_burden();
	err = heap_walk(&heap);
	if (err == 0)
		err = pmt_heap_write(&heap, head, path);
	_exit(-err & 0xff);
}

/* Returns the child, or -errno. */
static pid_t
begin(const char *path)
{
	struct pmt_heap_head head = {
		.pid = (uint64_t)getpid(), .time = (uint64_t)time(NULL),
	};
	sigset_t all, before;
	pid_t pid;

	snprintf(head.python, sizeof(head.python), "%s", compat_version());
	sigfillset(&all);
	pthread_sigmask(SIG_BLOCK, &all, &before);
	/* Not fork(2): no handlers, no SIGCHLD, and wait(2) does not see it. */
	pid = (pid_t)syscall(SYS_clone, 0, NULL, NULL, NULL, NULL);
	if (pid == 0)
		walk_and_write(&head, path);
	if (pid == -1)
		pid = -errno;
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	return pid;
}

/* 0 or -errno: -ETIMEDOUT, it took too long; -ECHILD, it was killed. */
static int
outcome(int status)
{
	if (WIFEXITED(status))
		return -WEXITSTATUS(status);
	return WTERMSIG(status) == SIGALRM ? -ETIMEDOUT : -ECHILD;
}

static int
wait_for(pid_t pid, int flags)
{
	int status = 0;
	pid_t got;

	do
		got = waitpid(pid, &status, __WCLONE | flags);
	while (got == -1 && errno == EINTR);
	if (got == 0)
		return -EAGAIN;
	return got == -1 ? -errno : outcome(status);
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
		err = wait_for(pid, 0);
		Py_END_ALLOW_THREADS
	} else {
		err = wait_for(pid, WNOHANG);
	}
	if (err != -EAGAIN && running == pid)
		running = 0;
	/* A child made by fork has none of its parent's. */
	if (err == 0 || err == -ECHILD)
		return 0;
	set_os_error(err, NULL);
	return -1;
}

PyObject *
heap_snapshot(PyObject *module, PyObject *args, PyObject *kwargs)
{
	static char *names[] = { (char *)"path", (char *)"wait", NULL };
	PyObject *path = NULL;
	int wait = 1, err = 0;
	pid_t pid;

	(void)module;
	if (!PyArg_ParseTupleAndKeywords(args, kwargs, "O&|p:heap_snapshot",
					 names, PyUnicode_FSConverter, &path,
					 &wait))
		return NULL;
	if (end_former(wait) < 0) {
		Py_DECREF(path);
		return NULL;
	}
	pid = begin(PyBytes_AS_STRING(path));
	if (pid < 0) {
		err = pid;
	} else if (wait) {
		Py_BEGIN_ALLOW_THREADS
		err = wait_for(pid, 0);
		Py_END_ALLOW_THREADS
	} else {
		running = pid;
	}
	if (err < 0)
		set_os_error(err, PyBytes_AS_STRING(path));
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
			"CPython 3.8 to 3.13 with its GIL, not on this one");
	return NULL;
}

#endif
