/* SPDX-License-Identifier: MIT */
#include <config.h>

#include "module/forknote.h"

#include <errno.h>
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/common.h"
#include "base/once.h"

static int board = -1;
static dev_t device;
static ino_t inode;

const char note_forks_doc[] =
"_note_forks(descriptor)\n\n"
"Have each forked child write \"PID forked=\\0\" to that file.";

void
note_on_board(const char *text)
{
	char entry[NOTE_MAX + 24];
	int n, before = errno;
	struct stat st;

	n = snprintf(entry, sizeof(entry), "%jd %.*s", (intmax_t)getpid(),
		     NOTE_MAX, text);
	/* Programs close descriptors that they never opened. */
	if (board != -1 && fstat(board, &st) == 0 && st.st_dev == device &&
	    st.st_ino == inode)
		pmt_ignore(write(board, entry, (size_t)n + 1));
	errno = before;
}

static void
in_child(void)
{
	note_on_board("forked=");
}

PyObject *
note_forks(PyObject *module, PyObject *descriptor)
{
	int fd = PyObject_AsFileDescriptor(descriptor);
	struct stat st;
	int err;

	(void)module;
	if (fd == -1)
		return NULL;
	err = fstat(fd, &st) == -1
		? errno : PMT_ONCE(pthread_atfork(NULL, NULL, in_child));
	if (err != 0) {
		errno = err;
		return PyErr_SetFromErrno(PyExc_OSError);
	}
	device = st.st_dev;
	inode = st.st_ino;
	board = fd;
	Py_RETURN_NONE;
}
