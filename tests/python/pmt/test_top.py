# SPDX-License-Identifier: MIT
"""pmt.top: lines as documented, a timer that behaves, the command."""
import gc
import io
import os
import re
import sys
import threading
import tracemalloc
import unittest.mock

import pmttest
from pmt import top
from pmt.snapshot import Snapshot
from pmt.top._text import format_size

MIB = 1 << 20


def snapshot(stats, **more):
    return Snapshot(stats, "2026-03-04 01:01:55", **more)


ONE = snapshot({
    "/usr/lib/python3.13/linecache.py": {128: (417792, 5379)},
    "/home/me/project/tests/doctest.py": {917: (200, 2), 918: (441000, 5800)},
    "<frozen importlib._bootstrap>": {5: (1000, 9)},
    "main.py": {0: (0, 0)},
}, process_memory=11 * MIB, tracemalloc_memory=23552)
TWO = snapshot({
    "/usr/lib/python3.13/linecache.py": {128: (10, 1)},
    "/home/me/project/tests/doctest.py": {917: (200, 2), 918: (741000, 9800)},
    "<frozen importlib._bootstrap>": {5: (1000, 9)},
}, process_memory=30 * MIB, tracemalloc_memory=0)


class TextTest(pmttest.TestCase):

    def display(self, *snapshots, count=10, **attributes):
        out = io.StringIO()
        display = top.DisplayTop(count, out)
        self.assertFalse(display.color)
        for name, value in attributes.items():
            self.assertTrue(hasattr(display, name))
            setattr(display, name, value)
        for one in snapshots:
            out.seek(0)
            out.truncate()
            display.display_snapshot(one)
        return out.getvalue()

    def test_first(self):
        self.assertEqual(self.display(ONE, count=2), """\
2026-03-04 01:01:55: Top 2 allocations per file
#1: .../project/tests/doctest.py: size=431 KiB, count=5802, average=76 B
#2: .../lib/python3.13/linecache.py: size=408 KiB, count=5379, average=78 B
2 more: size=1000 B, count=9, average=111 B
Total Python memory: size=840 KiB, count=11190, average=77 B
Total process memory: size=11 MiB (ignore tracemalloc: 23 KiB)
""")

    def test_compared(self):
        self.assertEqual(self.display(ONE, TWO, show_lineno=True), """\
2026-03-04 01:01:55: Top 5 allocations per file and line
#1: .../lib/python3.13/linecache.py:128: size=10 B (-408 KiB), \
count=1 (-5378), average=10 B
#2: .../project/tests/doctest.py:918: size=724 KiB (+293 KiB), \
count=9800 (+4000), average=76 B
#3: <frozen importlib._bootstrap>:5: size=1000 B (+0 B), count=9 (+0), \
average=111 B
#4: .../project/tests/doctest.py:917: size=200 B (+0 B), count=2 (+0), \
average=100 B
#5: main.py:0: size=0 B (+0 B), count=0 (+0)
Total Python memory: size=725 KiB (-115 KiB), count=9812 (-1378), \
average=76 B
Total process memory: size=30 MiB (+19 MiB) (ignore tracemalloc: 0 B)
""")

    def test_compared_with_first(self):
        text = self.display(ONE, TWO, TWO, compare_with_previous=False)
        self.assertIn("size=10 B (-408 KiB)", text)
        text = self.display(ONE, TWO, TWO)
        self.assertIn("size=10 B (+0 B)", text)

    def test_parts_and_columns(self):
        text = self.display(ONE, filename_parts=1, count=1)
        self.assertIn("#1: .../doctest.py: size=", text)
        text = self.display(snapshot({"/a/b/c.py": {1: (1, 1)}}))
        self.assertIn("#1: /a/b/c.py: size=", text)
        text = self.display(ONE, count=1, show_average=False)
        self.assertIn("doctest.py: size=431 KiB, count=5802\n", text)
        text = self.display(ONE, count=1, show_average=False,
                            show_count=False)
        self.assertIn("doctest.py: 431 KiB\n3 more: 409 KiB\n"
                      "Total Python memory: 840 KiB\n", text)

    def test_color(self):
        text = self.display(ONE, TWO, color=True)
        self.assertIn("\033[1m2026-03-04 01:01:55: Top 4 allocations per "
                      "file\033[0m\n", text)
        self.assertIn("\033[32m(-408 KiB)\033[0m", text)
        self.assertIn("\033[31m(+293 KiB)\033[0m", text)
        self.assertIn("size=1000 B (+0 B)", text)

    def test_user_data(self):
        data = [("Video memory", "size", 234902), ("Trace", "size", 0)]
        first = snapshot({}, user_data=data)
        text = self.display(first)
        self.assertIn("\nVideo memory: size=229 KiB\nTrace: size=0 B\n", text)
        text = self.display(first, snapshot({}, user_data=[
            ("Video memory", "size", 0), ("Trace", "size", 20480)]))
        self.assertIn("\nVideo memory: size=0 B (-229 KiB)\n"
                      "Trace: size=20 KiB (+20 KiB)\n", text)

    def test_names_that_upset_terminals(self):
        text = self.display(snapshot({"a\033[31m\n\udcff\N{SNOWMAN}":
                                      {1: (1, 1)}}))
        self.assertIn("#1: a\\x1b[31m\\n\\udcff\N{SNOWMAN}: size=1 B", text)

    def test_sizes(self):
        for size, text in ((0, "0 B"), (10239, "10239 B"), (10240, "10 KiB"),
                           (1297408, "1267 KiB"), (10 * MIB, "10 MiB"),
                           (-20480, "-20 KiB"), (1 << 44, "16 TiB"),
                           (1 << 60, "1048576 TiB")):
            self.assertEqual(format_size(size), text)


