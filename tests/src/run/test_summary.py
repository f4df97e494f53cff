# SPDX-License-Identifier: MIT
"""The report that is kept in memory in place of a log."""
import os
import re
import resource
import signal
import subprocess
import time
import unittest

import psutil

import pmttest

import pmt


class Thing:
    pass


class Other:
    pass


def numbers(report):
    """Type -> (made, destroyed), of the report's last table."""
    table = report[report.index("\nType count ["):].splitlines()[3:]
    rows = [line.rsplit(None, 3) for line in table]
    return {row[0]: (int(row[1]), int(row[2])) for row in rows}


def alive(report):
    """(type, "FILE:LINE FUNCTION") -> live objects, of the list of leaks."""
    return {(match[2], match[3]): int(match[1].replace(",", ""))
            for match in re.finditer(
                r"^ *([\d,]+) +(?:[\d.]+%|[\d.]+ [KMG]?i?B)  .{16}  "
                r"(.*?)(?:  \(growing\))?\n"
                r" {12}(.*)$", report, re.MULTILINE)}


class SameReport(pmttest.TestCase):
    """What the log of the same events would have told."""

    # Columns of twologs, enum pmt_reference_columns.
    SIZE, OWN = 4, 8

    def check(self, seed, columns, rows):
        text = self.path("log")
        self.assert_success(pmttest.run_program(
            [os.path.join(pmttest.builddir, "tests", "lib", "write", "twologs"),
             str(seed), "O", str(columns), str(rows), text,
             self.path("log.pmt"), self.path("log.txt")]))
        log = pmttest.run_program(
            ["pmt-analyse", "--full-path", "--top=0", text],
            env=dict(os.environ, LC_ALL="C.UTF-8"))
        log, summary = log.stdout, self.read_file("log.txt")
        # What the summary itself takes is a part of its verdict.
        summary = re.sub(r"For this report: .*\n", "", summary)
        log, summary = (
            re.sub(r"^(Verdict|Next): .*\n(?: .*\n)*", "", report, flags=re.M)
            for report in (log, summary))
        begin, objects = log.index("\nRows: "), log.index("\nLive Objects [")
        types = log.index("\nType count [")
        self.assertEqual(summary[summary.index("\nRows: "):],
                         log[begin:objects] + log[types:])

    def test_random_rows(self):
        for seed in range(3):
            self.check(seed, self.OWN, 20000)

    def test_sizes(self):
        self.check(7, self.OWN | self.SIZE, 20000)

    def test_no_rows(self):
        self.check(1, 0, 0)


