# SPDX-License-Identifier: MIT
"""Profile and Trace within each other, in threads, and beside other tools."""
import cProfile
import contextlib
import functools
import os
import sys
import threading
import unittest

import pmt
import pmt._pmt

import pmttest
import proflog
from proflog import KINDS, Log

MONITORING = sys.version_info >= (3, 12)
REFERENCES = sys.version_info >= (3, 13)


def on_each(test):
    """Give tests what makes a tracer, and its kind, for each of them."""
    @proflog.on_each
    @functools.wraps(test)
    def run(self, kind, engine):
        test(self, functools.partial(KINDS[kind], 0, engine=engine), kind)
    return run


def before():
    pass


def inside():
    pass


def after():
    pass


class StackTest(pmttest.TestCase):

    def depth(self, kind):
        return getattr(pmt._pmt, kind + "_wrapper_depth")()

    @on_each
    def test_inner_suspends_outer(self, new, kind):
        outer = new(filepath=self.path("outer"))
        inner = new(filepath=self.path("inner"))
        self.assertEqual(self.depth(kind), 0)
        with outer:
            before()
            self.assertEqual(self.depth(kind), 1)
            with inner:
                self.assertEqual(self.depth(kind), 2)
                self.assertEqual(outer.log_file_path(), self.path("outer"))
                self.assertEqual(inner.log_file_path(), self.path("inner"))
                self.assertEqual(
                    getattr(pmt._pmt, kind + "_log_path")(),
                    self.path("inner"))
                inside()
            after()
        self.assertEqual(self.depth(kind), 0)
        outer, inner = Log(self.path("outer")), Log(self.path("inner"))
        self.assertLessEqual({"before", "after"}, outer.functions())
        self.assertNotIn("inside", outer.functions())
        self.assertIn("inside", inner.functions())
        self.assertFalse({"before", "after"} & inner.functions())
        self.assertEqual(outer.notes[1:], [
            "Detaching this %s file wrapper. New file:%s" % (
                kind, self.path("inner")),
            "Re-attaching this %s file wrapper." % kind])

    @on_each
    def test_exits_in_the_wrong_order(self, new, kind):
        outer = new(filepath=self.path("outer"))
        inner = new(filepath=self.path("inner"))
        outer.__enter__()
        inner.__enter__()
        before()
        outer.__exit__(None, None, None)
        inside()
        inner.__exit__(None, None, None)
        after()
        self.assertEqual(self.depth(kind), 0)
        outer, inner = Log(self.path("outer")), Log(self.path("inner"))
        self.assertLessEqual({"before", "inside"}, inner.functions())
        self.assertNotIn("inside", outer.functions())
        self.assertNotIn("after", inner.functions())

    @on_each
    def test_deep_stack(self, new, kind):
        with contextlib.ExitStack() as stack:
            for n in range(50):
                stack.enter_context(new(filepath=self.path(str(n))))
            self.assertEqual(self.depth(kind), 50)
            inside()
        self.assertEqual(self.depth(kind), 0)
        for n in range(50):
            self.assertEqual("inside" in Log(self.path(str(n))).functions(),
                             n == 49)

    @on_each
    def test_function_with_a_fixed_path_that_calls_itself(self, new, kind):
        def nest(n):
            with new(filepath=self.path("log")):
                inside()
                if n:
                    nest(n - 1)

        nest(2)
        self.assertEqual(sorted(os.listdir(self.directory)),
                         ["log", "log.1", "log.2"])
        for name in "log", "log.1", "log.2":
            self.assertIn("inside", Log(self.path(name)).functions())
            os.unlink(self.path(name))

    @on_each
    def test_exceptions_pass(self, new, kind):
        def endless():
            return endless() + 1

        for error, function in (
                (SystemExit, sys.exit), (RecursionError, endless),
                (MemoryError, lambda: bytearray(1 << 62)),
                (KeyboardInterrupt, self.interrupt)):
            tracer = new(filepath=self.path("log"))
            with self.assertRaises(error):
                with tracer:
                    function()
            Log(self.path("log"))
            self.assertEqual(self.depth(kind), 0)

    def interrupt(self):
        raise KeyboardInterrupt

    @on_each
    def test_generator_closed_after_the_block(self, new, kind):
        def produce():
            try:
                yield inside()
            finally:
                after()

        generator = produce()
        with new(filepath=self.path("log")):
            next(generator)
        generator.close()
        log = Log(self.path("log"))
        self.assertIn("inside", log.functions())
        self.assertNotIn("after", log.functions())

    def test_all_tracers_at_once(self):
        for order in range(6):
            tracers = [pmt.Profile(0, filepath=self.path("p")),
                       pmt.Trace(0, filepath=self.path("t"))]
            if REFERENCES:
                tracers.append(pmt.ReferenceTracing(filepath=self.path("r"),
                                                    include_builtins=True))
            order_of_them = [tracers[(order + n * (1 + order % 2)) %
                                     len(tracers)]
                             for n in range(len(tracers))]
            with contextlib.ExitStack() as stack:
                for tracer in dict.fromkeys(order_of_them + tracers):
                    stack.enter_context(tracer)
                inside()
            self.assertIn("inside", Log(self.path("p")).functions())
            self.assertIn("inside", Log(self.path("t")).functions())
            if REFERENCES:
                self.assertTrue(self.read_file("r").endswith("EOF\n"))

    @pmttest.not_sanitized
    @on_each
    def test_leaves_nothing_behind(self, new, kind):
        def run(times):
            for _ in range(times):
                with new(filepath=self.path("log")):
                    inside()

        run(20)
        rss, descriptors = pmt.rss(), os.listdir("/proc/self/fd")
        run(300)
        self.assertEqual(os.listdir("/proc/self/fd"), descriptors)
        if not pmttest.sanitized:
            self.assertLess(pmt.rss() - rss, 1 << 20)
        self.assertIsNone(sys.getprofile())
        self.assertIsNone(sys.gettrace())
        if MONITORING:
            self.assertEqual([sys.monitoring.get_tool(n) for n in range(6)],
                             [None] * 6)


