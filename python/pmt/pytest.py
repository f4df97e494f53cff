# SPDX-License-Identifier: MIT
"""A plugin of pytest: tests that leak fail.

    @pytest.mark.limit_leaks(type="Session", count=0)
    def test_sessions_end(): ...

    @pytest.mark.limit_rss("10 MB")
    def test_memory_comes_back(): ...

    @pytest.mark.limit_left(threads=0, tasks=0, descriptors=0)
    def test_all_is_closed(): ...

With --pmt-top=N pytest lists the N tests that took most memory at the end.

An installation by pip makes pytest load it; elsewhere "-p pmt.pytest" does.
"""
import functools
import gc
import inspect

import pytest

from pmt import _pmt
from pmt import _limits
from pmt._around import around

MARKERS = (
    "limit_leaks(type=None, count=0, repeat=1): fail if more than count "
    "objects of the type, a class or its name, that the test made are alive "
    "at its end. Without a type all count that are not of builtin types. "
    "With repeat the test runs so often, and count is of each run but those "
    "that fill caches. Python 3.13.",
    "limit_rss(limit, repeat=1): fail if the process has more than limit more "
    'bytes in memory after the test than before, as in 1048576 or "10 MB"; '
    "with repeat, if each run adds more.",
    "limit_memory(limit): fail if the process ever had more than limit more "
    'bytes in memory during the test than before it, as in "24 MB".',
    "limit_left(threads=0, tasks=0, descriptors=0): fail if there are more "
    "new threads, unfinished tasks of asyncio, or open descriptors after the "
    "test; None: any number.",
)
_LIMITS = "limit_leaks", "limit_rss", "limit_memory", "limit_left"

# The name of the property of a test's report, which xdist passes on.
_PROPERTY = "pmt"


def pytest_addoption(parser):
    parser.getgroup("pmt").addoption(
        "--pmt-top", type=int, default=0, metavar="N",
        help="at the end, list the N tests that made memory grow most.")


def pytest_configure(config):
    for marker in MARKERS:
        config.addinivalue_line("markers", marker)


@pytest.hookimpl(hookwrapper=True, tryfirst=True)
def pytest_runtest_call(item):
    """Put the function into a block for each of its markers."""
    function = getattr(item, "obj", None)
    blocks = []
    if callable(function):
        blocks = [_block(name, marker) for name in _LIMITS
                  for marker in [item.get_closest_marker(name)] if marker]
    if not blocks:
        yield
        return
    wrapped = _repeated(function, blocks)
    for block in blocks:
        wrapped = around(lambda _, block=block: block)(wrapped)
    item.obj = wrapped
    try:
        yield
    finally:
        item.obj = function


def _block(name, marker):
    make = getattr(_limits, name)
    try:
        inspect.signature(make).bind(*marker.args, **marker.kwargs)
    except TypeError as error:
        _limits.refuse("%s: %s" % (name, error))
    return make(*marker.args, **marker.kwargs)


def _repeated(function, blocks):
    """The function as often as a block wants, which all hear of."""
    times = max(block.repeat for block in blocks)
    if times == 1:
        return function

    def tell():
        for block in blocks:
            block.after_run()

    @functools.wraps(function)
    def repeat(*args, **kwargs):
        for _ in range(times):
            function(*args, **kwargs)
            tell()

    @functools.wraps(function)
    async def repeat_coroutine(*args, **kwargs):
        for _ in range(times):
            await function(*args, **kwargs)
            tell()

    if inspect.iscoroutinefunction(function):
        return repeat_coroutine
    return repeat


@pytest.hookimpl(hookwrapper=True, tryfirst=True)
def pytest_runtest_protocol(item):
    """What a test and its fixtures did to RSS, for the table at the end."""
    if item.config.getoption("pmt_top") <= 0:
        yield
        return
    gc.collect()
    before = _pmt.rss()
    try:
        _limits.clear_peak()
    except OSError:
        pass            # the peak is that of the process so far
    item._pmt_before = before
    yield


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item, call):
    before = getattr(item, "_pmt_before", None)
    if call.when == "teardown" and before is not None:
        peak = _pmt.rss_peak()
        gc.collect()
        item.user_properties.append((_PROPERTY, "%d %d" % (
            _pmt.rss() - before, max(peak - before, 0))))
    yield


def pytest_terminal_summary(terminalreporter, config):
    rows = [(*map(int, value.split()), report.nodeid)
            for reports in terminalreporter.stats.values()
            for report in reports
            if getattr(report, "when", None) == "teardown"
            for name, value in report.user_properties if name == _PROPERTY]
    if not rows:
        return
    rows.sort(key=lambda row: (-row[0], -row[1], row[2]))
    terminalreporter.section("memory by test")
    terminalreporter.write_line("%10s  %10s  test" % ("grew by", "at peak"))
    for grown, peak, name in rows[:config.getoption("pmt_top")]:
        terminalreporter.write_line("%10s  %10s  %s" % (
            _limits.format_size(grown), _limits.format_size(peak), name))