@pmttest.needs_reference_tracing
class Summary(pmttest.TestCase):

    def summary(self, name="summary", **kwargs):
        return pmt.ReferenceTracing(filepath=self.path(name),
                                    format="summary", **kwargs)

    def test_counts(self):
        with self.summary(message="Hello\nworld") as tracing:
            kept = [Thing() for _ in range(30)]
            for _ in range(70):
                Other()
            del kept[:10]
        report = self.read_file("summary")
        self.assertEqual(tracing.log_file_path(), self.path("summary"))
        self.assertIn("\nInitial Message:\nHello\nworld\n", report)
        self.assertRegex(report, r"\nTracer: pmt \d")
        self.assertRegex(report, r"\nWritten: \d{4}-\d\d-\d\d \d\d:\d\d:\d\d "
                                 r"UTC, at the end\n")
        counts = numbers(report)
        self.assertEqual(counts["Thing"], (30, 10))
        self.assertEqual(counts["Other"], (70, 70))
        line = Summary.test_counts.__code__.co_firstlineno + 2
        self.assertEqual(alive(report), {
            ("Thing", "%s:%d test_counts" % (__file__, line)): 20})
        self.assertEqual(os.listdir(self.directory), ["summary"])
        self.assertEqual(len(kept), 20)

    @pmttest.not_sanitized
    def test_own_memory(self):
        """It tells how much of the memory is its own."""
        with self.summary() as tracing:
            kept = [Thing() for _ in range(200000)]
            tracing.write_summary()
            mine, unit = re.search(
                r"^For this report: up to ([\d.]+) (.iB) of the memory$",
                self.read_file("summary"), re.MULTILINE).groups()
        self.assertEqual(unit, "MiB")
        # A slot of 8 bytes and an object of 40, each table up to twice that.
        self.assertGreater(float(mine) * 2 ** 20, 48 * len(kept))
        self.assertLess(float(mine) * 2 ** 20, 130 * len(kept))

    def test_so_far(self):
        with self.summary() as tracing:
            self.assertIn(", so far\n", self.read_file("summary"))
            kept = [Thing()]
            tracing.write_summary()
            first = self.read_file("summary")
            kept.append(Thing())
            self.assertEqual(self.read_file("summary"), first)
        self.assertIn(", so far\n", first)
        self.assertIn("\nAlive so far: 1 object; no group grows\n", first)
        self.assertEqual(numbers(first)["Thing"], (1, 0))
        self.assertEqual(numbers(self.read_file("summary"))["Thing"], (2, 0))
        self.assertEqual(len(kept), 2)

    def test_interval(self):
        """Written by itself, and not at every event."""
        written = set()
        with self.summary(interval=0.05):
            while len(written) < 3:
                for _ in range(1000):
                    Thing()
                written.add(os.stat(self.path("summary")).st_ino)
        self.assertIn(", at the end\n", self.read_file("summary"))

    def test_interval_is_no_reason_to_warn_of_forks(self):
        """CPython does (3.12) if the process has threads."""
        process = self.assert_success(pmttest.run_python(
            "import os, pathlib, sys, time, pmt\n"
            "class A: pass\n"
            "path = sys.argv[1]\n"
            "with pmt.ReferenceTracing(filepath=path, format='summary',\n"
            "                          interval=0.1) as tracing:\n"
            "    kept = [A()]\n"
            "    for _ in range(20):\n"
            "        if os.fork() == 0:\n"
            "            os._exit(0)\n"
            "        os.wait()\n"
            "    kept.append(A())\n"
            "    if os.fork() == 0:\n"
            "        kept.append(A())\n"
            "        path = tracing.log_file_path()\n"
            "    while 'A ' not in pathlib.Path(path).read_text():\n"
            "        time.sleep(0.01)\n",
            self.path("summary"), env={"PYTHONWARNINGS": "error"}))
        self.assertEqual(process.stderr, "")
        names = sorted(os.listdir(self.directory))
        self.assertEqual(len(names), 2)
        self.assertEqual(numbers(self.read_file(names[0]))["A"], (2, 0))
        self.assertEqual(numbers(self.read_file(names[1]))["A"], (1, 0))

    def test_without_interval(self):
        with self.summary():
            before = os.stat(self.path("summary")).st_ino
            for _ in range(100000):
                Thing()
            self.assertEqual(os.stat(self.path("summary")).st_ino, before)

    def test_generated_name(self):
        with pmt.ReferenceTracing(filepath=self.directory,
                                  format="summary") as tracing:
            pass
        self.assertRegex(tracing.log_file_path(),
                         r"/\d{8}_\d{6}_\d+_%d_O_0_PY3[\w.]+\.txt\Z"
                         % os.getpid())
        self.assertIn("File path: " + tracing.log_file_path() + "\n",
                      self.read_file(tracing.log_file_path()))

    def test_replaces_what_is_there(self):
        with open(self.path("summary"), "w") as file:
            file.write("something longer than nothing\n" * 1000)
        with self.summary():
            self.assertTrue(self.read_file("summary").startswith("File path"))

    def test_stacked(self):
        with self.summary("outer"):
            with self.summary("inner"):
                Thing()
            Other()
        self.assertNotIn("Thing", numbers(self.read_file("outer")))
        self.assertNotIn("Other", numbers(self.read_file("inner")))

    def test_forked_child(self):
        with self.summary() as tracing:
            child = os.fork()
            if child == 0:
                kept = [Thing(), Thing()]
                tracing.write_summary()
                os._exit(len(kept))
            self.assertEqual(os.waitpid(child, 0)[1] >> 8, 2)
        report = self.read_file("summary.%d" % child)
        self.assertEqual(numbers(report)["Thing"], (2, 0))
        self.assertNotIn("Thing", numbers(self.read_file("summary")))

    @pmttest.not_sanitized
    def test_memory_is_bounded(self):
        """It grows with what lives, not with what happens."""
        with self.summary():
            for _ in range(100000):
                Thing()
            before = pmt.rss()
            for _ in range(1000000):
                Thing()
            self.assertLess(pmt.rss() - before, 1 << 20)

    def test_device(self):
        """One report after the other; here to a pipe."""
        process = self.assert_success(pmttest.run_python(
            "import pmt\n"
            "with pmt.ReferenceTracing(filepath='/dev/stdout',\n"
            "                          format='summary') as tracing:\n"
            "    tracing.write_summary()\n"))
        self.assertEqual(process.stdout.count("File path: /dev/stdout\n"), 2)
        self.assertTrue(os.path.exists("/dev/stdout"))

    def test_named_pipe_without_reader(self):
        os.mkfifo(self.path("summary"))
        with self.assertRaises(OSError):
            self.summary().__enter__()

    def test_full_disk(self):
        with self.assertRaises(OSError) as caught:
            with pmt.ReferenceTracing(filepath="/dev/full",
                                      format="summary"):
                Thing()
        self.assertEqual(caught.exception.filename, "/dev/full")

    def test_report_that_fails(self):
        """The one before stays; one that is written later makes up for it."""
        with self.summary() as tracing:
            Thing()
            tracing.write_summary()
            before = self.read_file("summary")
            Thing()
            old = resource.getrlimit(resource.RLIMIT_FSIZE)
            resource.setrlimit(resource.RLIMIT_FSIZE, (0, old[1]))
            try:
                with self.assertRaises(OSError) as caught:
                    tracing.write_summary()
            finally:
                resource.setrlimit(resource.RLIMIT_FSIZE, old)
            self.assertEqual(caught.exception.filename, self.path("summary"))
            self.assertEqual(self.read_file("summary"), before)
        self.assertEqual(numbers(self.read_file("summary"))["Thing"], (2, 2))

    def test_wrong_arguments(self):
        for kwargs in (dict(max_size=1000), dict(ring=1000),
                       dict(interval=0), dict(interval=-1),
                       dict(interval=float("nan"))):
            with self.subTest(kwargs), self.assertRaises(ValueError):
                self.summary(**kwargs)
        with self.assertRaises(TypeError):
            self.summary(interval="often")
        with self.assertRaisesRegex(ValueError, "interval"):
            pmt.ReferenceTracing(interval=1)

    def test_not_a_summary(self):
        with pmt.ReferenceTracing(filepath=self.path("log")) as tracing:
            with self.assertRaisesRegex(RuntimeError, "log"):
                tracing.write_summary()
        with self.assertRaisesRegex(RuntimeError, "outside"):
            self.summary().write_summary()