class DecoratorTest(pmttest.TestCase):

    def setUp(self):
        cwd = os.getcwd()
        os.chdir(self.directory)
        self.addCleanup(os.chdir, cwd)

    def logs(self):
        return [Log(name) for name in sorted(os.listdir("."))]

    def test_functions(self):
        for decorator in pmt.profile, pmt.trace:
            for decorate in decorator, decorator(), decorator(0):
                @decorate
                def work(n):
                    """Documented."""
                    return n + 1

                self.assertEqual(work(1), 2)
                self.assertEqual(work.__doc__, "Documented.")
        self.assertEqual(len(self.logs()), 6)

    def test_generators_and_coroutines(self):
        for decorator in pmt.profile, pmt.trace:
            @decorator(0)
            def produce():
                inside()
                yield 1
                after()

            @decorator(0)
            async def wait():
                inside()
                return 2

            self.assertEqual(list(produce()), [1])
            with self.assertRaises(StopIteration) as stop:
                wait().send(None)
            self.assertEqual(stop.exception.value, 2)
        logs = self.logs()
        self.assertEqual(len(logs), 4)
        for log in logs:
            self.assertIn("inside", log.functions())


class ThreadTest(pmttest.TestCase):

    @on_each
    def test_only_the_thread_of_the_block(self, new, kind):
        with new(filepath=self.path("log")):
            inside()
            pmttest.in_threads(after)
        log = Log(self.path("log"))
        self.assertIn("inside", log.functions())
        self.assertNotIn("after", log.functions())
        self.assertNotIn("Thread", log.header)

    @on_each
    def test_all_threads(self, new, kind):
        def old():
            started.set()
            ready.wait()
            before()

        started, ready = threading.Event(), threading.Event()
        thread = threading.Thread(target=old)
        thread.start()
        started.wait()
        with new(filepath=self.path("log"), threads="all"):
            inside()
            ready.set()
            thread.join()
            pmttest.in_threads(after, after)
        log = Log(self.path("log"))
        self.assertEqual(log.header.split()[-1], "Thread")
        threads = {name: {row.thread for row in log.rows
                          if row.function == name}
                   for name in ("before", "inside", "after")}
        self.assertEqual(threads["inside"], {log.rows[0].thread})
        self.assertIn(len(threads["after"]), (1, 2))
        self.assertNotIn(log.rows[0].thread, threads["after"])
        if sys.version_info >= (3, 9):
            self.assertEqual(len(threads["before"]), 1)
        # Nothing is left in any thread.
        pmttest.in_threads(lambda: self.assertIsNone(sys.getprofile()))
        self.assertIsNone(threading._profile_hook)
        self.assertIsNone(threading._trace_hook)

    @on_each
    def test_overlapping_blocks_of_threads(self, new, kind):
        def work(n):
            for m in range(20):
                with new(filepath=self.path("%d-%d" % (n, m))):
                    barrier.wait()
                    names[n]()

        names = [before, inside, after]
        barrier = threading.Barrier(len(names))
        pmttest.in_threads(*[functools.partial(work, n)
                          for n in range(len(names))])
        for n, function in enumerate(names):
            for m in range(20):
                found = Log(self.path("%d-%d" % (n, m))).functions()
                self.assertEqual(found & {"before", "inside", "after"},
                                 {function.__name__})

    @on_each
    def test_block_that_ends_in_another_thread(self, new, kind):
        tracer = new(filepath=self.path("log"))
        tracer.__enter__()
        inside()
        pmttest.in_threads(lambda: tracer.__exit__(None, None, None))
        after()
        log = Log(self.path("log"))
        self.assertIn("inside", log.functions())
        self.assertNotIn("after", log.functions())
        before()
        self.assertIsNone(sys.getprofile())
        self.assertIsNone(sys.gettrace())

    @on_each
    def test_thread_that_ends_in_its_block(self, new, kind):
        tracer = new(filepath=self.path("log"))
        pmttest.in_threads(lambda: tracer.__enter__() and inside())
        pmttest.in_threads(after)
        tracer.__exit__(None, None, None)
        log = Log(self.path("log"))
        self.assertIn("inside", log.functions())
        self.assertNotIn("after", log.functions())


