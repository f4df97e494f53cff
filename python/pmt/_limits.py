# SPDX-License-Identifier: MIT
"""What a test may leave behind: the blocks of pmt.pytest.

A block is a context manager around the test's function, which fails the test
at its end.  With repeat the function runs so often, the block hears of it by
after_run(), and what counts is what each run adds: the slope of Theil and Sen
over the runs but the first, so that what fills a cache does not count.
"""
import asyncio
import gc
import inspect
import itertools
import json
import os
import re
import statistics
import subprocess
import tempfile
import threading
import warnings

import pytest

from pmt import _pmt
from pmt._programs import find_program

_FACTORS = {"": 1, "K": 1 << 10, "M": 1 << 20, "G": 1 << 30, "T": 1 << 40}
_SIZE = re.compile(r"\s*(\d+(?:\.\d*)?)\s*([KMGT]?)(?:I?B)?\s*$", re.I)


def refuse(message):
    """Fail a test whose marker makes no sense."""
    pytest.fail(message, pytrace=False)


def _check_number(marker, name, value, least):
    if isinstance(value, bool) or not isinstance(value, int) or value < least:
        refuse("%s: %s must be a number from %d up, not %r" % (
            marker, name, least, value))


def _check_repeat(marker, repeat):
    """Two slopes are the least that can differ from one step."""
    if repeat != 1:
        _check_number(marker, "repeat", repeat, 3)


def _slope(values):
    """What each run added; the first one may have filled caches."""
    values = list(enumerate(values))[1:]
    return statistics.median((b - a) / (j - i) for (i, a), (j, b)
                             in itertools.combinations(values, 2))


class _Limit:
    """A block that fails its test; one that failed already is left alone."""

    repeat = 1

    def after_run(self):
        """The function ran once more."""

    def __exit__(self, exc_type, exc_value, traceback):
        message = self.finish()
        if exc_type is None and message:
            pytest.fail(message, pytrace=False)


class limit_rss(_Limit):

    def __init__(self, limit, repeat=1):
        _check_repeat("limit_rss", repeat)
        self.limit = _parse_size(limit)
        self.repeat = repeat
        self.after = []

    def __enter__(self):
        gc.collect()
        self.before = _pmt.rss()

    def after_run(self):
        gc.collect()
        self.after.append(_pmt.rss())

    def finish(self):
        if self.repeat > 1:
            grown = _slope(self.after)
            if grown > self.limit:
                return "the process grew by %s a run, %s allowed; after " \
                    "each: %s" % (format_size(grown), format_size(self.limit),
                                  ", ".join(map(format_size, self.after)))
            return None
        gc.collect()
        grown = _pmt.rss() - self.before
        if grown > self.limit:
            return "the process grew by %s, %s allowed" % (
                format_size(grown), format_size(self.limit))
        return None


class limit_memory(_Limit):

    def __init__(self, limit):
        self.limit = _parse_size(limit, "limit_memory")

    def __enter__(self):
        gc.collect()
        self.before = _pmt.rss()
        try:
            clear_peak()
        except OSError as error:
            self.before = None
            warnings.warn("limit_memory is not checked: %s" % error,
                          pytest.PytestWarning)

    def finish(self):
        if self.before is None:
            return None
        grown = _pmt.rss_peak() - self.before
        if grown > self.limit:
            return "the process grew by %s at its peak, %s allowed" % (
                format_size(grown), format_size(self.limit))
        return None


