# SPDX-License-Identifier: MIT
"""Reference tracers inside, beside and across each other; in any order."""
import asyncio
import contextlib
import functools
import gc
import os
import sys
import threading
import tracemalloc

import pmttest
import reflog

import pmt

DETACHING = "Detaching this Reference Tracing file wrapper. New file: %s"
ATTACHING = "Re-attaching this Reference Tracing file wrapper."


class Thing:
    pass


class Stack(pmttest.TestCase):

    def setUp(self):
        gc.collect()

    def tearDown(self):
        self.assertEqual(pmt.reference_tracing_wrapper_depth(), 0)
        self.assertEqual(pmt.reference_tracing_simple_wrapper_depth(), 0)

    def tracing(self, name, **kwargs):
        return pmt.ReferenceTracing(filepath=self.path(name), **kwargs)

    def log(self, name):
        return reflog.Log(self.path(name))

    def made(self, name):
        """How many Things a log has seen made."""
        log = self.log(name)
        self.assertTrue(log.ended)
        return len(log.of("Thing", "NEW"))


@pmttest.needs_reference_tracing
class Stacking(Stack):

    def test_inner_has_the_events(self):
        depths = []
        with self.tracing("outer") as outer:
            kept = [Thing()]
            with self.tracing("inner") as inner:
                depths.append(pmt.reference_tracing_wrapper_depth())
                self.assertEqual(pmt.reference_tracing_log_path(),
                                 inner.log_file_path())
                kept += [Thing(), Thing()]
            depths.append(pmt.reference_tracing_wrapper_depth())
            self.assertEqual(pmt.reference_tracing_log_path(),
                             outer.log_file_path())
            kept += [Thing(), Thing(), Thing()]
        self.assertEqual(depths, [2, 1])
        self.assertIsNone(pmt.reference_tracing_log_path())
        self.assertEqual((self.made("outer"), self.made("inner")), (4, 2))
        self.assertEqual(self.log("outer").messages()[1:], [
            DETACHING % self.path("inner"), ATTACHING])
        self.assertEqual(len(self.log("inner").messages()), 1)

    def test_generated_names_tell_the_depth(self):
        with contextlib.ExitStack() as stack:
            paths = [stack.enter_context(self.tracing("")).log_file_path()
                     for i in range(3)]
        for depth, path in enumerate(paths):
            self.assertIn("_O_%d_PY" % depth, path)
            self.assertTrue(reflog.Log(path).ended)

    def test_deep(self):
        with contextlib.ExitStack() as stack:
            for i in range(50):
                stack.enter_context(self.tracing("log%d" % i))
                Thing()
        for i in range(50):
            self.assertEqual(self.made("log%d" % i), 1)

    def test_destroyed_under_another(self):
        """An object that died while detached is not alive afterwards."""
        with self.tracing("outer") as outer:
            kept = [Thing() for i in range(10)]
            with self.tracing("inner") as inner:
                del kept[3:]
                self.assertEqual(inner.live_object_counts().get("Thing"), 0)
            self.assertEqual(outer.live_object_counts()["Thing"], 3)
            kept.append(Thing())
        self.assertEqual(self.log("outer").of("Thing")[-1].live, 4)
        self.assertEqual(len(self.log("inner").of("Thing", "DEL")), 7)

    def test_not_last_in_first_out(self):
        """B-04"""
        first, second, third = map(self.tracing, ("1", "2", "3"))
        kept = []
        first.__enter__()
        second.__enter__()
        third.__enter__()
        kept.append(Thing())
        first.__exit__(None, None, None)
        kept.append(Thing())
        third.__exit__(None, None, None)
        kept.append(Thing())
        second.__exit__(None, None, None)
        kept.append(Thing())
        self.assertEqual([self.made(name) for name in "123"], [0, 1, 2])

    def test_overlapping_in_threads(self):
        """B-03"""
        errors = []

        def work(number):
            try:
                for i in range(50):
                    with self.tracing("log-%d-%d" % (number, i)):
                        Thing()
            except BaseException as error:
                errors.append(error)

        pmttest.in_threads(*(functools.partial(work, number)
                             for number in range(4)))
        self.assertEqual(errors, [])
        self.assertEqual(sum(self.made("log-%d-%d" % (number, i))
                             for number in range(4) for i in range(50)), 200)

    def test_overlapping_tasks(self):
        async def work(name, *rests):
            with self.tracing(name):
                for rest in rests:
                    Thing()
                    await asyncio.sleep(rest)

        async def main():
            await asyncio.gather(work("1", 0.01, 0.01), work("2", 0, 0.05),
                                 work("3", 0))

        asyncio.run(main())
        self.assertEqual(sum(map(self.made, "123")), 5)

    def test_simple_and_logging(self):
        """B-05: each goes on when the other has come and gone."""
        with pmt.ReferenceTracingSimple() as simple:
            with self.tracing("inner"):
                Thing()
            before = simple.count_new()
            Thing()
            self.assertGreater(simple.count_new(), before)
        with self.tracing("outer"):
            Thing()
            with pmt.ReferenceTracingSimple() as simple:
                Thing()
                self.assertGreater(simple.count_new(), 0)
            Thing()
        self.assertEqual((self.made("outer"), self.made("inner")), (3, 1))

    def test_simple_counts_all_threads(self):
        """Of threads that have ended, too; what they make is the oracle."""
        def make():
            for _ in range(1000):
                Thing()

        with pmt.ReferenceTracingSimple() as simple:
            for started in (1, 2, 3):
                threads = [threading.Thread(target=make)
                           for _ in range(started)]
                new = simple.count_new()
                for thread in threads:
                    thread.start()
                for thread in threads:
                    thread.join()
                made = simple.count_new() - new
                self.assertGreaterEqual(made, 1000 * started)
        new = simple.count_new()
        make()
        self.assertEqual(simple.count_new(), new)

    def test_simple_in_simple(self):
        with pmt.ReferenceTracingSimple() as outer:
            with pmt.ReferenceTracingSimple() as inner:
                self.assertEqual(pmt.reference_tracing_simple_wrapper_depth(),
                                 2)
                before = outer.count_new()
                [Thing(), Thing()]
                self.assertEqual(outer.count_new(), before)
            self.assertGreaterEqual(inner.count_new(), 2)
            [Thing(), Thing()]
            self.assertGreater(outer.count_new(), before)

    def test_suspend_and_resume(self):
        with self.tracing("log") as tracing:
            kept = [Thing()]
            tracing.suspend()
            self.assertIn("suspended", repr(tracing))
            kept += [Thing(), Thing()]
            self.assertRaises(RuntimeError, tracing.suspend)
            tracing.resume()
            self.assertRaises(RuntimeError, tracing.resume)
            kept += [Thing()]
        self.assertEqual(self.made("log"), 2)
        self.assertEqual(self.log("log").messages()[1:], [
            "Suspending reference tracing.", "Resuming reference tracing."])

    def test_ignored_thread(self):
        """Its objects are nobody's, those of other threads are logged."""
        with self.tracing("log") as tracing:
            kept = [Thing() for _ in range(10)]
            tracing._ignore_thread(True)
            ours = [Thing(), Thing()]

            def work():
                del kept[4:]
                kept.extend(Thing() for _ in range(5))
            thread = threading.Thread(target=work)
            thread.start()
            thread.join()
            tracing._ignore_thread(False)
            self.assertEqual(tracing.live_object_counts()["Thing"], 9)
        self.assertEqual(self.made("log"), 15)
        self.assertEqual(len(ours), 2)
        self.assertEqual(len(self.log("log").of("Thing", "DEL")), 6)

    def test_destroyed_while_suspended(self):
        with self.tracing("log") as tracing:
            kept = [Thing() for i in range(10)]
            tracing.suspend()
            del kept[4:]
            tracing.resume()
            self.assertEqual(tracing.live_object_counts()["Thing"], 4)

    def test_left_while_suspended(self):
        with self.tracing("log") as tracing:
            tracing.suspend()
        self.assertTrue(self.log("log").ended)
        with self.tracing("log"):
            Thing()
        self.assertEqual(self.made("log"), 1)

    def test_suspend_of_another(self):
        with self.tracing("outer") as outer:
            with self.tracing("inner"):
                self.assertRaises(RuntimeError, outer.suspend)
                self.assertRaises(RuntimeError, outer.resume)
                Thing()
        self.assertEqual(self.made("inner"), 1)

    def test_inner_that_cannot_open(self):
        """B-15: the outer one does not notice, and errno is kept."""
        with self.tracing("outer"):
            Thing()
            with self.assertRaises(FileNotFoundError) as caught:
                with self.tracing("no/inner"):
                    self.fail("not reached")
            self.assertEqual(caught.exception.filename, self.path("no/inner"))
            Thing()
        self.assertEqual(self.made("outer"), 2)
        self.assertEqual(len(self.log("outer").messages()), 1)

    def test_same_file_twice(self):
        """A recursive function with a fixed path truncates no log in use."""
        @pmt.reference_tracing(filepath=self.path("fixed"))
        def recurse(n):
            Thing()
            if n > 0:
                recurse(n - 1)
        recurse(2)
        logs = [reflog.Log(self.path(name))
                for name in sorted(os.listdir(self.directory))]
        self.assertEqual(len(logs), 3)
        for log in logs:
            self.assertTrue(log.ended)
            self.assertEqual(len(log.of("Thing", "NEW")), 1)

    def test_function_with_a_fixed_path_that_calls_itself(self):
        """Whether the path is absolute or not; the object keeps its own."""
        for path in (self.path("deep"), "deep"):
            inner = pmt.ReferenceTracing(filepath=path)
            with contextlib.chdir(self.path("")):
                with pmt.ReferenceTracing(filepath=path):
                    kept = [Thing()]
                    with inner:
                        self.assertEqual(inner.log_file_path(),
                                         self.path("deep.1"))
                        kept.append(Thing())
                with inner:
                    self.assertEqual(inner.log_file_path(), self.path("deep"))
                    self.assertEqual(len(kept), 2)
            self.assertEqual(self.made("deep.1"), 1)
            self.assertEqual(self.made("deep"), 0)

    def test_devices_are_shared(self):
        with pmt.ReferenceTracing(filepath="/dev/null"):
            with pmt.ReferenceTracing(filepath="/dev/null") as inner:
                self.assertEqual(inner.log_file_path(), "/dev/null")

    def test_tracemalloc_goes_on(self):
        """CPython has one slot for tracers; tracemalloc may be in it."""
        tracemalloc.start()
        self.addCleanup(tracemalloc.stop)
        with self.tracing("log"):
            block = bytearray(1 << 20)
            self.assertGreater(tracemalloc.get_traced_memory()[0], 1 << 20)
            Thing()
        del block
        after = bytearray(2 << 20)
        self.assertGreater(tracemalloc.get_traced_memory()[0], 2 << 20)
        del after
        self.assertEqual(self.made("log"), 1)


