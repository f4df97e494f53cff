# SPDX-License-Identifier: MIT
"""What does a block print, from Python and from C alike?

    text = io.BytesIO()
    with stdout_redirector(text):
        ...

File descriptor 1 or 2 is led to a temporary file for the block, so that C
code and child processes are caught as well.  It belongs to the whole process:
what other threads print meanwhile is caught too.  sys.stdout and sys.stderr
are the same objects afterwards, whatever the block raises.

C's and Python's text are each whole and in order; between the two, text
comes in the order in which it was flushed.
"""
import contextlib
import io
import os
import shutil
import sys
import tempfile
import threading

# One block at a time may own a descriptor; blocks of one thread may nest.
_locks = {1: threading.RLock(), 2: threading.RLock()}


def _flush(file):
    if file is not None and not file.closed:
        file.flush()
    import ctypes       # costs more than all else here
    ctypes.CDLL(None).fflush(None)


def _writes_to(file, fd):
    try:
        return file.fileno() == fd
    except (AttributeError, OSError, ValueError):
        return False


@contextlib.contextmanager
def _own_file(name, fd):
    """Let sys.NAME write to fd while it writes elsewhere, as under pytest."""
    file = getattr(sys, name)
    if file is None or _writes_to(file, fd):
        yield file
        return
    with io.TextIOWrapper(os.fdopen(os.dup(fd), "wb"), line_buffering=True,
                          encoding=getattr(file, "encoding", None) or "utf-8",
                          errors="backslashreplace") as replacement:
        setattr(sys, name, replacement)
        try:
            yield replacement
        finally:
            if getattr(sys, name) is replacement:
                setattr(sys, name, file)


@contextlib.contextmanager
def _redirector(name, fd, stream):
    with _locks[fd], contextlib.ExitStack() as stack:
        # Before anything is opened, which would take a closed fd's place.
        saved = os.dup(fd)
        stack.callback(os.close, saved)
        caught = stack.enter_context(tempfile.TemporaryFile())
        _flush(getattr(sys, name))
        os.dup2(caught.fileno(), fd)
        try:
            with _own_file(name, fd) as file:
                try:
                    yield
                finally:
                    _flush(file)
        finally:
            os.dup2(saved, fd)
            caught.seek(0)
            shutil.copyfileobj(caught, stream)


def stdout_redirector(stream):
    """Context manager: write to the binary stream what the block prints."""
    return _redirector("stdout", 1, stream)


def stderr_redirector(stream):
    """The same for standard error."""
    return _redirector("stderr", 2, stream)
