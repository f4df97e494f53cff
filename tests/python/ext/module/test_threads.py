# SPDX-License-Identifier: MIT
"""Events of many threads at once, and of subinterpreters.

With a GIL threads take turns in the midst of things; without it (a
free-threaded build) they run at the same time.  Either way no event may be
lost or counted twice, and every row of a log be whole.
"""
import collections
import sys
import unittest

import pmttest
import proflog
import reflog

THREADS = 8
EACH = 600

START = """
import gc, os, sys, threading
import pmt
path = sys.argv[1]
THREADS, EACH = %d, %d
sys.setswitchinterval(1e-5)

class Thing:
    __slots__ = ["number"]

def in_threads(function):
    ready = threading.Barrier(THREADS)
    def work(n):
        ready.wait()
        function(n)
    threads = [threading.Thread(target=work, args=[n])
               for n in range(THREADS)]
    for thread in threads: thread.start()
    for thread in threads: thread.join()
""" % (THREADS, EACH)

# interpreters.create("isolated") has a GIL of its own where that exists.
INTERPRETERS = """
try:
    import _interpreters as interpreters
except ImportError:
    import _xxsubinterpreters as interpreters

def create(kind):
    if sys.version_info >= (3, 13):
        return interpreters.create(kind)
    if sys.version_info >= (3, 10):
        return interpreters.create(isolated=kind == "isolated")
    return interpreters.create()

def run(interpreter, code):
    failure = interpreters.run_string(interpreter, code)
    assert failure is None, failure
"""

# All threads enter and leave one block; some are too late, and told so.
ENTERED_BY_ALL = """
entered, left = [], []
def work(n):
    for i in range(20):
        for calls, method in ((entered, block.__enter__),
                              (left, lambda: block.__exit__(*[None] * 3))):
            try:
                method()
                calls.append(n)
            except RuntimeError:
                pass
in_threads(work)
if len(entered) > len(left):
    block.__exit__(None, None, None)
    left.append(None)
print(len(entered) == len(left) > 0)
"""


class Parallel(pmttest.TestCase):

    def run_program(self, code, *args, **kwargs):
        """Run code, which must say nothing on stderr; return its output."""
        process = self.assert_success(pmttest.run_python(
            START + code, self.path("log"), *args, cwd=self.directory,
            **kwargs))
        self.assertEqual(process.stderr, "")
        return process.stdout

    def text_of(self, name):
        """The path of a log as text, whatever its format is."""
        if not name.endswith(".pmt"):
            return self.path(name)
        text = self.assert_success(pmttest.run_program(
            ["pmt-analyse", "--text", self.path(name)]))
        return self.write_file(name + ".log", text.stdout)


class WithoutGil(Parallel):

    @unittest.skipUnless(pmttest.free_threaded, "this Python runs with a GIL")
    def test_import_leaves_it_off(self):
        out = self.run_program("""
print(sys._is_gil_enabled())
with pmt.Profile(filepath=path), pmt.Trace(filepath=path):
    with pmt.ReferenceTracing(filepath=path):
        Thing()
print(sys._is_gil_enabled())
""", env={"PYTHON_GIL": None, "PYTHONWARNINGS": "error"})
        self.assertEqual(out, "False\nFalse\n")