class DisplayTest(pmttest.TestCase):

    def setUp(self):
        top.enable()
        self.addCleanup(top.disable)

    def test_display(self):
        kept = [bytes(1000) for _ in range(20000)]
        out = io.StringIO()
        display = top.DisplayTop(3, file=out)
        display.show_lineno = True
        display.user_data_callback = lambda: [("Mine", "size", len(kept))]
        display.display()
        lines = out.getvalue().splitlines()
        self.assertRegex(lines[0], r"^\d+-\d+-\d+ \d+:\d+:\d+: Top 3 "
                                   r"allocations per file and line$")
        self.assertRegex(lines[1], r"^#1: .*python/pmt/test_top.py:\d+: "
                                   r"size=20 MiB, count=20\d\d\d, average=10")
        self.assertRegex(lines[-2], r"^Total process memory: size=\d+ [KM]iB "
                                    r"\(ignore tracemalloc: \d+ [KM]iB\)$")
        self.assertEqual(lines[-1], "Mine: size=20 KiB")
        del kept[10000:]
        display.display()
        self.assertRegex(out.getvalue(), r"size=(100\d\d K|10 M)iB "
                                         r"\(-10\d* [KM]iB\)")

    def test_wrong_arguments(self):
        for count, error in ((0, ValueError), (-1, ValueError),
                             ("5", TypeError)):
            with self.assertRaises(error):
                top.DisplayTop(count)
        display = top.DisplayTop(5, io.StringIO())
        top.disable()
        with self.assertRaises(RuntimeError):
            display.display()

    def test_color_by_default(self):
        class Terminal(io.StringIO):
            def isatty(self):
                return True
        with unittest.mock.patch.dict(os.environ):
            os.environ.pop("NO_COLOR", None)
            self.assertTrue(top.DisplayTop(1, Terminal()).color)
            self.assertTrue(top.DisplayGarbage(Terminal()).color)
            self.assertFalse(top.DisplayTop(1, io.StringIO()).color)
            os.environ["NO_COLOR"] = "1"
            self.assertFalse(top.DisplayTop(1, Terminal()).color)

    def test_garbage(self):
        out = io.StringIO()
        display = top.DisplayGarbage(out)
        with unittest.mock.patch.object(gc, "garbage", ["old"]):
            display.display()
            gc.garbage.append(list(range(100)))
            display.display()
            self.assertIn("1 new objects in gc.garbage\n#1: 'old'\n",
                          out.getvalue())
            self.assertIn("#1: [0, 1, 2, 3, 4, 5, ...]\n", out.getvalue())
            out.truncate(0)
            display.cumulative = True
            display.format_object = lambda o: 1 // 0
            display.display()
            self.assertRegex(out.getvalue(), "2 objects in gc.garbage\n#1: "
                             "<str at 0x[0-9a-f]+: ZeroDivisionError>\n#2")
            gc.garbage.clear()
            display.cumulative = False
            display.display()
            gc.garbage.append("new")
            display.display()
            self.assertIn("#1:", out.getvalue().splitlines()[-1])

    def test_take_snapshot(self):
        take = top.TakeSnapshot()
        self.assertIn("$counter", take.filename_template)
        take.filename_template = self.path("$pid-$timestamp-$counter.x")
        names = [take.take_snapshot(), take.take_snapshot()]
        self.assertRegex(names[0], r"/%d-\d{4}-\d\d-\d\d-\d{6}-0001\.x$"
                         % os.getpid())
        self.assertTrue(names[1].endswith("-0002.x"))
        self.assertEqual(Snapshot.load(names[1]).pid, os.getpid())
        take.filename_template = "$host"
        with self.assertRaises(ValueError):
            take.take_snapshot()

    def test_process_memory(self):
        import psutil
        self.assertAlmostEqual(top.get_process_memory(),
                               psutil.Process().memory_info().rss,
                               delta=4 * MIB)


