# SPDX-License-Identifier: MIT
"""The command lines of pymemtrace, in every way argparse lets them be put."""
import io
import itertools
import os
import re
import subprocess
import sys
import contextlib

import pmttest
from pymemtrace import process_tree
from pymemtrace.util import ref_trace_analyse

# An option of process_tree: its letter, its name, abbreviations of that.
FLAGS = (("u", "uss", "us u"), ("g", "page-faults", "page pa"),
         ("c", "cpu-times", "cpu cp"), ("x", "context-switches", "con co"),
         ("t", "threads", "thr t"), ("s", "status", "stat st"),
         ("f", "open-files", "open-f ope"), ("n", "net-connections", "net n"),
         ("a", "all", "al"), ("1", "omit-first", "omit om"))


def value_spellings(letter, name, short, value):
    """Each way to give an option its value, as words."""
    yield ["-" + letter, value]
    yield ["-" + letter + value]
    for each in (name, short):
        yield ["--" + each, value]
        yield ["--%s=%s" % (each, value)]


def refused(function, words):
    """What argparse prints, or None: the words are fine."""
    with contextlib.redirect_stderr(io.StringIO()) as error:
        try:
            function(words)
        except SystemExit as ended:
            assert ended.code == 2, ended.code
            return error.getvalue()
    return None


class ProcessTreeTest(pmttest.TestCase):

    def check(self, words, *expected):
        made = process_tree.arguments(words)
        self.assertEqual(sorted(made), sorted(
            ("--classic",) + expected + tuple(
                default for default in ("--interval=1.0",
                                        "--pid=%d" % os.getpid())
                if not any(each.startswith(default.split("=")[0])
                           for each in expected))), words)

    def test_values(self):
        for words in value_spellings("p", "pid", "pi", "77"):
            self.check(words, "--pid=77")
        for words in value_spellings("i", "interval", "inter", "0.25"):
            self.check(words, "--interval=0.25")
        for words in value_spellings("l", "log_level", "log", "10"):
            self.check(words)
        for words in (["--sep", "|"], ["--se=|"], ["--sep=|"]):
            self.check(words, "--sep=|")
        for words in (["--json", "a b"], ["--j=a b"]):
            self.check(words, "--json=a b")
        self.check(["--sep", "", "--json="])

    def test_flags(self):
        for letter, name, shorter in FLAGS:
            for word in ["-" + letter, "--" + name] + [
                    "--" + each for each in shorter.split()]:
                self.check([word], "--" + name)
        self.check(["--cm"], "--cmdline")

    def test_clusters(self):
        """Every order of three flags, with a value in and after them."""
        for flags in itertools.permutations(FLAGS, 3):
            cluster = "-" + "".join(letter for letter, _, _ in flags)
            expected = ["--" + name for _, name, _ in flags]
            self.check([cluster], *expected)
            for words in ([cluster + "p", "77"], [cluster + "p77"]):
                self.check(words, "--pid=77", *expected)
            self.check([cluster + "i0.5", "--pid=7"], "--interval=0.5",
                       "--pid=7", *expected)

    def test_no_process_is_this_one(self):
        for words in ([], ["-p-1"], ["--pid=-1"], ["-cp0"]):
            made = process_tree.arguments(words)
            self.assertIn("--pid=%d" % os.getpid(), made)

    def test_refused(self):
        for words in (["-p"], ["-p", "x"], ["-cp"], ["--c"], ["-i", "soon"],
                      ["-p", "-1"], ["--pid"]):
            self.assertIn("usage: process_tree.py",
                          refused(process_tree.arguments, words), words)

    def test_options_of_ours(self):
        self.check(["--count", "3", "-c", "--top"], "--count", "3", "--top",
                   "--cpu-times")

    def test_shortest_interval(self):
        self.check(["-i", "0"], "--interval=0.001")

    def test_watches_whom_it_is_told_to(self):
        with subprocess.Popen(["sleep", "60"]) as sleeper:
            try:
                for words in (["-cp", str(sleeper.pid)],
                              ["-cfgstnp%d" % sleeper.pid],
                              ["--pi", str(sleeper.pid)]):
                    process = self.assert_success(pmttest.run_program(
                        [sys.executable, "-m", "pymemtrace.process_tree",
                         "--count=1"] + words))
                    self.assertEqual(process.stdout.splitlines()[0],
                                     "CMD: sleep 60")
                    self.assertRegex(process.stdout,
                                     r'\n +\d+\.\d +%d "sleep" ' % sleeper.pid)
            finally:
                sleeper.kill()

    def test_help(self):
        process = self.assert_success(pmttest.run_program(
            [sys.executable, process_tree.__file__, "-h"]))
        self.assertIn("usage: process_tree.py [-h] [-i INTERVAL] [-p PID]",
                      process.stdout)


