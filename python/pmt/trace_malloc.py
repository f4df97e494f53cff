# SPDX-License-Identifier: MIT
"""How much memory did a block of Python code add, and on which lines?

    with TraceMalloc() as block:
        ...
    block.diff                  bytes that the block added
    block.net_statistics()      where, biggest first

The standard tracemalloc does the counting.  It is switched on for the block
if it is off, and left as it was found.  It sees what Python's allocators give
out, of all threads, from the moment it is switched on: where it was off, the
release of older memory does not show.
"""
import array
import contextlib
import logging
import sys
import threading
import tracemalloc
import warnings

from pmt._around import around

logger = logging.getLogger(__name__)

# The allocations of these files are the measurement's, not the program's.
_OWN_FILES = (tracemalloc.__file__, __file__)


class _Tracing:
    """tracemalloc, on while anybody here needs it, then as it was found."""

    def __init__(self):
        # Reentrant: an allocation below may run a destructor that measures.
        self.lock = threading.RLock()
        self.users = 0
        self.started_here = False

    def begin(self, nframes):
        """Make sure that tracemalloc is on; return True if it was off."""
        with self.lock:
            was_off = not tracemalloc.is_tracing()
            if was_off:
                tracemalloc.start(nframes)
                self.started_here = True
            self.users += 1
        return was_off

    def end(self):
        with self.lock:
            self.users -= 1
            if self.users == 0 and self.started_here:
                self.started_here = False
                tracemalloc.stop()


_tracing = _Tracing()


class TraceMalloc:
    """Context manager: what did the block add to the traced memory?

    key_type says by what the statistics are grouped: "lineno", "filename" or
    "traceback", the last with nframes frames.  With None there are none, only
    the sizes, and a block costs next to nothing even where tracemalloc is on
    already and knows of millions of blocks.

    After the block:
        diff                         bytes added, tracemalloc's own left out
        memory_start, memory_finish  bytes that tracemalloc itself used
        tracemalloc_memory_usage     the growth of that
        tracemalloc_snapshot_start, tracemalloc_snapshot_finish
        statistics                   list of tracemalloc.StatisticDiff
        net_statistics()             the same without the measurement's rows

    diff is None and statistics is empty where nothing is known: while
    TRACE_ON is False, and when the block switched tracemalloc off.
    """

    #: False turns every TraceMalloc into a block that does nothing.
    TRACE_ON = True
    ALLOWED_GRANULARITY = ("filename", "lineno", "traceback")

    def __init__(self, key_type="lineno", nframes=1):
        if key_type is not None and key_type not in self.ALLOWED_GRANULARITY:
            raise ValueError("key_type must be None or one of %s, not %r" % (
                ", ".join(map(repr, self.ALLOWED_GRANULARITY)), key_type))
        if not isinstance(nframes, int):
            raise TypeError("nframes must be an int, not %s"
                            % type(nframes).__name__)
        if nframes < 1:
            raise ValueError("nframes must be at least 1, not %d" % nframes)
        self.key_type = key_type
        self.nframes = nframes
        self.memory_start = None
        self.memory_finish = None
        self.tracemalloc_snapshot_start = None
        self.tracemalloc_snapshot_finish = None
        self._statistics = None
        self._diff = None
        self._active = False
        self._bias = 0
        self._marker = None
        # Not an attribute: an int that is kept would count as the block's.
        self._traced = array.array("q", [0])

    def __enter__(self):
        if self._active:
            raise RuntimeError("this TraceMalloc measures a block already")
        if not self.TRACE_ON:
            return self
        limit = tracemalloc.get_traceback_limit()
        if tracemalloc.is_tracing() and limit < self.nframes:
            warnings.warn("tracemalloc is on already and keeps %d of the %d "
                          "frames asked for" % (limit, self.nframes),
                          RuntimeWarning, stacklevel=2)
        self._active = True
        was_off = _tracing.begin(self.nframes)
        # Where tracing begins only now, what `with` holds is not traced.
        self._bias = 0 if was_off else _measure_empty_block()
        self.memory_finish = self._diff = self._statistics = None
        self.tracemalloc_snapshot_start = None
        self.tracemalloc_snapshot_finish = None
        if self.key_type is not None:
            self.tracemalloc_snapshot_start = (
                tracemalloc.Snapshot([], tracemalloc.get_traceback_limit())
                if was_off else tracemalloc.take_snapshot())
        self.memory_start = tracemalloc.get_tracemalloc_memory()
        self._marker = object()
        # The first call fills the free lists that the second one uses.
        tracemalloc.get_traced_memory()
        self._traced[0] = tracemalloc.get_traced_memory()[0]
        return self

    def __exit__(self, exc_type, exc_value, traceback):
        traced = tracemalloc.get_traced_memory()[0]
        if not self._active:
            return
        self._active = False
        try:
            # The marker's trace is gone if the block stopped tracemalloc or
            # cleared its traces: sizes before and after are then unrelated.
            if tracemalloc.get_object_traceback(self._marker) is not None:
                self._diff = traced - self._traced[0] - self._bias
                self.memory_finish = tracemalloc.get_tracemalloc_memory()
                if self.key_type is not None:
                    self.tracemalloc_snapshot_finish = (
                        tracemalloc.take_snapshot())
        finally:
            self._marker = None
            _tracing.end()

    @property
    def diff(self):
        """Bytes that the block added, or None if nothing is known."""
        return self._diff

    @property
    def tracemalloc_memory_usage(self):
        """Bytes that tracemalloc's own tables grew by, or None."""
        if self.memory_start is None or self.memory_finish is None:
            return None
        return self.memory_finish - self.memory_start

    @property
    def statistics(self):
        """What grew and shrank, as tracemalloc tells it, biggest first."""
        if self._statistics is None:
            if self.key_type is None:
                raise ValueError("there are no statistics with key_type=None")
            if self.tracemalloc_snapshot_finish is None:
                return []
            self._statistics = self.tracemalloc_snapshot_finish.compare_to(
                self.tracemalloc_snapshot_start, self.key_type)
        return self._statistics

    def net_statistics(self):
        """The statistics without what the measurement itself allocated."""
        return [row for row in self.statistics
                if row.traceback[-1].filename not in _OWN_FILES]