class OtherToolsTest(pmttest.TestCase):

    def install(self, kind, function):
        (sys.setprofile if kind == "profile" else sys.settrace)(function)

    def installed(self, kind):
        return (sys.getprofile if kind == "profile" else sys.gettrace)()

    @on_each
    def test_function_found_goes_on(self, new, kind):
        def tool(frame, event, argument):
            seen.append((event, frame.f_code.co_name))
            return tool

        seen = []
        self.install(kind, tool)
        try:
            with new(filepath=self.path("log")):
                with new(filepath=self.path("inner")):
                    inside()
                self.assertEqual(seen.count(("call", "inside")), 1)
                after()
            self.assertIs(self.installed(kind), tool)
        finally:
            self.install(kind, None)
        self.assertEqual(seen.count(("call", "inside")), 1)
        self.assertEqual(seen.count(("call", "after")), 1)
        self.assertIn("inside", Log(self.path("inner")).functions())
        self.assertIn("after", Log(self.path("log")).functions())

    @on_each
    def test_function_found_that_fails(self, new, kind):
        def tool(frame, event, argument):
            if frame.f_code.co_name == "inside":
                raise ZeroDivisionError
            return tool

        self.install(kind, tool)
        try:
            with new(filepath=self.path("log")):
                with self.assertRaises(ZeroDivisionError):
                    inside()
                after()
            self.assertIsNone(self.installed(kind))
        finally:
            self.install(kind, None)
        self.assertIn("after", Log(self.path("log")).functions())

    @on_each
    def test_program_that_sets_a_function_meanwhile(self, new, kind):
        def tool(frame, event, argument):
            seen.append(frame.f_code.co_name)
            return tool

        seen = []
        try:
            with new(filepath=self.path("log")) as tracer:
                self.install(kind, tool)
                inside()
            self.assertIs(self.installed(kind), tool)
        finally:
            self.install(kind, None)
        self.assertIn("inside", seen)
        log = Log(self.path("log"))
        if "sys.monitoring" in log.notes[0]:
            self.assertIn("inside", log.functions())
        else:
            self.assertIn("Another tool took the place", log.notes[-1])
        self.assertIn("not running", repr(tracer))

    @on_each
    def test_place_given_up_and_given_back(self, new, kind):
        """What gettrace() gives works when settrace() gets it back."""
        def tool(frame, event, argument):
            seen.append(frame.f_code.co_name)
            return tool

        seen = []
        with new(filepath=self.path("log")) as tracer:
            found = self.installed(kind)
            self.install(kind, tool)
            before()
            self.install(kind, None)
            self.install(kind, found)
            inside()
            self.assertIs(self.installed(kind), found)
            # Another thread is no business of this block.
            pmttest.in_threads(
                lambda: (self.install(kind, found), after(),
                         self.assertIsNone(self.installed(kind))))
        self.assertIsNone(self.installed(kind))
        self.assertIn("before", seen)
        log = Log(self.path("log"))
        self.assertIn("inside", log.functions())
        if found is not None:
            self.assertIs(found, tracer)
            self.assertNotIn("before", log.functions())
            self.assertNotIn("after", log.functions())
            # The block is over: who still has it gets no events.
            self.install(kind, found)
            inside()
            self.assertIsNone(self.installed(kind))

    @on_each
    def test_tool_that_hands_on_its_events(self, new, kind):
        def tool(frame, event, argument):
            seen.append(frame.f_code.co_name)
            if found is not None:
                self.assertIs(found(frame, event, argument), found)
            return tool

        seen = []
        with new(filepath=self.path("log")):
            found = self.installed(kind)
            self.install(kind, tool)
            inside()
            self.assertIs(self.installed(kind), tool)
            self.install(kind, found)
            after()
        self.assertIn("inside", seen)
        self.assertNotIn("after", seen)
        self.assertLessEqual({"inside", "after"},
                             Log(self.path("log")).functions())

    @on_each
    def test_called_as_no_tracer_is(self, new, kind):
        with new(filepath=self.path("log")) as tracer:
            for arguments in ((), (1, "call", None), (None, None, None),
                              (sys._getframe(), 5, None)):
                with self.assertRaises(TypeError):
                    tracer(*arguments)
            tracer(sys._getframe(), "no such event", None)
        self.assertIsNone(tracer(sys._getframe(), "call", None))

    @on_each
    def test_cprofile_around(self, new, kind):
        profile = cProfile.Profile()
        profile.enable()
        with new(filepath=self.path("log")):
            inside()
        profile.disable()
        self.assertIn("inside", Log(self.path("log")).functions())
        self.assertIn("inside", {entry.code.co_name
                                 for entry in profile.getstats()
                                 if not isinstance(entry.code, str)})

    @unittest.skipUnless(MONITORING, "below 3.12 it takes our place")
    def test_cprofile_within(self):
        for kind in KINDS.values():
            with kind(0, filepath=self.path("log")):
                profile = cProfile.Profile()
                profile.enable()
                inside()
                profile.disable()
                after()
            self.assertLessEqual({"inside", "after"},
                                 Log(self.path("log")).functions())
            self.assertTrue(profile.getstats())

    @unittest.skipUnless(MONITORING, "needs sys.monitoring, Python 3.12")
    def test_ids_that_tools_ask_for_stay_free(self):
        with pmt.Profile(0, filepath=self.path("log")):
            self.assertEqual([sys.monitoring.get_tool(n) for n in range(5)],
                             [None] * 5)

    @unittest.skipUnless(MONITORING, "needs sys.monitoring, Python 3.12")
    def test_other_tools_of_monitoring(self):
        taken = [n for n in range(6) if not sys.monitoring.get_tool(n)]
        try:
            for n in taken:
                sys.monitoring.use_tool_id(n, "other")
            for kind in KINDS:
                with self.assertRaisesRegex(RuntimeError, "tool ids"):
                    with KINDS[kind](filepath=self.path("log")):
                        pass
                self.assertEqual(
                    getattr(pmt._pmt, kind + "_wrapper_depth")(), 0)
            # One is enough, any one.
            for n in taken:
                sys.monitoring.free_tool_id(n)
                with pmt.Trace(0, filepath=self.path("log")):
                    inside()
                self.assertIn("inside", Log(self.path("log")).functions())
                sys.monitoring.use_tool_id(n, "other")
        finally:
            for n in taken:
                sys.monitoring.free_tool_id(n)

    @unittest.skipUnless(MONITORING, "needs sys.monitoring, Python 3.12")
    def test_answers_do_not_outlive_us(self):
        with pmt.Trace(0, filepath=self.path("log"), include_files=["none"]):
            inside()
        seen = []
        events = sys.monitoring.events
        for n in range(6):
            sys.monitoring.use_tool_id(n, "other")
            sys.monitoring.register_callback(
                n, events.PY_START, lambda code, _: seen.append(code.co_name))
            sys.monitoring.set_events(n, events.PY_START)
            inside()
            sys.monitoring.set_events(n, 0)
            sys.monitoring.free_tool_id(n)
        self.assertEqual(seen.count("inside"), 6)


if __name__ == "__main__":
    pmttest.main()
