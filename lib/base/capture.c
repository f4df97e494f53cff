/* SPDX-License-Identifier: MIT */
#include <config.h>

#include "base/capture.h"

#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#ifdef __GLIBC__

/*
 * stderr(3): in glibc the standard streams are variables that a program may
 * set.  While a capture runs, stderr is our stream; it asks which thread is
 * writing.  There is one stderr in a process, hence this file's only state.
 */
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static unsigned running;	/* captures; protected by lock */
static _Atomic(FILE *) original; /* what stderr was; written under lock */

/*
 * Never closed: another thread may have picked it up as stderr and be about
 * to write.
 */
static FILE *stream;		/* protected by lock */

static _Thread_local struct pmt_capture *mine;

static int
append(struct pmt_capture *capture, const char *text, size_t size)
{
	if (size > capture->room - capture->size) {
		size_t room = 2 * capture->room + size;
		char *grown = realloc(capture->text, room);

		if (grown == NULL)
			return -ENOMEM;
		capture->text = grown;
		capture->room = room;
	}
	memcpy(capture->text + capture->size, text, size);
	capture->size += size;
	return 0;
}

static ssize_t
take(void *cookie, const char *text, size_t size)
{
	(void)cookie;
	if (mine == NULL)
		return (ssize_t)fwrite(text, 1, size, original);
	if (mine->err == 0)
		mine->err = append(mine, text, size);
	return (ssize_t)size;
}

static int
open_stream(void)
{
	FILE *opened;

	if (stream != NULL)
		return 0;
	opened = fopencookie(NULL, "w",
			     (cookie_io_functions_t){ .write = take });
	if (opened == NULL)
		return -ENOMEM;
	/* As stderr is; and no thread's text may wait for another's. */
	setvbuf(opened, NULL, _IONBF, 0);
	stream = opened;
	return 0;
}

int
pmt_capture_begin(struct pmt_capture *capture)
{
	int err;

	if (mine != NULL)
		return -EBUSY;
	pthread_mutex_lock(&lock);
	err = open_stream();
	if (err == 0) {
		if (stderr != stream) {
			original = stderr;
			__atomic_store_n(&stderr, stream, __ATOMIC_RELEASE);
		}
		running++;
	}
	pthread_mutex_unlock(&lock);
	if (err != 0)
		return err;
	memset(capture, 0, sizeof(*capture));
	mine = capture;
	return 0;
}

int
pmt_capture_end(struct pmt_capture *capture)
{
	mine = NULL;
	pthread_mutex_lock(&lock);
	running--;
	if (running == 0 && stderr == stream)
		__atomic_store_n(&stderr, original, __ATOMIC_RELEASE);
	pthread_mutex_unlock(&lock);
	return capture->err;
}

#else

int
pmt_capture_begin(struct pmt_capture *capture)
{
	(void)capture;
	return -ENOSYS;
}

int
pmt_capture_end(struct pmt_capture *capture)
{
	(void)capture;
	return -ENOSYS;
}

#endif