class NoRows(pmttest.TestCase):

    def test_profile_has_none(self):
        for tracer in pmt.Profile, pmt.Trace:
            with self.assertRaisesRegex(ValueError, tracer.__name__):
                tracer(format="summary")


SERVICE = """
import sys, time
class Session:
    pass
kept = [Session() for _ in range(17)]
print("ready", flush=True)
sys.stdin.readline()
kept.append(Session())
"""


@pmttest.needs_reference_tracing
class PmtRun(pmttest.TestCase):

    def command(self, *options):
        return ["pmt-run", "-r", "-o", self.path("summary")] + list(options)

    def start(self, option):
        process = subprocess.Popen(
            self.command(option, "-c", SERVICE),
            stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            stderr=subprocess.PIPE, universal_newlines=True)
        self.addCleanup(process.communicate)
        self.addCleanup(process.kill)
        self.assertEqual(process.stdout.readline(), "ready\n")
        pmttest.wait_for_waiting(psutil.Process(process.pid))
        return process

    def wait_for(self, text):
        while text not in self.read_file("summary"):
            time.sleep(0.01)
        return self.read_file("summary")

    def test_at_the_end(self):
        process = self.assert_success(pmttest.run_program(
            self.command("--summary", "-c", SERVICE), input=""))
        report = self.read_file("summary")
        self.assertEqual(numbers(report)["__main__.Session"][0], 18)
        self.assertIn("pmt-run: summary: %s\n" % self.path("summary"),
                      process.stderr)
        self.assertEqual(os.listdir(self.directory), ["summary"])

    def test_signal(self):
        """A program that waits tells at once, and goes on to wait."""
        process = self.start("--summary")
        self.assertNotIn("Session", self.read_file("summary"))
        process.send_signal(signal.SIGUSR1)
        report = self.wait_for("__main__.Session")
        self.assertEqual(numbers(report)["__main__.Session"], (17, 0))
        self.assertIn(", so far\n", report)
        self.assertRegex(report, r"\n {12}held: 17 by __main__\.\w+")
        process.communicate("\n")
        self.assertEqual(process.returncode, 0)
        self.assertIn(", at the end\n", self.read_file("summary"))
        # What was asked for is kept.
        self.assertEqual(self.read_file("summary.1"), report)
        self.assertEqual(sorted(os.listdir(self.directory)),
                         ["summary", "summary.1"])

    def test_killed(self):
        process = self.start("--summary")
        process.send_signal(signal.SIGUSR1)
        report = self.wait_for("__main__.Session")
        process.send_signal(signal.SIGTERM)
        process.wait()
        error = process.communicate()[1]
        self.assertEqual(process.returncode, -signal.SIGTERM)
        self.assertEqual(self.read_file("summary"), report)
        self.assertIn("pmt-run: it is not of the end: the program died of "
                      "signal 15", error)

    def test_program_that_has_the_signal(self):
        program = ("import os, signal\n"
                   "signal.signal(signal.SIGUSR1, lambda *_: print('mine'))\n"
                   "os.kill(os.getpid(), signal.SIGUSR1)\n")
        process = self.assert_success(pmttest.run_program(
            self.command("--summary", "-c", program)))
        self.assertEqual(process.stdout, "mine\n")

    def test_seconds_of_an_idle_program(self):
        self.start("--summary=0.1")
        report = self.wait_for("__main__.Session")
        self.assertEqual(numbers(report)["__main__.Session"], (17, 0))

    def test_holders_every_so_often(self):
        self.start("--summary=0.1")
        self.wait_for("\n            held: 17 by __main__.")

    def test_seconds(self):
        program = ("import os, sys\n"
                   "class A: pass\n"
                   "first = os.stat(sys.argv[1]).st_ino\n"
                   "while os.stat(sys.argv[1]).st_ino == first:\n"
                   "    A()\n")
        self.assert_success(pmttest.run_program(self.command(
            "--summary=50ms", "-c", program, self.path("summary"))))

    def test_forked_children(self):
        program = ("import os\n"
                   "class A: pass\n"
                   "if os.fork() == 0:\n"
                   "    a = A()\n"
                   "else:\n"
                   "    os.wait()\n")
        process = self.assert_success(pmttest.run_program(
            self.command("--summary", "-c", program)))
        self.assertIn("forked processes wrote 1 more log", process.stderr)
        self.assertEqual(len(os.listdir(self.directory)), 2)

    def test_many_forks(self):
        """The thread that writes reports ends before each, and goes on."""
        program = ("import os, sys\n"
                   "class A: pass\n"
                   "for n in range(100):\n"
                   "    a = [A() for n in range(50)]\n"
                   "    if os.fork() == 0:\n"
                   "        a = A()\n"
                   "        sys.exit(n % 3) if n % 2 else os._exit(n % 3)\n"
                   "    assert os.wait()[1] >> 8 == n % 3\n")
        self.assert_success(pmttest.run_program(
            self.command("--summary=0.001", "-c", program), timeout=120))

    def test_wrong_options(self):
        for options, message in (
                (["-p", "--summary"], "--summary is of -r"),
                (["-r", "--summary", "--text"], "no log"),
                (["-r", "--summary", "--ring=1M"], "no log"),
                (["-r", "--summary=0"], "0 seconds"),
                (["-r", "--summary=often"], "--summary")):
            process = pmttest.run_program(
                ["pmt-run"] + options + ["-c", "pass"])
            self.assert_status(process, 2)
            self.assertIn(message, process.stderr)


if __name__ == "__main__":
    pmttest.main()