_empty_block = None


def _measure_empty_block():
    """What an empty block seems to add: 0 or -64 bytes, by Python version.

    CPython 3.9 to 3.13 hold a bound __enter__ while it runs and release it
    afterwards.  Another thread may disturb one of the tries, hardly all.
    """
    global _empty_block
    if _empty_block is None:
        _empty_block = 0
        tries = [TraceMalloc(None) for _ in range(4)]
        for block in tries:
            with block:
                pass
        _empty_block = min(
            (block.diff for block in tries[1:] if block.diff is not None),
            key=abs, default=0)
    return _empty_block


def trace_malloc_log(level):
    """Decorator: log at this level how many bytes each call added."""
    return log_to(logger, level)


def log_to(logger, level):
    """The same to another logger."""
    @contextlib.contextmanager
    def block(function):
        with TraceMalloc(None) as measured:
            yield
        if measured.diff is not None:
            logger.log(level, 'TraceMalloc memory delta: %s for "%s()"',
                       format(measured.diff, ",d"), function.__name__)
    return around(block)


def trace_malloc_report(key_type="lineno", nframes=1, count=10, file=None):
    """Decorator: write what each call added and where, the count biggest.

    Written to file, standard error by default.  May be used bare, without
    parentheses.
    """
    if callable(key_type):
        return trace_malloc_report()(key_type)
    TraceMalloc(key_type, nframes)      # a wrong argument is told at once

    @contextlib.contextmanager
    def block(function):
        with TraceMalloc(key_type, nframes) as measured:
            yield
        if measured.diff is None:
            return
        lines = ['TraceMalloc memory delta: %s for "%s()"'
                 % (format(measured.diff, ",d"), function.__name__)]
        if key_type is not None:
            for row in measured.net_statistics()[:count]:
                if row.size_diff or row.count_diff:
                    lines.append("  %s" % row)
        print("\n".join(lines), file=sys.stderr if file is None else file)
    return around(block)
