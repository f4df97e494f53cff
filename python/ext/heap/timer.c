/* SPDX-License-Identifier: MIT */
#include <config.h>

#include "heap/snapshot.h"

#include <math.h>
#include <signal.h>
#include <stdbool.h>
#include <time.h>

#include "module/pmtmodule.h"
#include "module/threads.h"

const char heap_timer_doc[] =
"_heap_timer(signal, seconds)\n\n"
"Send this process that signal every so often; with 0 seconds no longer.\n"
"Each signal has a timer of its own.";

/* Set with the GIL.  Nothing but a signal: a thread would be seen. */
static timer_t timer[_NSIG];
static bool runs[_NSIG];

static void
set_timer(double seconds, struct itimerspec *often)
{
	double whole;
	double part = modf(seconds, &whole);

	often->it_interval.tv_sec = (time_t)whole;
	often->it_interval.tv_nsec = (long)(part * 1e9);
	often->it_value = often->it_interval;
}

PyObject *
heap_timer(PyObject *module, PyObject *args)
{
	struct sigevent event = { .sigev_notify = SIGEV_SIGNAL };
	struct itimerspec often;
	double seconds;
	int number;
	ONE_AT_A_TIME;

	(void)module;
	if (!PyArg_ParseTuple(args, "id:_heap_timer", &event.sigev_signo,
			      &seconds))
		return NULL;
	number = event.sigev_signo;
	if (!(seconds >= 0 && seconds < 1e9) || number <= 0 ||
	    number >= _NSIG) {
		PyErr_SetString(PyExc_ValueError, "_heap_timer(): seconds");
		return NULL;
	}
	if (runs[number])
		timer_delete(timer[number]);
	runs[number] = false;
	if (seconds > 0) {
		set_timer(seconds, &often);
		if (timer_create(CLOCK_MONOTONIC, &event,
				 &timer[number]) == -1)
			return PyErr_SetFromErrno(PyExc_OSError);
		runs[number] = true;
		if (timer_settime(timer[number], 0, &often, NULL) == -1)
			return PyErr_SetFromErrno(PyExc_OSError);
	}
	Py_RETURN_NONE;
}
