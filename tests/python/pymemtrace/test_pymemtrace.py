# SPDX-License-Identifier: MIT
"""Programs written for pymemtrace run as they are."""
import glob
import os
import re
import subprocess
import sys
import textwrap
import unittest.mock

import pmttest


class NamesTest(pmttest.TestCase):

    def test_every_module_is_ours(self):
        import pmt._pmt
        import pmt.debug_malloc_stats
        import pmt.decorators
        import pmt.redirect_stdout
        from pymemtrace import (
            cPyMemTrace, cpymemtrace_decs, debug_malloc_stats,
            redirect_stdout)
        self.assertIs(cPyMemTrace.rss, pmt._pmt.rss)
        self.assertIs(cPyMemTrace.Profile, pmt._pmt.Profile)
        self.assertIs(cpymemtrace_decs.trace, pmt.decorators.trace)
        self.assertIs(debug_malloc_stats.get_debugmallocstats,
                      pmt.debug_malloc_stats.get_debugmallocstats)
        self.assertIs(redirect_stdout.stderr_redirector,
                      pmt.redirect_stdout.stderr_redirector)
        self.assertIn("rss_peak", dir(cPyMemTrace))
        with self.assertRaises(AttributeError):
            cPyMemTrace.no_such_name

    def test_star_import(self):
        names = {}
        exec("from pymemtrace.debug_malloc_stats import *", names)
        self.assertIn("SysDebugMallocStats", names)
        names = {}
        exec("from pymemtrace.cPyMemTrace import *", names)
        self.assertIn("rss", names)
        self.assertNotIn("_pmt", names)

    def test_import_needs_only_what_is_used(self):
        process = self.assert_success(pmttest.run_python(
            "import sys\n"
            "from pymemtrace import process, redirect_stdout\n"
            "print('psutil' in sys.modules, 'ctypes' in sys.modules)"))
        self.assertEqual(process.stdout, "False False\n")

    def test_version(self):
        import pmt
        import pymemtrace
        self.assertEqual(pymemtrace.__version__, "0.6.3+pmt." +
                         pmt.__version__)
        self.assertEqual(pymemtrace.__author__, "Paul Ross")

    def test_log_name_with_thread(self):
        """As of 0.6.2; a child's name is of the child, another thread's too."""
        process = self.assert_success(pmttest.run_python(
            "import os, threading\n"
            "from pymemtrace import cPyMemTrace\n"
            "def log():\n"
            "    with cPyMemTrace.Profile():\n"
            "        pass\n"
            "    print(os.getpid(), threading.get_native_id(), flush=True)\n"
            "log()\n"
            "thread = threading.Thread(target=log)\n"
            "thread.start()\n"
            "thread.join()\n"
            "if os.fork() == 0:\n"
            "    log()\n"
            "else:\n"
            "    os.wait()\n",
            cwd=self.directory, env=dict(os.environ,
                                         PMT_THREAD_IN_LOG_NAME="1")))
        told = sorted(line.split() for line in process.stdout.splitlines())
        names = [re.fullmatch(r"\d{8}_\d{6}_\d+_(\d+)_(\d+)_P_0_PY.*\.log",
                              name) for name in os.listdir(self.directory)]
        self.assertEqual(sorted(list(name.groups()) for name in names), told)

    def test_names_that_are_not_there(self):
        """hasattr() tells whether there is reference tracing."""
        from pymemtrace import cPyMemTrace, cpymemtrace_decs
        there = sys.version_info >= (3, 13)
        for name in ("ReferenceTracing", "ReferenceTracingSimple",
                     "reference_tracing_live_object_counts"):
            self.assertIs(hasattr(cPyMemTrace, name), there)
            self.assertIs(name in dir(cPyMemTrace), there)
        self.assertIs(hasattr(cpymemtrace_decs, "reference_tracing"), there)
        self.assertFalse(hasattr(cPyMemTrace, "heap_snapshot"))