@pmttest.needs_reference_tracing
class References(Parallel):

    def check_churn(self, name, builtins):
        """Each thread makes objects and drops them; some it keeps."""
        out = self.run_program("""
kept = [[] for n in range(THREADS)]
def churn(n):
    for i in range(EACH):
        thing = Thing()
        thing.number = [i, str(i)]
        if i % 100 == 0:
            kept[n].append(thing)
with pmt.ReferenceTracing(filepath=path + sys.argv[2],
                          include_builtins=sys.argv[3] == "True",
                          columns=["Thread", "Size"]) as tracing:
    in_threads(churn)
    print(tracing.live_object_counts()["Thing"])
print(tracing.count_new(), tracing.count_del(), sys.getsizeof(Thing()))
""", name[3:], str(builtins))
        log = reflog.Log(self.text_of(name))
        live, new, deleted, size = map(int, out.split())
        self.assertTrue(log.ended)
        self.assertEqual(live, THREADS * EACH // 100)
        self.assertEqual(log.count("Thing"),
                         (THREADS * EACH, THREADS * EACH - live, live))
        tags = collections.Counter(row.tag for row in log.rows)
        self.assertEqual((tags["NEW"], tags["DEL"]), (new, deleted))
        threads = collections.Counter(row.more["Thread"]
                                      for row in log.of("Thing", "NEW"))
        self.assertEqual(list(threads.values()), [EACH] * THREADS)
        self.assertEqual({row.more["Size"]
                          for row in log.of("Thing", "NEW")}, {str(size)})

    def test_churn_as_text(self):
        self.check_churn("log", False)

    def test_churn_with_builtins_as_text(self):
        self.check_churn("log", True)

    def test_churn(self):
        self.check_churn("log.pmt", False)

    def test_churn_with_builtins(self):
        self.check_churn("log.pmt", True)

    def test_dropped_by_another_thread(self):
        """Without a GIL the last reference may go where it was made."""
        self.run_program("""
import queue
handed = [queue.Queue() for n in range(THREADS)]
def work(n):
    mine, next = handed[n], handed[(n + 1) % THREADS]
    for i in range(EACH):
        next.put(Thing())
        if i >= 10:
            mine.get()
    for i in range(10):
        mine.get()
with pmt.ReferenceTracing(filepath=path):
    in_threads(work)
    gc.collect()
""")
        log = reflog.Log(self.path("log"))
        self.assertEqual(log.count("Thing"),
                         (THREADS * EACH, THREADS * EACH, 0))

    def test_classes_that_come_and_go(self):
        """Types and code objects die in one thread and are met in others."""
        self.run_program("""
def work(n):
    for i in range(EACH // 20):
        space = {}
        exec("class New%d:\\n def make(self): return New%d()" % (n, n), space)
        made = space["New%d" % n]().make()
        del made, space
        if i % 10 == 0:
            gc.collect()
with pmt.ReferenceTracing(filepath=path, type_names="qualified"):
    in_threads(work)
""")
        log = reflog.Log(self.path("log"))
        for n in range(THREADS):
            self.assertEqual(len(log.of("New%d" % n, "NEW")) +
                             len(log.of("builtins.New%d" % n, "NEW")) +
                             len(log.of("__main__.New%d" % n, "NEW")),
                             2 * (EACH // 20))
        makers = {row.function for row in log.rows if row.type.endswith("New0")
                  and row.tag == "NEW"}
        self.assertEqual(makers, {"work", "make"})

    def test_only_counted(self):
        out = self.run_program("""
with pmt.ReferenceTracingSimple() as tracing:
    in_threads(lambda n: [Thing() for i in range(EACH)])
print(tracing.count_new() >= THREADS * EACH,
      tracing.count_del() >= THREADS * EACH)
""")
        self.assertEqual(out, "True True\n")

    def test_blocks_in_each_thread(self):
        self.run_program("""
def work(n):
    for i in range(30):
        with pmt.ReferenceTracing(filepath="%s.%d.%d" % (path, n, i),
                                  gc_collect_on_exit=-1) as tracing:
            kept = [Thing() for j in range(10)]
            tracing.write_message_to_log("here")
            repr(tracing), tracing.live_object_counts()
            pmt.reference_tracing_log_path()
            if i % 3 == 0:
                with pmt.ReferenceTracingSimple() as simple:
                    Thing()
in_threads(work)
print(pmt.reference_tracing_wrapper_depth())
""")
        for n in range(THREADS):
            for i in range(30):
                log = reflog.Log(self.path("log.%d.%d" % (n, i)))
                self.assertTrue(log.ended)
                self.assertIn("here", log.messages())

    def test_one_object_for_all_threads(self):
        """Whoever comes second is told so; nobody crashes."""
        out = self.run_program("""
block = pmt.ReferenceTracing(filepath=path, gc_collect_on_exit=0)
""" + ENTERED_BY_ALL + """
print(pmt.reference_tracing_wrapper_depth())
""")
        self.assertEqual(out, "True\n0\n")
        self.assertTrue(reflog.Log(self.path("log")).ended)

    def test_tracemalloc_goes_on(self):
        """It was there before, and gets the events that we get."""
        out = self.run_program("""
import tracemalloc
tracemalloc.start()
for i in range(5):
    with pmt.ReferenceTracing(filepath=path):
        in_threads(lambda n: [Thing() for i in range(EACH // 10)])
print(tracemalloc.is_tracing())
kept = [Thing() for i in range(100)]
print(tracemalloc.take_snapshot().filter_traces(
    [tracemalloc.Filter(True, "<string>")]).traces != [])
tracemalloc.stop()
in_threads(lambda n: [Thing() for i in range(EACH // 10)])
""")
        self.assertEqual(out, "True\nTrue\n")


class Calls(Parallel):
    """Profile and Trace of all threads, with each row that they may have."""

    def check_calls(self, kind, engine, name):
        self.run_program("""
def called(n):
    pass
def work(n):
    for i in range(EACH // 3):
        called(n)
kind, engine, path = sys.argv[2:]
with getattr(pmt, kind)(0, filepath=path, threads="all", engine=engine):
    in_threads(work)
""", kind.capitalize(), engine, self.path(name))
        log = proflog.Log(self.text_of(name))
        calls = collections.Counter(
            row.thread for row in log.rows
            if row.function == "called" and row.what == "CALL")
        returns = collections.Counter(
            row.thread for row in log.rows
            if row.function == "called" and row.what == "RETURN")
        self.assertEqual(list(calls.values()), [EACH // 3] * THREADS)
        self.assertEqual(returns, calls)
        events = [row.event for row in log.tagged("NEXT")]
        self.assertEqual(events, list(range(1, len(events) + 1)))

    @proflog.on_each
    def test_as_text(self, kind, engine):
        self.check_calls(kind, engine, "log")

    @proflog.on_each
    def test_compact(self, kind, engine):
        self.check_calls(kind, engine, "log.pmt")

    @proflog.on_each
    def test_threads_outlive_the_blocks(self, kind, engine):
        """Blocks begin and end while others run and are traced."""
        self.run_program("""
stop = threading.Event()
def called():
    return len([])
def work():
    while not stop.is_set():
        called()
kind, engine = sys.argv[2:]
threads = [threading.Thread(target=work) for n in range(THREADS)]
for thread in threads: thread.start()
for i in range(20):
    with getattr(pmt, kind)(0, filepath="%s.%d" % (path, i), threads="all",
                            engine=engine, max_size=1 << 20) as block:
        for j in range(20): called()
        block.write_message_to_log("here")
        repr(block), block.event_count(), block.rss_growth()
stop.set()
for thread in threads: thread.join()
""", kind.capitalize(), engine)
        for i in range(20):
            log = proflog.Log(self.path("log.%d" % i))
            self.assertTrue("here" in log.notes or
                            any("left out" in note for note in log.notes))

    @proflog.on_each
    def test_blocks_in_each_thread(self, kind, engine):
        self.run_program("""
def called():
    pass
kind, engine = sys.argv[2:]
def work(n):
    for i in range(20):
        with getattr(pmt, kind)(0, filepath="%s.%d.%d" % (path, n, i),
                                engine=engine):
            for j in range(10): called()
in_threads(work)
print(pmt.profile_wrapper_depth() + pmt.trace_wrapper_depth())
""", kind.capitalize(), engine)
        for n in range(THREADS):
            for i in range(20):
                log = proflog.Log(self.path("log.%d.%d" % (n, i)))
                self.assertEqual(len([
                    row for row in log.tagged("NEXT")
                    if row.function == "called" and row.what == "CALL"]), 10)

    @proflog.on_each
    def test_one_object_for_all_threads(self, kind, engine):
        """Whoever comes second is told so; nobody crashes."""
        out = self.run_program("""
kind, engine = sys.argv[2:]
block = getattr(pmt, kind)(0, filepath=path, engine=engine)
""" + ENTERED_BY_ALL, kind.capitalize(), engine)
        self.assertEqual(out, "True\n")
        proflog.Log(self.path("log"))


class Subinterpreters(Parallel):

    def test_import_is_refused(self):
        out = self.run_program(INTERPRETERS + """
for kind in ("legacy", "isolated"):
    other = create(kind)
    run(other, '''
import sys
sys.path[:] = %r
try:
    import pmt
    print("imported")
except ImportError as error:
    print(error)
''' % sys.path)
    interpreters.destroy(other)
""")
        self.assertEqual(out, "module pmt._pmt does not support loading in "
                              "subinterpreters\n" * 2)

    def run_many(self, block):
        """Subinterpreters make and call things while we trace."""
        return self.run_program(INTERPRETERS + """
code = '''
class Other:
    pass
def called():
    return Other()
for i in range(%d):
    called()
''' % EACH
def work(n):
    if n % 2 == 0:
        for i in range(EACH):
            Thing()
        return
    for kind in ("isolated", "isolated"):
        other = create(kind)
        run(other, code)
        interpreters.destroy(other)
with """ + block + """:
    in_threads(work)
""")

    @pmttest.needs_reference_tracing
    def test_references(self):
        """CPython has one reference tracer for all of them."""
        for name in ("log", "log.pmt"):
            with self.subTest(name):
                self.run_many("pmt.ReferenceTracing(filepath=%r)"
                              % self.path(name))
                log = reflog.Log(self.text_of(name))
                self.assertTrue(log.ended)
                self.assertEqual(log.count("Thing")[:2],
                                 (THREADS // 2 * EACH,) * 2)
                self.assertEqual(log.count("Other")[:2],
                                 (THREADS * EACH,) * 2)
                self.assertEqual({row.function
                                  for row in log.of("Other", "NEW")},
                                 {"called"})

    def test_calls(self):
        """Other interpreters have tracers of their own: they do not show."""
        for kind in ("Profile", "Trace"):
            with self.subTest(kind):
                self.run_many("pmt.%s(0, filepath=path, threads='all')" % kind)
                log = proflog.Log(self.path("log"))
                self.assertEqual([row for row in log.rows
                                  if row.function == "called"], [])


if __name__ == "__main__":
    pmttest.main()