class TimerTest(pmttest.TestCase):

    def setUp(self):
        self.calls = []
        self.called = threading.Event()
        self.addCleanup(top.stop_timer)

    def call(self, *args, **kwargs):
        self.calls.append((args, kwargs))
        if len(self.calls) >= 3:
            self.called.set()

    def test_calls_until_stopped(self):
        top.start_timer(0.01, self.call, (1,), {"a": 2})
        self.assertTrue(self.called.wait(30))
        top.stop_timer()
        count = len(self.calls)
        self.assertEqual(self.calls, [((1,), {"a": 2})] * count)
        self.assertNotIn("pmt.top timer",
                         [thread.name for thread in threading.enumerate()])
        top.stop_timer()
        self.assertEqual(len(self.calls), count)

    def test_a_second_one_replaces_the_first(self):
        first = []
        top.start_timer(0.001, first.append, (1,))
        top.start_timer(0.001, self.call)
        count = len(first)
        self.assertTrue(self.called.wait(30))
        self.assertEqual(len(first), count)

    def test_function_may_stop_it(self):
        done = threading.Event()

        def once():
            top.stop_timer()
            self.calls.append(1)
            done.set()
        top.start_timer(0.001, once)
        self.assertTrue(done.wait(30))
        self.assertEqual(self.calls, [1])

    def test_wrong_arguments(self):
        for delay, func, error in ((0, print, ValueError),
                                   (-1, print, ValueError),
                                   ("1", print, TypeError),
                                   (1, None, TypeError)):
            with self.subTest(delay), self.assertRaises(error):
                top.start_timer(delay, func)

    def test_program_ends_with_it_running_and_after_fork(self):
        code = """if True:
            import os, sys
            from pmt import top
            top.enable()
            top.DisplayTop(1, sys.stderr).start(0.01)
            pid = os.fork()
            if pid == 0:
                top.stop_timer()
                top.start_timer(3600, print)
                sys.exit(7)
            status = os.waitpid(pid, 0)[1]
            print(os.WEXITSTATUS(status))
        """
        process = self.assert_success(pmttest.run_python(code))
        self.assertEqual(process.stdout, "7\n")

    def test_tasks_run(self):
        top.enable()
        self.addCleanup(top.disable)
        take = top.TakeSnapshot()
        take.filename_template = self.path("$counter")
        take.user_data_callback = lambda: self.call() or []
        take.start(0.01)
        self.assertTrue(self.called.wait(60))
        take.stop()
        self.assertIn("0002", os.listdir(self.directory))


class ProgramTest(pmttest.TestCase):

    def test_environment(self):
        code = "import pmt.top, tracemalloc; print(tracemalloc.is_tracing())"
        for value, tracing, message in (("1", "True", "tracemalloc enabled\n"),
                                        ("0", "False", ""), ("", "False", ""),
                                        (None, "False", "")):
            process = self.assert_success(pmttest.run_python(
                code, env={"PYTRACEMALLOC": value}))
            self.assertEqual((process.stdout, process.stderr),
                             (tracing + "\n", message))

    def test_program_top(self):
        out = io.StringIO()
        with top.ProgramTop(0.001, 2, out):
            kept = [bytes(1000) for _ in range(1000)]
            while out.getvalue().count("Top ") < 2:
                pass
        self.assertFalse(tracemalloc.is_tracing())
        self.assertGreaterEqual(out.getvalue().count("allocations per file"),
                                2)
        out = io.StringIO()
        with top.ProgramTop(file=out):
            tracemalloc.stop()
        self.assertEqual(out.getvalue(), "")
        del kept