class AnalyserTest(pmttest.TestCase):

    LOG = ("hello\nSOF\n"
           "HDR: Clock Address LiveCnt Type File Line Function RSS dRSS\n"
           "NEW: 0.5 0x10 1 Kept /a/b.py 7 f 100 0\n"
           "MSG: 0.6 # so far\n"
           "EOF\n")

    def analyse(self, *words):
        return pmttest.run_program(
            [sys.executable, "-m", "pymemtrace.util.ref_trace_analyse"] +
            list(words), cwd=self.directory)

    def test_spellings(self):
        names = ("full-path", "include-untracked", "include-historical",
                 "recurse-files")
        for count in range(len(names) + 1):
            for chosen in itertools.combinations(names, count):
                for cut in (0, 3):
                    words = ["--" + name[:len(name) - cut] for name in chosen]
                    for line in (words + ["log"], ["log"] + words):
                        made, _ = ref_trace_analyse.arguments(line)
                        self.assertEqual(made, ["--" + n for n in chosen] +
                                         ["--log-level=20", "--", "log"])

    def test_level(self):
        for words in value_spellings("l", "log_level", "log", "30"):
            made, _ = ref_trace_analyse.arguments(words + ["x"])
            self.assertEqual(made, ["--log-level=30", "--", "x"])
        for given, level in (("0", 10), ("11", 20), ("99", 50)):
            made, _ = ref_trace_analyse.arguments(["-l" + given, "x"])
            self.assertEqual(made[0], "--log-level=%d" % level)

    def test_refused(self):
        for words in ([], ["--include", "x"], ["-l", "high", "x"]):
            self.assertIn("usage: ref_trace_analyse.py",
                          refused(ref_trace_analyse.arguments, words), words)

    def test_what_is_printed(self):
        self.write_file("log", self.LOG)
        out = self.assert_success(self.analyse("log")).stdout
        at = 0
        for line in ("note: Starting log file: log",
                     "note: Lines: 2 NEW: 1 DEL: 0 NEW - DEL: 1 MSG: 1",
                     "note: Finished log file: log", "\nFile path: log\n",
                     "\nInitial Message:\nhello\n", "\nLive Objects [1]:\n",
                     "\nProcess time: 0."):
            at = out.index(line, at)
        self.assertRegex(out, r"\nProcess time: \d+\.\d{3} \(s\)\n$")
        quiet = self.assert_success(self.analyse("-l30", "log")).stdout
        self.assertNotIn("Starting", quiet)

    def test_status(self):
        """0 for whatever could be read, as ever."""
        for text in (self.LOG + "not mine\n", self.LOG[:-20],
                     self.LOG.replace("MSG:", "ERR:")):
            self.write_file("log", text)
            out = self.assert_success(self.analyse("log")).stdout
            self.assertIn("Live Objects [1]:", out)
        self.assertEqual(self.analyse("none").returncode, 1)

    def test_inner_messages(self):
        inner = self.write_file("inner", self.LOG)
        self.write_file("log", self.LOG.replace("hello", "outer").replace(
            "so far", "Detaching this Reference Tracing file wrapper. "
            "New file: " + inner))
        for words, message in (((), "outer\n"),
                               (("--recurse-files",), "outer\nhello\n")):
            out = self.assert_success(self.analyse("log", *words)).stdout
            self.assertRegex(out, r"(?m)^Initial Message:\n%sRows: " % message)

    def test_plot(self):
        if not any(os.access(os.path.join(path, "gnuplot"), os.X_OK)
                   for path in os.environ["PATH"].split(":")):
            self.skipTest("gnuplot is not installed")
        self.write_file("log", self.LOG)
        self.assert_success(self.analyse(
            "--gnuplot-path", "to/there", "--gnuplot-types=Kept, Other",
            "log"))
        with open(self.path("to/there/log.png"), "rb") as picture:
            self.assertEqual(picture.read(8), b"\x89PNG\r\n\x1a\n")

    def test_as_files(self):
        """Without PYTHONPATH, as the documents call them."""
        import pymemtrace
        directory = os.path.dirname(pymemtrace.__file__)
        for name in ("process.py", "process_tree.py",
                     "util/ref_trace_analyse.py"):
            process = self.assert_success(pmttest.run_program(
                [sys.executable, os.path.join(directory, name), "--help"],
                env={"PYTHONPATH": None}, cwd="/"))
            self.assertTrue(re.match("usage: ", process.stdout))


if __name__ == "__main__":
    pmttest.main()
