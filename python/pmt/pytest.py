# SPDX-License-Identifier: MIT
"""A plugin of pytest: tests that leak fail.

    @pytest.mark.limit_leaks(type="Session", count=0)
    def test_sessions_end(): ...

    @pytest.mark.limit_rss("10 MB")
    def test_memory_comes_back(): ...

An installation by pip makes pytest load it; elsewhere "-p pmt.pytest" does.
"""
import gc
import inspect
import json
import os
import re
import subprocess
import tempfile
import warnings

import pytest

from pmt import _pmt
from pmt._around import around
from pmt._programs import find_program

MARKERS = (
    "limit_leaks(type=None, count=0): fail if more than count objects of the "
    "type, a class or its name, that the test made are alive at its end. "
    "Without a type all count that are not of builtin types. Python 3.13.",
    "limit_rss(limit): fail if the process has more than limit more bytes in "
    'memory after the test than before, as in 1048576 or "10 MB".',
    "limit_memory(limit): fail if the process ever had more than limit more "
    'bytes in memory during the test than before it, as in "24 MB".',
)
_FACTORS = {"": 1, "K": 1 << 10, "M": 1 << 20, "G": 1 << 30, "T": 1 << 40}
_SIZE = re.compile(r"\s*(\d+(?:\.\d*)?)\s*([KMGT]?)(?:I?B)?\s*$", re.I)


def pytest_configure(config):
    for marker in MARKERS:
        config.addinivalue_line("markers", marker)


@pytest.hookimpl(hookwrapper=True, tryfirst=True)
def pytest_runtest_call(item):
    """Put the function into a block for each of its markers."""
    function = getattr(item, "obj", None)
    blocks = []
    if callable(function):
        blocks = [_block(make, marker)
                  for name, make in (("limit_leaks", _limit_leaks),
                                     ("limit_rss", _limit_rss),
                                     ("limit_memory", _limit_memory))
                  for marker in [item.get_closest_marker(name)] if marker]
    if not blocks:
        yield
        return
    wrapped = function
    for block in blocks:
        wrapped = around(lambda _, block=block: block)(wrapped)
    item.obj = wrapped
    try:
        yield
    finally:
        item.obj = function


def _block(make, marker):
    try:
        inspect.signature(make).bind(*marker.args, **marker.kwargs)
    except TypeError as error:
        _refuse("%s: %s" % (marker.name, error))
    return make(*marker.args, **marker.kwargs)


def _refuse(message):
    """Fail a test whose marker makes no sense."""
    pytest.fail(message, pytrace=False)


class _Limit:
    """A block that fails its test; one that failed already is left alone."""

    def __exit__(self, exc_type, exc_value, traceback):
        message = self.finish()
        if exc_type is None and message:
            pytest.fail(message, pytrace=False)


class _limit_rss(_Limit):

    def __init__(self, limit):
        self.limit = _parse_size(limit)

    def __enter__(self):
        gc.collect()
        self.before = _pmt.rss()

    def finish(self):
        gc.collect()
        grown = _pmt.rss() - self.before
        if grown > self.limit:
            return "the process grew by %s, %s allowed" % (
                _format_size(grown), _format_size(self.limit))
        return None


class _limit_memory(_Limit):

    def __init__(self, limit):
        self.limit = _parse_size(limit, "limit_memory")

    def __enter__(self):
        gc.collect()
        self.before = _pmt.rss()
        try:
            # proc(5): 5 makes the peak of RSS what it is now.
            with open("/proc/self/clear_refs", "w") as file:
                file.write("5")
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
                _format_size(grown), _format_size(self.limit))
        return None


class _limit_leaks(_Limit):

    def __init__(self, type=None, count=0):
        if not isinstance(count, int) or count < 0:
            _refuse("limit_leaks: count must be a number from 0 up, not %r"
                    % (count,))
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
            if self.tracing.live_count() <= self.count:
                return None
            message = self.describe(self.tracing.log_file_path())
            return message and "\n".join([message] + held)
        finally:
            self.tracing = None
            self.directory.cleanup()

    def holders(self):
        """Lines about who keeps the most frequent types alive."""
        gc.collect()
        self.tracing.suspend()
        counts = self.tracing.live_object_counts()
        # Of types built in there are more than those the test made.
        names = [name for name in sorted(counts, key=counts.get, reverse=True)
                 if counts[name] and "." in name][:5]
        _pmt._holders_begin(names)
        _pmt._holders_wait(True)
        lines = ["  %d %s held by %s" % (count, name, path)
                 for name, count, _, path, _, _ in _pmt._holders_take()]
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
        if total <= self.count:
            return None
        lines = ["%d %s left, %d allowed:" % (
            total, "object is" if total == 1 else "objects are", self.count)]
        for group in groups[:10]:
            lines.append("  %d %s made at %s:%s in %s" % (
                group["alive"], group["type"], group["file"], group["line"],
                group["function"]))
        if len(groups) > 10:
            lines.append("  and others at %d places" % (len(groups) - 10))
        return "\n".join(lines)


def _type_name(type_):
    if isinstance(type_, str):
        return type_
    if not inspect.isclass(type_):
        _refuse("limit_leaks: type must be a class or the name of one, "
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
        _refuse('%s: %r is no size such as "10 MB"' % (marker, limit))
    return int(float(match.group(1)) * _FACTORS[match.group(2).upper()])


def _format_size(size):
    for unit in ("B", "KiB", "MiB"):
        if abs(size) < 1024:
            return "%.4g %s" % (size, unit)
        size /= 1024
    return "%.4g GiB" % size