class StartTest(pmttest.TestCase):
    """The file that --enable-pytracemalloc installs, in a site directory."""

    def test_from_the_start(self):
        with open(os.path.join(pmttest.srcdir, "python",
                               "pmt_tracemalloc.pth")) as file:
            self.write_file("site/pmt_tracemalloc.pth", file.read())
        program = ("import site, sys, tracemalloc\n"
                   "site.addsitedir(%r)\n"
                   "print(tracemalloc.is_tracing(), 'pmt' in sys.modules)\n"
                   % self.path("site"))
        for value, said in (("1", "True True\ntracemalloc enabled\n"),
                            ("0", "False False\n"), (None, "False False\n")):
            process = self.assert_success(pmttest.run_python(
                program, env={"PYTRACEMALLOC": value}))
            self.assertEqual(process.stdout + process.stderr, said)

    def test_version(self):
        import pmt
        self.assertEqual(top.__version__, "0.9.1+pmt." + pmt.__version__)


class CommandTest(pmttest.TestCase):

    def setUp(self):
        ONE.write(self.path("one"))
        TWO.write(self.path("two"))

    def run_top(self, *arguments, **kwargs):
        return pmttest.run_program(
            [sys.executable, "-m", "pmt.top"] + list(arguments),
            cwd=self.directory, **kwargs)

    def test_compares_with_the_one_before(self):
        process = self.assert_success(self.run_top("one", "two", "two"))
        blocks = process.stdout.split("\n\n")
        self.assertEqual(len(blocks), 3)
        self.assertNotIn("compared", blocks[0])
        self.assertIn("Top 4 allocations per file (compared to one)\n",
                      blocks[1])
        self.assertIn("(compared to two)", blocks[2])
        self.assertIn("count=9802 (+0)", blocks[2])
        self.assertEqual(process.stderr, "")
        self.assertNotIn("\033", process.stdout)

    def test_options(self):
        process = self.assert_success(self.run_top(
            "--first", "-l", "-n2", "--color", "one", "two", "two"))
        last = process.stdout.split("\n\n")[2]
        self.assertIn("Top 2 allocations per file and line (compared to one)",
                      last)
        self.assertIn("linecache.py:128: size=10 B \033[32m(-408 KiB)", last)
        process = self.assert_success(self.run_top(
            "--include=*.py", "--include=<*", "--exclude=/usr/*",
            "--exclude=main*", "--filename-parts=1", "--hide-average",
            "--no-color", "one"))
        self.assertEqual(re.findall(r"#\d+: (.*)", process.stdout), [
            ".../doctest.py: size=431 KiB, count=5802",
            "<frozen importlib._bootstrap>: size=1000 B, count=9"])

    def test_pickle(self):
        tracemalloc.start()
        kept = [bytes(1000) for _ in range(1000)]
        tracemalloc.take_snapshot().dump(self.path("p"))
        tracemalloc.stop()
        process = self.assert_success(self.run_top("p"))
        self.assertRegex(process.stdout, r"test_top.py: size=10\d\d KiB")
        del kept

    def test_failures(self):
        self.write_file("bad", "text\n")
        process = self.run_top("one", "bad")
        self.assert_status(process, 1)
        self.assertIn("Top 4", process.stdout)
        self.assertEqual(process.stderr, "pmt.top: bad: not a snapshot\n")
        process = self.run_top("no")
        self.assert_status(process, 1)
        self.assertEqual(process.stderr, "pmt.top: cannot open 'no': "
                                         "No such file or directory\n")
        for arguments in ((), ("-n0", "one"), ("--color", "--no-color", "one"),
                          ("--hide-size", "--hide-count", "--hide-average",
                           "one"), ("--filename-parts=0", "one")):
            self.assert_status(self.run_top(*arguments), 2)
        with open("/dev/full", "w") as full:
            process = self.run_top("one", stdout=full)
        self.assert_status(process, 1)
        self.assertEqual(process.stderr, "pmt.top: cannot write: "
                                         "No space left on device\n")

    def test_reader_goes_away(self):
        process = pmttest.run_program(
            ["sh", "-c", '"$0" -m pmt.top one two one two | head -n1; true',
             sys.executable], cwd=self.directory)
        self.assertEqual(process.stderr, "")
        self.assertEqual(process.stdout.count("\n"), 1)

    def test_pmt_analyse_hands_over(self):
        """Snapshots of either form, with the options of pmt.top."""
        plain = self.run_top("--line-number", "one", "two")
        handed = pmttest.run_program(
            ["pmt-analyse", "--line-number", "one", "two"],
            cwd=self.directory, env={"PYTHON": sys.executable})
        self.assertEqual(self.assert_success(handed).stdout, plain.stdout)
        tracemalloc.start()
        tracemalloc.take_snapshot().dump(self.path("p"))
        tracemalloc.stop()
        handed = pmttest.run_program(["pmt-analyse", "p"], cwd=self.directory,
                                     env={"PYTHON": sys.executable})
        self.assertIn("Top ", self.assert_success(handed).stdout)

    def test_pmt_analyse_imports_nothing_from_here(self):
        """Of a folder that came with the snapshot no code is run."""
        for name in ("argparse", "json", "pmt", "sys", "sitecustomize",
                     "usercustomize", "re", "pickle"):
            self.write_file(name + ".py", "raise SystemExit('owned')\n")
        for path in None, "", ".", ":", self.directory:
            process = pmttest.run_program(
                ["pmt-analyse", "one"], cwd=self.directory,
                env={"PYTHON": sys.executable, "PYTHONPATH": path})
            self.assertEqual(process.stderr, "")
            self.assertIn("Top ", self.assert_success(process).stdout)

    def test_no_memory_for_strangers(self):
        """30 bytes that would take 8 GB, through all doors."""
        with open(self.path("p"), "wb") as file:
            file.write(b"\x80\x04]r\xff\xff\xff\x3f." + bytes(9))
        for command in ["pmt-analyse"], [sys.executable, "-m", "pmt.top"]:
            process = pmttest.run_program(command + [self.path("p")],
                                          env={"PYTHON": sys.executable})
            self.assert_status(process, 1)
            self.assertEqual(process.stderr, "pmt.top: %s: a damaged pickle: "
                             "more memos than bytes\n" % self.path("p"))

    def test_strange_files(self):
        os.mkdir(self.path("d"))
        for name in "d", "/dev/zero", "/dev/null", "\x1b[2J", "/proc/self/mem":
            process = self.run_top(name)
            self.assert_status(process, 1)
            self.assertEqual(process.stderr.count("\n"), 1, process.stderr)
            self.assertNotIn("\x1b", process.stderr)