@pmttest.needs_reference_tracing
class Misuse(Stack):

    def test_exit_without_enter(self):
        """B-07, B-11"""
        for tracing in (self.tracing("log"), pmt.ReferenceTracingSimple()):
            before = sys.getrefcount(tracing)
            for i in range(20):
                self.assertRaises(RuntimeError, tracing.__exit__,
                                  None, None, None)
            self.assertEqual(sys.getrefcount(tracing), before)

    def test_exit_twice(self):
        for tracing in (self.tracing("log"), pmt.ReferenceTracingSimple()):
            with tracing:
                pass
            self.assertRaises(RuntimeError, tracing.__exit__, None, None, None)

    def test_entered_twice(self):
        """B-13"""
        for tracing in (self.tracing("log"), pmt.ReferenceTracingSimple()):
            with tracing:
                self.assertRaises(RuntimeError, tracing.__enter__)
                self.assertRaises(RuntimeError, tracing.__init__) \
                    if tracing.__class__ is pmt.ReferenceTracing else None
                Thing()
        self.assertEqual(self.made("log"), 1)

    def test_entered_again(self):
        tracing = self.tracing("log")
        for n in range(3):
            with tracing:
                for i in range(n):
                    Thing()
            self.assertEqual(self.made("log"), n)
            self.assertEqual(tracing.live_object_counts().get("Thing", 0), 0)

    def test_never_entered(self):
        tracing = self.tracing("log")
        self.assertEqual((tracing.count_new(), tracing.count_del(),
                          tracing.live_count(), tracing.live_object_counts()),
                         (0, 0, 0, {}))
        self.assertRaises(RuntimeError, tracing.suspend)
        self.assertRaises(RuntimeError, tracing.resume)
        self.assertIn("ReferenceTracing", repr(tracing))
        self.assertRaises(RuntimeError,
                          pmt.reference_tracing_live_object_counts)

    def test_made_without_init(self):
        for cls in (pmt.ReferenceTracing, pmt.ReferenceTracingSimple):
            tracing = cls.__new__(cls)
            repr(tracing)
            self.assertRaises(RuntimeError, tracing.__exit__, None, None, None)

    def test_initialised_again(self):
        tracing = self.tracing("one", message="m", include_tp_names=["a"])
        tracing.__init__(filepath=self.path("two"))
        with tracing:
            Thing()
        self.assertEqual(self.made("two"), 1)
        self.assertEqual(os.listdir(self.directory), ["two"])

    def test_subclass(self):
        class Mine(pmt.ReferenceTracing):
            extra = 1

        with Mine(filepath=self.path("log")) as tracing:
            tracing.attribute = 5
            Thing()
        self.assertEqual(self.made("log"), 1)

    def test_dropped_while_entered(self):
        """B-08: the stack keeps it alive; the interpreter's end ends it."""
        process = self.assert_success(pmttest.run_python(
            "import sys, pmt\n"
            "class Thing: pass\n"
            "for path in sys.argv[1:]:\n"
            "    pmt.ReferenceTracing(filepath=path).__enter__()\n"
            "    pmt.ReferenceTracingSimple().__enter__()\n"
            "    kept = Thing()\n",
            self.path("1"), self.path("2")))
        self.assertEqual(process.stderr, "")
        self.assertEqual((self.made("1"), self.made("2")), (1, 1))

    def test_collect_that_fails(self):
        """B-14: the error comes out, the tracer is out, the log is whole."""
        process = self.assert_success(pmttest.run_python("""
import gc, sys, pmt
class Thing: pass
def fail(generation):
    raise ZeroDivisionError("collect")
gc.collect = fail
try:
    with pmt.ReferenceTracing(filepath=sys.argv[1]):
        Thing()
except ZeroDivisionError:
    print("raised")
Thing()
print(pmt.reference_tracing_wrapper_depth())
try:
    with pmt.ReferenceTracing(filepath=sys.argv[2]):
        raise KeyError("mine")
except KeyError:
    print("mine")
""", self.path("1"), self.path("2")))
        self.assertEqual(process.stdout, "raised\n0\nmine\n")
        self.assertEqual(self.made("1"), 1)
        self.assertTrue(self.log("2").ended)

    def test_left_from_inside_the_collection(self):
        """A finalizer may leave the very block that collects."""
        tracing = self.tracing("log")

        class Leaver:
            def __init__(self):
                self.me = self

            def __del__(self):
                tracing.__exit__(None, None, None)

        with contextlib.suppress(RuntimeError):
            with tracing:
                Leaver()
        self.assertTrue(self.log("log").ended)

    def test_counts_taken_while_counted(self):
        """B-17: the dict of counts is itself traced."""
        stop = threading.Event()

        def work():
            while not stop.is_set():
                type("T", (), {})()

        with self.tracing("log", include_builtins=True) as tracing:
            thread = threading.Thread(target=work)
            thread.start()
            for i in range(300):
                self.assertIn("dict", tracing.live_object_counts())
            stop.set()
            thread.join()

    def test_tracer_does_not_log_itself(self):
        """B-31"""
        with self.tracing("outer", include_builtins=False):
            with self.tracing("inner") as inner:
                repr(inner)
            with pmt.ReferenceTracingSimple():
                pass
        self.assertEqual([row for row in self.log("outer").rows
                          if "Tracing" in row.type], [])

    def test_exceptions_pass_through(self):
        for error in (KeyError("x"), SystemExit(3), KeyboardInterrupt(),
                      GeneratorExit()):
            with self.assertRaises(type(error)) as caught:
                with self.tracing("log"):
                    Thing()
                    raise error
            self.assertIs(caught.exception, error)
            self.assertEqual(self.made("log"), 1)

    def test_descriptors_used_up(self):
        """B-23: RSS is never 0 for want of a descriptor."""
        with self.tracing("log"):
            held = [Thing()]
            files = []
            with contextlib.suppress(OSError):
                while True:
                    files.append(os.open("/", os.O_RDONLY))
            held += [Thing() for i in range(100)]
            for file in files:
                os.close(file)
        self.assertGreater(min(row.rss for row in self.log("log").rows), 1e6)

    def test_first_change_of_rss(self):
        """B-22: the first dRSS is a change, not garbage."""
        with self.tracing("log"):
            Thing()
        first = self.log("log").rows[0]
        self.assertLess(abs(first.d_rss), 1 << 22)

    @pmttest.not_sanitized
    @pmttest.not_sanitized
    def test_leaks(self):
        """10.3: neither counts nor logs of many types stay behind."""
        process = self.assert_success(pmttest.run_python("""
import gc, os, sys, pmt
types = [type("T%d" % i, (), {}) for i in range(500)]
def counts():
    with pmt.ReferenceTracing(filepath=sys.argv[1]) as tracing:
        things = [cls() for cls in types]
        for i in range(200):
            tracing.live_object_counts()
def logs():
    for i in range(20):
        with pmt.ReferenceTracing(filepath=sys.argv[1]):
            for cls in types: cls()
        try: pmt.ReferenceTracing(filepath=sys.argv[1], include_tp_names=5)
        except TypeError: pass
def stacked():
    tracing = pmt.ReferenceTracing("m" * 10000, sys.argv[1],
                                   False, ["a"] * 100, ["b"] * 100)
    for i in range(20):
        with tracing: types[i]()
def classes():
    with pmt.ReferenceTracing(filepath=sys.argv[1]):
        for i in range(1000): type("Gone", (), {})()
for work in counts, logs, stacked, classes:
    work(); work(); gc.collect()
    before = pmt.rss(); descriptors = len(os.listdir("/proc/self/fd"))
    for i in range(3): work()
    gc.collect()
    print(work.__name__, pmt.rss() - before,
          len(os.listdir("/proc/self/fd")) - descriptors)
""", self.path("log")))
        for line in process.stdout.splitlines():
            name, growth, descriptors = line.split()
            with self.subTest(name):
                self.assertLess(int(growth), 1 << 20)
                self.assertEqual(descriptors, "0")


