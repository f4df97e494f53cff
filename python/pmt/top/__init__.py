# SPDX-License-Identifier: MIT
"""Which files hold most of Python's memory, now and then?

    from pmt import top
    top.enable()
    display = top.DisplayTop(10)
    display.start(60)               every minute

    top.TakeSnapshot().start(60)    into files, for: python -m pmt.top FILE...

With PYTRACEMALLOC=1 in the environment, importing this module switches
tracemalloc on.  PYTHONTRACEMALLOC=1 is Python's own and works from the start.

Programs written for pytracemalloc need one line to be changed:

    from pmt import top as tracemalloc
"""
import atexit
import gc
import os
import reprlib
import string
import sys
import threading
import time
import tracemalloc

from pmt import __version__ as _pmt_version
from pmt.snapshot import Snapshot, get_process_memory
from pmt.top._text import Style, TopText

#: The version of pytracemalloc whose interface this is, then that of pmt.
__version__ = "0.9.1+pmt." + _pmt_version

__all__ = ["DisplayGarbage", "DisplayTop", "ProgramTop", "Snapshot",
           "TakeSnapshot", "disable", "enable", "get_process_memory",
           "start_timer", "stop_timer"]


def enable():
    """Start tracing Python memory allocations."""
    if not tracemalloc.is_tracing():
        tracemalloc.start()


def disable():
    """Stop tracing, and stop the timer."""
    stop_timer()
    tracemalloc.stop()


class _Timer:
    """A thread that calls a function every so many seconds."""

    def __init__(self, delay, func, args, kwargs):
        self.stopped = threading.Event()
        self.call = lambda: func(*args, **kwargs)
        self.delay = delay
        # A daemon: the program need not wait for it to end.
        self.thread = threading.Thread(target=self.run, name="pmt.top timer",
                                       daemon=True)
        self.thread.start()

    def run(self):
        while not self.stopped.wait(self.delay):
            self.call()

    def stop(self):
        """Return when the function is not running any more."""
        self.stopped.set()
        if self.thread is not threading.current_thread():
            self.thread.join()


class _Timers:
    """At most one _Timer; a new one replaces the old one."""

    def __init__(self):
        self.lock = threading.Lock()
        self.timer = None

    def start(self, delay, func, args=(), kwargs=None):
        if not callable(func):
            raise TypeError("func must be callable, not %s"
                            % type(func).__name__)
        if not delay > 0:
            raise ValueError("delay must be positive, not %r" % (delay,))
        self.stop()
        with self.lock:
            self.timer = _Timer(delay, func, args, kwargs or {})

    def stop(self):
        with self.lock:
            timer, self.timer = self.timer, None
        # A child of fork() has no such thread.
        if timer is not None:
            timer.stop()

    def forget(self):
        self.__init__()


_timers = _Timers()
os.register_at_fork(after_in_child=_timers.forget)
atexit.register(_timers.stop)


def start_timer(delay, func, args=(), kwargs=None):
    """Call func(*args, **kwargs) every delay seconds, in a thread of its own.

    It replaces the timer that was started before.  The time that func takes
    is not counted; if it raises, the timer ends.
    """
    _timers.start(delay, func, args, kwargs)


def stop_timer():
    """Stop the timer; on return its function is not running any more."""
    _timers.stop()


class _Task:
    """What DisplayTop and TakeSnapshot share: being run by the timer."""

    def start(self, delay):
        """Do it every delay seconds, on the one timer there is."""
        start_timer(delay, self._run)

    def stop(self):
        stop_timer()


def _is_colored(file):
    return ("NO_COLOR" not in os.environ and hasattr(file, "isatty")
            and file.isatty())