class limit_leaks(_Limit):

    def __init__(self, type=None, count=0, repeat=1):
        _check_number("limit_leaks", "count", count, 0)
        _check_repeat("limit_leaks", repeat)
        self.repeat = repeat
        self.after = []
        self.type = type
        self.count = count
        self.names = None if type is None else [_type_name(type)]
        self.directory = self.tracing = None

    def __enter__(self):
        gc.collect()
        self.directory = tempfile.TemporaryDirectory(prefix="pmt-")
        try:
            self.tracing = _pmt.ReferenceTracing(
                filepath=os.path.join(self.directory.name, "log"),
                include_builtins=self.type is not None,
                include_tp_names=self.names, type_names="qualified")
            self.tracing.__enter__()
        except NotImplementedError as error:
            self.tracing = None
            warnings.warn("limit_leaks is not checked: %s" % error,
                          pytest.PytestWarning)
        except BaseException:
            self.directory.cleanup()
            raise

    def finish(self):
        try:
            if self.tracing is None:
                return None
            # Before the block's end: what holds them may end with it.
            held = self.holders()
            self.tracing.__exit__(None, None, None)
            if not self.leaks():
                return None
            message = self.describe(self.tracing.log_file_path())
            return message and "\n".join([message] + held)
        finally:
            self.tracing = None
            self.directory.cleanup()

    def after_run(self):
        if self.tracing is not None:
            gc.collect()
            self.after.append(self.tracing.live_count())

    def leaks(self):
        if self.repeat > 1:
            return _slope(self.after) > self.count
        return self.tracing.live_count() > self.count

    def holders(self):
        """Lines about who keeps the most frequent types alive."""
        gc.collect()
        self.tracing.suspend()
        counts = self.tracing.live_object_counts()
        # Of types built in there are more than those the test made.
        names = [name for name in sorted(counts, key=counts.get, reverse=True)
                 if counts[name] and "." in name][:5]
        _pmt._holders_begin(names, False)
        _pmt._holders_wait(True)
        lines = ["  %d %s held by %s" % (count, name, path)
                 for name, count, _, path, _, _ in _pmt._holders_take()[0]]
        self.tracing.resume()
        return lines

    def describe(self, log):
        """What is alive and where it was made, most of it first."""
        output = subprocess.run(
            [find_program("pmt-analyse"), "--json", "--top=0", "--", log],
            stdout=subprocess.PIPE, check=True).stdout
        groups = [group for group in json.loads(output)[0]["groups"]
                  if group["alive"]]
        total = sum(group["alive"] for group in groups)
        if self.repeat > 1:
            lines = ["%g objects a run are left, %d allowed; after each: %s:"
                     % (_slope(self.after), self.count,
                        ", ".join(map(str, self.after)))]
            # What one run of all left is a cache, or the like.
            groups = [group for group in groups
                      if group["alive"] >= self.repeat - 1] or groups
        elif total <= self.count:
            return None
        else:
            lines = ["%d %s left, %d allowed:" % (
                total, "object is" if total == 1 else "objects are",
                self.count)]
        for group in groups[:10]:
            lines.append("  %d %s made at %s:%s in %s" % (
                group["alive"], group["type"], group["file"], group["line"],
                group["function"]))
        if len(groups) > 10:
            lines.append("  and others at %d places" % (len(groups) - 10))
        return "\n".join(lines)


class limit_left(_Limit):
    """Threads, tasks of asyncio and descriptors, by what they are."""

    def __init__(self, threads=0, tasks=0, descriptors=0):
        self.allowed = {"thread": threads, "task": tasks,
                        "descriptor": descriptors}
        for name, value in self.allowed.items():
            if value is not None:
                _check_number("limit_left", name + "s", value, 0)

    def __enter__(self):
        gc.collect()
        self.before = {kind: _LEFT[kind]() for kind in self.allowed}

    def finish(self):
        gc.collect()
        lines = []
        for kind, allowed in self.allowed.items():
            left = [text for key, text in _LEFT[kind]().items()
                    if key not in self.before[kind]]
            if allowed is not None and len(left) > allowed:
                lines.append("%d %s%s left, %d allowed:" % (
                    len(left), kind, " is" if len(left) == 1 else "s are",
                    allowed))
                lines.extend("  " + text for text in left)
        return "\n".join(lines)


def _threads():
    return {thread.ident: repr(thread) for thread in threading.enumerate()}


def _tasks():
    """asyncio.all_tasks() tells of one loop only, which must still be there."""
    return {id(task): repr(task) for task in gc.get_objects()
            if isinstance(task, asyncio.Task) and not task.done()}


def _descriptors():
    found = {}
    for number in os.listdir("/proc/self/fd"):
        try:
            target = os.readlink("/proc/self/fd/" + number)
        except OSError:         # that of listdir() itself
            continue
        found[number, target] = "%s: %s" % (number, target)
    return found


_LEFT = {"thread": _threads, "task": _tasks, "descriptor": _descriptors}


def _type_name(type_):
    # No type is named so: a size would be a limit that nothing exceeds.
    if isinstance(type_, str) and type_[:1].isdigit():
        refuse("limit_leaks: %r is no type; sizes belong to limit_rss and "
                "limit_memory" % type_)
    if isinstance(type_, str):
        return type_
    if not inspect.isclass(type_):
        refuse("limit_leaks: type must be a class or the name of one, "
                "not %r" % (type_,))
    if type_.__module__ == "builtins":
        return type_.__qualname__
    return "%s.%s" % (type_.__module__, type_.__qualname__)


def _parse_size(limit, marker="limit_rss"):
    """Bytes; K, M, G and T are powers of 1024, as everywhere in pmt."""
    if isinstance(limit, int) and limit >= 0:
        return limit
    match = _SIZE.match(limit) if isinstance(limit, str) else None
    if match is None:
        refuse('%s: %r is no size such as "10 MB"' % (marker, limit))
    return int(float(match.group(1)) * _FACTORS[match.group(2).upper()])


def clear_peak():
    """Begin a new peak of RSS.  OSError: the kernel does not let us."""
    # proc(5): 5 makes the peak what RSS is now.
    with open("/proc/self/clear_refs", "w") as file:
        file.write("5")


def format_size(size):
    for unit in ("B", "KiB", "MiB"):
        if abs(size) < 1024:
            return "%.4g %s" % (size, unit)
        size /= 1024
    return "%.4g GiB" % size
