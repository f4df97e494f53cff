/* SPDX-License-Identifier: MIT */
#include <config.h>

#include "heap/child.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "heap/room.h"
#include "module/compat_heap.h"
#include "module/pmtmodule.h"

static void
write_text(const char *path, const char *text, size_t size)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);

	if (fd != -1) {
		pmt_ignore((int)write(fd, text, size));
		close(fd);
	}
}

/* Every signal is blocked: handlers would write to the parent's pipes. */
static void
be_no_burden(unsigned int seconds)
{
	sigset_t alarm_only;

	signal(SIGALRM, SIG_DFL);
	sigemptyset(&alarm_only);
	sigaddset(&alarm_only, SIGALRM);
	sigprocmask(SIG_UNBLOCK, &alarm_only, NULL);
	alarm(seconds);
#ifdef SYS_close_range
	/* Whoever waits for the end of a pipe or socket shall get it. */
	syscall(SYS_close_range, 0, ~0u, 0);
#endif
	/* When memory is short we go, not the program. */
	write_text("/proc/self/oom_score_adj", "1000", 4);
}

/* Not fork(2): no handlers, no SIGCHLD, and wait(2) does not see it. */
static pid_t
begin(unsigned int seconds)
{
	pid_t pid = (pid_t)syscall(SYS_clone, 0, NULL, NULL, NULL, NULL);

	if (pid == 0)
		be_no_burden(seconds);
	return pid == -1 ? -errno : pid;
}

#if COMPAT_FREE_THREADED

/* Only a child has some, and of its own; inverted, see heap/graph.h. */
static struct pmt_room tracked;
static size_t count;

struct beginning {
	pid_t pid;
	unsigned int seconds;
	bool begun;
};

/* With the first of them all other threads stand still: this is the moment. */
static int
meet(PyObject *object, void *arg)
{
	/* Threads that just stopped may hold locks that we are to take. */
	const struct timespec moment = { .tv_nsec = 100000 };
	struct beginning *beginning = arg;
	uintptr_t *objects;

	if (!beginning->begun) {
		beginning->begun = true;
		nanosleep(&moment, NULL);
		beginning->pid = begin(beginning->seconds);
	}
	if (beginning->pid != 0)
		return 0;
	if (pmt_room_grow(&tracked, (count + 1) * sizeof(object)) < 0)
		_exit(ENOMEM);
	objects = tracked.start;
	objects[count++] = ~(uintptr_t)object;
	return 1;
}

static pid_t
begin_listing(unsigned int seconds)
{
	struct beginning beginning = { -EAGAIN, seconds, false };

	compat_visit_tracked(meet, &beginning);
	return beginning.pid;
}

PyObject *
heap_child_tracked(size_t i)
{
	const uintptr_t *objects = tracked.start;

	return i < count ? (PyObject *)~objects[i] : NULL;
}

#else

#define begin_listing(seconds) begin(seconds)

#endif

pid_t
heap_child_begin(int (*work)(void *arg), void *arg, unsigned int seconds)
{
	sigset_t all, before;
	pid_t pid;

	sigfillset(&all);
	pthread_sigmask(SIG_BLOCK, &all, &before);
	pid = begin_listing(seconds);
	if (pid == 0)
		_exit(-work(arg) & 0xff);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	return pid;
}

static int
outcome(int status)
{
	if (WIFEXITED(status))
		return -WEXITSTATUS(status);
	return WTERMSIG(status) == SIGALRM ? -ETIMEDOUT : -ECANCELED;
}

int
heap_child_wait(pid_t pid, int flags)
{
	int status = 0;
	pid_t got;

	do
		got = waitpid(pid, &status, __WCLONE | flags);
	while (got == -1 && errno == EINTR);
	if (got == 0)
		return -EINPROGRESS;
	return got == -1 ? -errno : outcome(status);
}

int
heap_child_run(int (*work)(void *arg), void *arg, unsigned int seconds)
{
	pid_t pid = heap_child_begin(work, arg, seconds);
	int err;

	if (pid < 0)
		return pid;
	Py_BEGIN_ALLOW_THREADS
	err = heap_child_wait(pid, 0);
	Py_END_ALLOW_THREADS
	return err;
}

/* What strerror(3) would not say. */
static const char *
reason(int err)
{
	switch (err) {
	case -ECANCELED:
		return "the child that looks at the heap was killed";
	case -ETIMEDOUT:
		return "the child that looks at the heap took too long";
	case -EINPROGRESS:
		return "the snapshot before is still being written";
	default:
		return NULL;
	}
}

void
heap_child_raise(int err, const char *path)
{
	PyObject *raised;

	if (reason(err) == NULL) {
		set_os_error(err, path);
		return;
	}
	raised = path == NULL
		? PyObject_CallFunction(PyExc_OSError, "is", -err, reason(err))
		: PyObject_CallFunction(PyExc_OSError, "isN", -err, reason(err),
					PyUnicode_DecodeFSDefault(path));
	/* Its own type: until 3.11 `except` looks at that which we give. */
	if (raised != NULL)
		PyErr_SetObject((PyObject *)Py_TYPE(raised), raised);
	Py_XDECREF(raised);
}
