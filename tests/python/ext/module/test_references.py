# SPDX-License-Identifier: MIT
"""Calls of the package leave no object and no reference behind.

PMT_CALLS=10000 makes so many of each.  A debug build of CPython counts
references too.
"""
import gc
import os
import sys

import pmt
import pmttest

CALLS = int(os.environ.get("PMT_CALLS", 200))

# These look at all objects, or fork.
SLOW_CALLS = max(CALLS // 20, 50)

TRACERS = [pmt.Profile, pmt.Trace]
DECORATORS = [pmt.profile, pmt.trace]
if sys.version_info >= (3, 13):
    TRACERS.append(pmt.ReferenceTracing)
    DECORATORS.append(pmt.reference_tracing)


class Thing:
    pass


class References(pmttest.TestCase):

    def setUp(self):
        super().setUp()
        self.addCleanup(os.chdir, os.getcwd())
        os.chdir(self.directory)

    def assert_flat(self, call, calls=CALLS):
        """What is left behind is there after each round: caches fill once."""
        for _ in range(5):
            before = self.counts()
            for _ in range(calls):
                call()
            grown = [new - old for new, old in zip(self.counts(), before)]
            if max(grown) < calls // 5:
                return
        self.fail("%d calls leave %r" % (calls, grown))

    def counts(self):
        """Objects, references if they are counted, and pages."""
        gc.collect()
        return [sys.getallocatedblocks(),
                getattr(sys, "gettotalrefcount", int)(),
                0 if pmttest.sanitized else pmt.rss() // 4096]

    def fails(self, make, error, **arguments):
        def call():
            with self.assertRaises(error):
                with make(**arguments):
                    pass
        return call

    def test_blocks(self):
        for tracer in TRACERS:
            for arguments in ({}, {"message": "hello"}, {"stack": 5},
                              {"format": "text"}):
                def block():
                    with tracer(filepath="x.log", **arguments) as running:
                        Thing()
                        running.write_message_to_log("told")
                        running.log_file_path()
                        running.rows_left_out()
                with self.subTest(tracer, **arguments):
                    self.assert_flat(block)

    def test_counts(self):
        if pmt.ReferenceTracing not in TRACERS:
            self.skipTest("reference tracing needs Python 3.13")

        def block():
            with pmt.ReferenceTracing(
                    filepath="x.log", include_builtins=True,
                    include_tp_names=["Thing", "list"]) as tracer:
                tracer.suspend()
                tracer.resume()
                keep = [Thing()]
                tracer.live_object_counts()
                tracer.live_count()
                tracer.count_new()
                tracer.count_del()
                pmt.reference_tracing_live_object_counts()
            del keep
        self.assert_flat(block)

    def test_mistakes(self):
        for tracer in TRACERS:
            for error, arguments in (
                    (TypeError, {"nosuch": 1}), (TypeError, {"filepath": 5}),
                    (ValueError, {"filepath": "\0"}),
                    (FileNotFoundError, {"filepath": "/nowhere/x.log"})):
                with self.subTest(tracer, **arguments):
                    self.assert_flat(self.fails(tracer, error, **arguments))
            with self.subTest(tracer, arguments="never entered"):
                def leave():
                    with self.assertRaises(RuntimeError):
                        tracer(filepath="x.log").__exit__(None, None, None)
                self.assert_flat(leave)

    def test_decorators(self):
        for decorator in DECORATORS:
            @decorator(filepath="x.log")
            def function():
                return Thing()

            @decorator(filepath="x.log")
            def generator():
                yield Thing()
            with self.subTest(decorator.__name__):
                self.assert_flat(function)
                self.assert_flat(lambda: list(generator()))

    def test_questions(self):
        names = [name for name in dir(pmt)
                 if name.endswith(("_log_path", "_wrapper_depth"))
                 and (len(TRACERS) == 3 or "reference" not in name)]
        self.assertGreater(len(names), 3)
        for name in names + ["rss", "rss_peak"]:
            with self.subTest(name):
                self.assert_flat(getattr(pmt, name))

    def test_the_heap(self):
        things = [Thing() for _ in range(10)]
        for name, question in (("type", Thing), ("objects", things)):
            with self.subTest(name):
                self.assert_flat(lambda: pmt.holders(question), SLOW_CALLS)
        self.assert_flat(lambda: pmt.heap_snapshot("x.pmtheap"), SLOW_CALLS)


if __name__ == "__main__":
    pmttest.main()