@pmttest.needs_reference_tracing
class Decorator(Stack):

    def paths(self):
        return sorted(self.path(name) for name in os.listdir(self.directory))

    def decorate(self, function):
        return pmt.reference_tracing(filepath=self.directory)(function)

    def test_function(self):
        @self.decorate
        def work(n):
            return [Thing() for i in range(n)]
        self.assertEqual(len(work(2)), 2)
        self.assertEqual(len(work(n=3)), 3)
        self.assertEqual([len(reflog.Log(path).of("Thing", "NEW"))
                          for path in self.paths()], [2, 3])

    def test_without_parentheses(self):
        old = os.getcwd()
        os.chdir(self.directory)
        try:
            @pmt.reference_tracing
            def work():
                return Thing()
            self.assertIsInstance(work(), Thing)
        finally:
            os.chdir(old)
        log, = map(reflog.Log, self.paths())
        self.assertEqual(len(log.of("Thing", "NEW")), 1)

    def test_arguments(self):
        @pmt.reference_tracing("the message", self.path("log"), False, ["Foo"],
                               include_tp_names=["Thing"])
        def work():
            Thing()
        work()
        self.assertEqual(self.log("log").opening, "the message")
        with self.assertRaises(TypeError):
            pmt.reference_tracing(colour=1)(work)()

    def test_bodies(self):
        """Generators and coroutines are traced while they run."""
        @self.decorate
        def generate():
            yield Thing()
            yield Thing()

        @self.decorate
        async def work():
            await asyncio.sleep(0)
            return [Thing(), Thing()]

        self.assertEqual(len(list(generate())), 2)
        self.assertEqual(len(asyncio.run(work())), 2)
        self.assertEqual([len(reflog.Log(path).of("Thing", "NEW"))
                          for path in self.paths()], [2, 2])

    def test_generator_never_finished(self):
        @self.decorate
        def generate():
            while True:
                yield Thing()
        generator = generate()
        next(generator)
        self.assertEqual(pmt.reference_tracing_wrapper_depth(), 1)
        del generator
        self.assertEqual(pmt.reference_tracing_wrapper_depth(), 0)
        log, = map(reflog.Log, self.paths())
        self.assertTrue(log.ended)

    def test_cost_of_import(self):
        """Nothing heavy comes along."""
        process = self.assert_success(pmttest.run_python(
            "import sys, pmt\n"
            "print(*sorted({'inspect', 'ast', 're', 'json', 'logging', "
            "'tracemalloc', 'asyncio'} & set(sys.modules)))"))
        self.assertEqual(process.stdout, "\n")


if __name__ == "__main__":
    pmttest.main()