class DisplayTop(_Task):
    """Write the count biggest allocations to file, standard output if None.

    color                   default: on a terminal, unless NO_COLOR is set
    compare_with_previous   with the previous top, not with the first one
    filename_parts          so many last parts of a file's name
    show_average, show_count, show_lineno, show_size    what to show
    user_data_callback      see Snapshot.create()
    """

    def __init__(self, count=10, file=None):
        if not isinstance(count, int):
            raise TypeError("count must be an int, not %s"
                            % type(count).__name__)
        if count < 1:
            raise ValueError("count must be at least 1, not %d" % count)
        self.count = count
        self.file = sys.stdout if file is None else file
        self.color = _is_colored(self.file)
        self.compare_with_previous = True
        self.filename_parts = 3
        self.show_average = True
        self.show_count = True
        self.show_lineno = False
        self.show_size = True
        self.user_data_callback = None
        self.previous = None

    def text(self):
        return TopText(Style(
            self.count, self.color, self.filename_parts, self.show_average,
            self.show_count, self.show_lineno, self.show_size))

    def display(self):
        """Take a snapshot and write its top.  RuntimeError: not tracing."""
        self.display_snapshot(Snapshot.create(self.user_data_callback))

    def display_snapshot(self, snapshot, name=None):
        """Write the top of a snapshot, compared with the one before."""
        previous, previous_name = self.previous or (None, None)
        lines = self.text().lines(snapshot, previous, previous_name)
        self.file.write("".join(line + "\n" for line in lines))
        self.file.flush()
        if self.previous is None or self.compare_with_previous:
            self.previous = snapshot, name

    _run = display


class DisplayGarbage:
    """Write what was added to gc.garbage since the last call.

    color           default: on a terminal, unless NO_COLOR is set
    cumulative      True: all objects, every time
    format_object   default: reprlib.repr
    """

    def __init__(self, file=None):
        self.file = sys.stdout if file is None else file
        self.color = _is_colored(self.file)
        self.cumulative = False
        self.format_object = reprlib.repr
        self.seen = 0

    def display(self):
        garbage = list(gc.garbage)
        # A program may empty the list.
        new = garbage if self.cumulative else garbage[min(self.seen,
                                                          len(garbage)):]
        self.seen = len(garbage)
        lines = ["%s: %d %s in gc.garbage" % (
            time.strftime("%Y-%m-%d %H:%M:%S"), len(new),
            "objects" if self.cumulative else "new objects")]
        if self.color and new:
            lines[0] = "\033[1m%s\033[0m" % lines[0]
        for number, object_ in enumerate(new, 1):
            lines.append("#%d: %s" % (number, self._format(object_)))
        self.file.write("\n".join(lines) + "\n")
        self.file.flush()

    def _format(self, object_):
        try:
            return self.format_object(object_)
        except Exception as error:
            return "<%s at %#x: %s>" % (type(object_).__name__, id(object_),
                                        type(error).__name__)


class TakeSnapshot(_Task):
    """Write snapshots into files.

    filename_template   may hold $pid, $timestamp and $counter, from 1 up
    user_data_callback  see Snapshot.create()
    """

    def __init__(self):
        self.filename_template = "tracemalloc-$counter.snapshot"
        self.user_data_callback = None
        self.counter = 0

    def take_snapshot(self):
        """Take a snapshot and write it; return the file's name."""
        counter = self.counter + 1
        try:
            filename = string.Template(self.filename_template).substitute(
                pid=os.getpid(), counter="%04d" % counter,
                timestamp=time.strftime("%Y-%m-%d-%H%M%S"))
        except KeyError as error:
            raise ValueError("filename_template holds $%s, which is none of "
                             "$pid, $timestamp, $counter" % error.args)
        Snapshot.create(self.user_data_callback).write(filename)
        self.counter = counter
        return filename

    _run = take_snapshot


class ProgramTop:
    """Context manager: the top of a whole program, on standard error.

    Written every delay seconds, and at the end in any case.  Traces while
    the block runs; a program that stops tracemalloc gets no more tops.
    """

    def __init__(self, delay=None, count=10, file=None):
        self.delay = delay
        self.display = DisplayTop(count, sys.stderr if file is None else file)
        self.was_tracing = False

    def __enter__(self):
        self.was_tracing = tracemalloc.is_tracing()
        enable()
        if self.delay is not None:
            start_timer(self.delay, self._display)
        return self

    def log_file_path(self):
        """None: there is no log."""
        return None

    def _display(self):
        if tracemalloc.is_tracing():
            self.display.display()

    def __exit__(self, exc_type, exc_value, traceback):
        stop_timer()
        self._display()
        if not self.was_tracing:
            tracemalloc.stop()


if os.environ.get("PYTRACEMALLOC", "0") not in ("", "0") \
        and not tracemalloc.is_tracing():
    enable()
    print("tracemalloc enabled", file=sys.stderr)
