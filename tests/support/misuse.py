# SPDX-License-Identifier: MIT
"""Small programs use tracers as they should not be used: an exception or it
works, no crash."""
import sys

import pmttest

# In front of each case.
PREAMBLE = """
import atexit, gc, itertools, os, signal, sys, threading, time, weakref
import pmt

kind, numbers = getattr(pmt, sys.argv[1]), itertools.count()

def new():
    return kind(filepath="%d.log" % next(numbers))

def enter(tracer):
    try:
        tracer.__enter__()
    except RuntimeError:
        pass
    return tracer

def leave(tracer):
    try:
        tracer.__exit__(None, None, None)
        return True
    except RuntimeError:
        return False

def work():
    class Thing:
        pass
    things = [Thing() for _ in range(50)]
    return sorted(str(i) for i in range(50)) + things

def around():
    tracer = enter(new())
    work()
    assert leave(tracer)
"""


class Misuse:
    """To be mixed into a pmttest.TestCase that has CASES, {name: code}."""

    CASES = {}

    def check_kind(self, kind):
        for name, code in self.CASES.items():
            with self.subTest(name):
                result = pmttest.run_program(
                    [sys.executable, "-X", "dev", "-W", "ignore", "-c",
                     PREAMBLE + code, kind],
                    env={"PYTHONMALLOC": "debug"}, cwd=self.directory)
                self.assert_success(result)
                self.assertEqual(result.stderr, "")

    @pmttest.needs_reference_tracing
    def test_reference_tracing(self):
        self.check_kind("ReferenceTracing")

    def test_profile(self):
        self.check_kind("Profile")

    def test_trace(self):
        self.check_kind("Trace")