class TraceMallocTest(pmttest.TestCase):

    def test_granularity(self):
        from pymemtrace.trace_malloc import TraceMalloc
        for arguments in (("filename",), ()):
            with TraceMalloc(*arguments) as block:
                kept = [" " * 1024 ** 2 for _ in range(1)]
            self.assertGreater(block.diff, 1024 ** 2)
        with TraceMalloc(statistics_granularity="traceback") as block:
            kept = bytearray(1000000)
        self.assertEqual(block.statistics_granularity, "traceback")
        self.assertAlmostEqual(block.net_statistics()[0].size_diff,
                               kept.__sizeof__(), delta=100)
        with self.assertRaises(ValueError):
            TraceMalloc("line")

    def test_switched_off(self):
        from pymemtrace.trace_malloc import TraceMalloc
        with unittest.mock.patch.object(TraceMalloc, "TRACE_ON", False):
            with TraceMalloc() as block:
                pass
        self.assertEqual(block.diff, -sys.maxsize - 1)
        self.assertIsNone(block.tracemalloc_memory_usage)


class ExamplesTest(pmttest.TestCase):
    """Each of them as it stands in the documents of pymemtrace."""

    def example(self, code):
        """Run code as a file in the test's directory; return its output."""
        self.write_file("example.py", textwrap.dedent(code))
        process = self.assert_success(pmttest.run_program(
            [sys.executable, "example.py"], cwd=self.directory))
        self.assertEqual(process.stderr, "")
        return process.stdout

    def logs(self, kind):
        """The texts of the logs of a kind (P, T, O), outermost first."""
        texts = []
        for path in sorted(glob.glob(self.path("*_%s_*_PY*.log" % kind)),
                           key=lambda path: path.split("_%s_" % kind)[1]):
            with open(path) as file:
                texts.append(file.read())
            self.assertTrue(texts[-1].endswith("\nEOF\n"), texts[-1][-200:])
            self.assertRegex(texts[-1], r"(?m)^SOF\nHE?DR: ")
        return texts

    @pmttest.needs_reference_tracing
    def test_reference_tracing_simple(self):
        out = self.example("""
            from pymemtrace import cPyMemTrace

            with cPyMemTrace.ReferenceTracingSimple() as profiler:
                print()
                print('Hi there')
                print(profiler)
                # Do stuff here
                print(f'NEW: {profiler.count_new()}')
                print(f'DEL: {profiler.count_del()}')
            """)
        self.assertRegex(out, r"^\nHi there\n<.*\.ReferenceTracingSimple .*>\n"
                              r"NEW: \d+\nDEL: \d+\n$")
        self.assertEqual(os.listdir(self.directory), ["example.py"])

    @pmttest.needs_reference_tracing
    def test_reference_tracing_simple_stacked(self):
        out = self.example("""
            from pymemtrace import cPyMemTrace

            with cPyMemTrace.ReferenceTracingSimple() as profiler_a:
                print()
                print('Hello World')
                print(profiler_a)
                with cPyMemTrace.ReferenceTracingSimple() as profiler_b:
                    a = '  Hello World'
                    print(a)
                    print(f'  {profiler_b}')
                    print(f'  NEW: {profiler_b.count_new()}')
                    print(f'  DEL: {profiler_b.count_del()}')
                print(f'NEW: {profiler_a.count_new()}')
                print(f'DEL: {profiler_a.count_del()}')
            """)
        self.assertEqual(len(re.findall(r"(?m)^ *(NEW|DEL): \d+$", out)), 4)

    @pmttest.needs_reference_tracing
    def test_reference_tracing(self):
        out = self.example("""
            import datetime
            import random
            import string

            from pymemtrace import cpymemtrace_decs
            from pymemtrace import cPyMemTrace


            class StringAndTime:
                def __init__(self, size: int):
                    self.now = datetime.datetime.now()
                    self.str = ''.join(random.choices(string.printable,
                                                      k=size))

            @cpymemtrace_decs.reference_tracing()
            def example_reference_tracing():
                print(f'example_reference_tracing()')
                print(f'Logging to {cPyMemTrace.reference_tracing_log_path()}')
                list_of_str_and_time = []
                for i in range(4):
                    str_len = random.randint(1024, 2048)
                    v = StringAndTime(str_len)
                    list_of_str_and_time.append(v)

            def main():
                example_reference_tracing()
                return 0


            if __name__ == '__main__':
                exit(main())
            """)
        (log,) = self.logs("O")
        path = re.search("Logging to (.*)", out).group(1)
        self.assertTrue(os.path.exists(os.path.join(self.directory, path)))
        for kind, count in (("NEW", 4), ("DEL", 4)):
            rows = re.findall(r"(?m)^%s: .* StringAndTime " % kind, log)
            self.assertEqual(len(rows), count)

    @pmttest.needs_reference_tracing
    def test_decorators_with_filters(self):
        self.example("""
            from pymemtrace import cpymemtrace_decs

            class MySpecialType:
                pass

            @cpymemtrace_decs.reference_tracing(
                message="some_function() include_builtins=True",
                include_builtins=True,
            )
            def builtins():
                return [MySpecialType(), list(range(3))]

            @cpymemtrace_decs.reference_tracing(
                message="some_function() exclude tuple and list iterators",
                exclude_tp_names=['tuple_iterator', 'list_iterator',],
            )
            def excluded():
                return [MySpecialType() for _ in [1, 2]]

            @cpymemtrace_decs.reference_tracing(
                message="some_function() only MySpecialType",
                include_tp_names=['MySpecialType',],
            )
            def only():
                return iter([MySpecialType()])

            @cpymemtrace_decs.reference_tracing(
                message="some_function() only MySpecialType and lists",
                # This allows all builtins.
                include_builtins=True,
                # Then this filters out all of the builtins apart from lists.
                include_tp_names=['MySpecialType', 'list'],
            )
            def lists():
                return [MySpecialType(), {}]

            builtins(), excluded(), only(), lists()
            """)
        types = {}
        for log in self.logs("O"):
            message = log.splitlines()[0]
            types[message] = set(re.findall(
                r"(?m)^(?:NEW|DEL): +\S+ +\S+ +\S+ (\S+)", log))
        key = "some_function() "
        self.assertLessEqual({"MySpecialType", "list"},
                             types[key + "include_builtins=True"])
        self.assertNotIn("list_iterator", types[
            key + "exclude tuple and list iterators"])
        self.assertEqual(types[key + "only MySpecialType"], {"MySpecialType"})
        self.assertEqual(types[key + "only MySpecialType and lists"],
                         {"MySpecialType", "list"})

    @pmttest.needs_reference_tracing
    def test_decorators_stacked(self):
        self.example("""
            from pymemtrace import cpymemtrace_decs

            @cpymemtrace_decs.reference_tracing(
                message='Reference trace the inner function',
            )
            def inner_function():
                pass

            @cpymemtrace_decs.reference_tracing(
                message='Reference trace the outer function that calls the \
inner function',
            )
            def outer_function():
                inner_function()

            outer_function()
            """)
        outer, inner = self.logs("O")
        self.assertTrue(outer.startswith("Reference trace the outer"))
        self.assertTrue(inner.startswith("Reference trace the inner"))

    def test_profile(self):
        self.example("""
            from pymemtrace import cPyMemTrace

            def new_str(l: int) -> str:
                return ' ' * l

            with cPyMemTrace.Profile():
                l = []
                for i in range(8):
                    l.append(new_str(1024**2))
                while len(l):
                    l.pop()
            """)
        (log,) = self.logs("P")
        grown = [int(drss) for drss in re.findall(
            r"(?m)^NEXT: .* RETURN .* new_str +\d+ +(-?\d+)$", log)]
        self.assertEqual(len(grown), 8)
        for drss in grown:
            self.assertAlmostEqual(drss, 1024 ** 2, delta=65536)

    def test_profile_every_event(self):
        self.example("""
            from pymemtrace import cPyMemTrace

            def new_str(l: int) -> str:
                return ' ' * l

            with cPyMemTrace.Profile(0):
                l = []
                for i in range(8):
                    l.append(new_str(1024**2))
                while len(l):
                    l.pop()
            """)
        (log,) = self.logs("P")
        what = re.findall(r"(?m)^(?:FRST|NEXT): .* (\w+) +\S*example.py +"
                          r"\d+ (\w+) +\d+ +-?\d+$", log)
        for event, function, count in (
                ("CALL", "new_str", 8), ("RETURN", "new_str", 8),
                ("C_CALL", "append", 8), ("C_RETURN", "append", 8),
                ("C_CALL", "len", 9), ("C_CALL", "pop", 8)):
            self.assertEqual(what.count((event, function)), count, event)

    def test_profile_stacked(self):
        self.example("""
            from pymemtrace import cPyMemTrace

            with cPyMemTrace.Profile():
                with cPyMemTrace.Profile():
                    pass
                pass
            """)
        self.assertEqual(len(self.logs("P")), 2)

    @pmttest.needs_reference_tracing
    def test_decorators_mingled(self):
        self.example("""
            from pymemtrace import cpymemtrace_decs

            @cpymemtrace_decs.trace(
                message='Trace the inner function',
            )
            def inner_function():
                pass

            @cpymemtrace_decs.reference_tracing(
                message='Reference trace the outer function that calls the \
inner function',
            )
            def outer_function():
                inner_function()

            @cpymemtrace_decs.trace(
                message='Trace the outer function',
            )
            @cpymemtrace_decs.reference_tracing(
                message='Reference trace the outer function that calls the \
inner function',
            )
            def both():
                # Do great stuff here...
                pass

            outer_function()
            both()
            """)
        self.assertEqual(
            sorted(log.splitlines()[0] for log in self.logs("T")),
            ["Trace the inner function", "Trace the outer function"])
        self.assertEqual(len(self.logs("O")), 2)

    def test_messages(self):
        self.example("""
            import random, time
            from pymemtrace import cPyMemTrace

            with cPyMemTrace.Profile(d_rss_trigger=-1, message="Start message") as profiler:
                for i in range(8):
                    str_len = random.randint(1 * 1024**2, 5 * 1024**2)
                    profiler.write_message_to_log(f'Before allocation of {str_len} bytes.')
                    s = ' ' * str_len
                    time.sleep(0.005)
                    del s
                    profiler.write_message_to_log(f'After de-allocation of {str_len} bytes.')
                    time.sleep(0.005)
                time.sleep(0.005)
            """)    # noqa: E501, the example's own lines
        (log,) = self.logs("P")
        self.assertTrue(log.startswith("Start message\nSOF\n"))
        for text in ("Before allocation", "After de-allocation"):
            self.assertEqual(len(re.findall(
                r"(?m)^MSG: .* %s of \d+ bytes\.$" % text, log)), 8)

    def test_temporary_file(self):
        out = self.example("""
            import tempfile
            from pymemtrace import cPyMemTrace

            with tempfile.NamedTemporaryFile() as file:
                with cPyMemTrace.Trace(0, message='# Trace level0', filepath=file.name) as trace:
                    trace.trace_file_wrapper.write_message_to_log('# Level 0 __enter__')
                    temp_list = []
                    for i in range(16):
                        temp_list.append(b' ' * (1024 ** 2))
                    trace.trace_file_wrapper.write_message_to_log(
                        '# Level 0 after populating list.'
                    )
                    while len(temp_list):
                        temp_list.pop()
                    trace.trace_file_wrapper.write_message_to_log(
                        '# Level 0 after deleting the list.'
                    )
                file.flush()
                file_data = file.read()
                print()
                print(' filedata '.center(75, '-'))
                for line in file_data.split(b'\\n'):
                    print(line.decode('ascii'))
                print(' file_data DONE '.center(75, '-'))
            """)    # noqa: E501, the example's own lines
        self.assertIn("# Trace level0\nSOF\n", out)
        for text in ("__enter__", "after populating list.",
                     "after deleting the list."):
            self.assertRegex(out, r"(?m)^MSG: .* # Level 0 %s$" % text)
        self.assertIn("\nEOF\n", out)

    @pmttest.needs_reference_tracing
    def test_analyser(self):
        """As its document calls it, and by its functions."""
        self.example("""
            from pymemtrace import cPyMemTrace
            class Kept:
                pass
            with cPyMemTrace.ReferenceTracing(filepath="log"):
                kept = [Kept() for _ in range(5)]
                del kept[3:]
            """)
        import pymemtrace.util
        script = os.path.join(os.path.dirname(pymemtrace.util.__file__),
                              "ref_trace_analyse.py")
        for command in ([script], ["-m",
                                   "pymemtrace.util.ref_trace_analyse"]):
            process = self.assert_success(pmttest.run_program(
                [sys.executable] + command +
                ["--include-historical", "-l", "20", "log"],
                cwd=self.directory))
            self.assertRegex(process.stdout,
                             r"(?m)^(__main__\.)?Kept +5 +2 +3$")
        from pymemtrace.util import ref_trace_analyse
        path = self.path("log")
        result = ref_trace_analyse.process_file_path(path, False, False)
        with open(path) as file:
            other = ref_trace_analyse.process_file(file, False, True)
        for lines in (result.long_str_list(True, False),
                      other.long_str_list(False, True)):
            self.assertRegex("\n".join(lines),
                             r"(?m)^(__main__\.)?Kept +5 +2 +3$")
        rows = ref_trace_analyse.LogFileResult(include_untracked=False)
        with open(path) as file:
            for number, line in enumerate(file, 1):
                if line.startswith("NEW:"):
                    rows.add_new(number, line)
        self.assertRegex("\n".join(rows.long_str_list(False, False)),
                         r"(?m)^(__main__\.)?Kept +5 +0 +5$")
        with self.assertRaises(FileNotFoundError):
            ref_trace_analyse.process_file_path(self.path("no"), False, False)

    def test_process(self):
        out = self.example("""
            import logging
            import sys
            import time

            from pymemtrace import process

            logger = logging.getLogger(__file__)

            def main() -> int:
                logging.basicConfig(
                    level=logging.INFO,
                    format='%(asctime)s - %(filename)s#%(lineno)d - %(message)s',
                    stream=sys.stdout,
                )
                with process.log_process(interval=0.05, log_level=logger.getEffectiveLevel()) as process_thread:
                    for i in range(3):
                        size = 8 * 1024 ** 2
                        process_thread.add_message_to_queue(f'String of {size / 1024**2:,.3f} MB')
                        s = ' ' * size
                        time.sleep(0.1)
                        del s
                return 0

            if __name__ == '__main__':
                sys.exit(main())
            """)    # noqa: E501, the example's own lines
        for text in ("ProcessLoggingThread-JSON-START {",
                     "ProcessLoggingThread-JSON {",
                     "ProcessLoggingThread-JSON-STOP {",
                     '"label": "String of 8.000 MB"'):
            self.assertIn(text, out)
        path = self.write_file("log", out)
        process = self.assert_success(pmttest.run_program(
            [sys.executable, "-m", "pymemtrace.process", path]))
        self.assertRegex(process.stdout, r"-+ PID: \d+ -+\n")
        self.assertIn("# String of 8.000 MB", process.stdout)

    def test_process_tree(self):
        sleeper = subprocess.Popen(["sleep", "100"])
        self.addCleanup(sleeper.wait)
        self.addCleanup(sleeper.kill)
        process = self.assert_success(pmttest.run_program(
            [sys.executable, "-m", "pymemtrace.process_tree", "-p",
             str(sleeper.pid), "-i", "0.05", "--log_level=20", "--sep=|",
             "--count=2"]))
        self.assertIn("sleep", process.stdout)
        self.assertRegex(process.stdout, r"\b%d\b" % sleeper.pid)

    def test_trace_malloc(self):
        out = self.example("""
            import logging, sys
            from pymemtrace import trace_malloc

            def create_string(l: int) -> str:
                return ' ' * l

            def example_trace_malloc_for_documentation(list_of_strings):
                print(f'example_trace_malloc_for_documentation()')
                with trace_malloc.TraceMalloc('filename') as tm:
                    for i in range(8):
                        list_of_strings.append(create_string(1024**2))
                print(f' tm.memory_start={tm.memory_start}')
                print(f'tm.memory_finish={tm.memory_finish}')
                print(f'         tm.diff={tm.diff}')
                for stat in tm.statistics:
                    print(stat)
                print()
                for stat in tm.net_statistics():
                    print(stat)

            @trace_malloc.trace_malloc_log(logging.INFO)
            def example_decorator_for_documentation(list_of_strings):
                print(f'example_decorator_for_documentation()')
                for i in range(8):
                    list_of_strings.append(create_string(1024**2))

            logging.basicConfig(level=logging.INFO, stream=sys.stdout)
            example_decorator_for_documentation([])
            example_trace_malloc_for_documentation([])
            """)
        self.assertRegex(out, r'delta: 8,3(89|90|91),\d+ for '
                              r'"example_decorator_for_documentation\(\)"')
        self.assertRegex(out, r"tm.diff=83(89|90|91)\d+\n")
        self.assertRegex(out, r"example.py:0: size=819[23] KiB "
                              r"\(\+819[23] KiB\), count=\d+ \(\+\d+\), ")

    @unittest.skipIf(pmttest.free_threaded, "pymalloc needs the GIL")
    def test_debug_malloc_stats(self):
        out = self.example("""
            from pymemtrace import debug_malloc_stats
            list_of_strings = []
            print(f'example_debug_malloc_stats_for_documentation()')
            with debug_malloc_stats.DiffSysDebugMallocStats() as malloc_diff:
                for i in range(1, 9):
                    list_of_strings.append(' ' * (i * 8))
            print(f'DiffSysDebugMallocStats.diff():')
            print(f'{malloc_diff.diff()}')
            """)
        self.assertRegex(out, r"(?m)^    4     80 +[+-]\d+ +\+[2-9] +-[2-9]$")

    def test_pytracemalloc(self):
        """The examples of pytracemalloc, on its heir here."""
        out = self.example("""
            from pmt import top as tracemalloc
            tracemalloc.enable()
            top = tracemalloc.DisplayTop(25)
            top.start(60)
            # ... run your application ...
            top.stop()
            log = open("tracemalloc.log", "a")
            top = tracemalloc.DisplayTop(25, file=log)
            top.start(60)
            top.display()
            # ... run your application ...
            top.stop()
            log.close()
            take_snapshot = tracemalloc.TakeSnapshot()
            take_snapshot.filename_template = "trace-$pid-$timestamp.snapshot"
            take_snapshot.start(60.0)
            # ... run your application ...
            snapshot = tracemalloc.Snapshot.create()
            snapshot.write("filename")
            tracemalloc.DisplayTop(5).display()
            """)
        self.assertRegex(out, r"^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d: Top \d "
                              r"allocations per file\n#1: ")
        self.assertIn("Top ", self.read_file("tracemalloc.log"))


if __name__ == "__main__":
    pmttest.main()