class PmtRunTest(pmttest.TestCase):

    # Until so many reports are in the file that its standard error is.
    PROGRAM = """
import sys, time
assert "pmt" not in [name for name in sys.path]
kept = [bytes(1000) for _ in range(1000)]
until = time.monotonic() + 60
while open("told").read().count(": Top ") < int(sys.argv[1]) and \\
        time.monotonic() < until:
    time.sleep(0.01)
print("done", sys.argv[1:])
"""

    def run_top(self, reports, *options):
        script = self.write_file("program.py", self.PROGRAM)
        with open(self.path("told"), "w") as told:
            process = self.assert_success(pmttest.run_program(
                ["pmt-run", "--python", sys.executable] + list(options) +
                [script, str(reports)], stderr=told, cwd=self.directory))
        self.assertEqual(process.stdout, "done ['%d']\n" % reports)
        return self.read_file("told")

    def test_at_the_end(self):
        error = self.run_top(0, "--top")
        self.assertEqual(error.count(": Top "), 1)
        self.assertRegex(error, r"#1: \S*program\.py: size=10\d\d KiB")
        self.assertNotIn("pmt-run:", error)

    def test_at_intervals(self):
        error = self.run_top(2, "--top=0.1")
        self.assertGreater(error.count(": Top "), 2, error)

    def test_bad_interval(self):
        for interval in ("0", "x"):
            process = pmttest.run_program(
                ["pmt-run", "--top=" + interval, "-c", "1"])
            self.assert_status(process, 2)


if __name__ == "__main__":
    pmttest.main()
