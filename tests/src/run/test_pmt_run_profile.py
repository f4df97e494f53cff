# SPDX-License-Identifier: MIT
"""pmt-run -p and -t: Profile and Trace of a whole program."""
import json
import os
import re
import sys

import pmttest
from proflog import Log

PROGRAM = """\
import mmap, sys

def grow(size):
    block = mmap.mmap(-1, size)
    block[::4096] = b"x" * (size // 4096)
    return block

def helper():
    return len(sys.argv)

kept = [grow(32 << 20)]
helper()
print("out", sys.argv[1:])
raise SystemExit(7)
"""

THREADS = """\
import threading

kept = []

def work():
    for n in range(1500):
        kept.append(bytearray(20_000))

thread = threading.Thread(target=work)
thread.start()
thread.join()
"""


class PmtRunTest(pmttest.TestCase):

    def pmt_run(self, *args):
        script = self.write_file("script.py", PROGRAM)
        process = pmttest.run_program(
            ["pmt-run", "--python", sys.executable, "--text", "-o",
             self.path("log")]
            + list(args) + [script, "an argument"], cwd=self.directory)
        self.assert_status(process, 7)
        self.assertEqual(process.stdout, "out ['an argument']\n")
        self.process = process
        self.script = script
        return Log(self.path("log"))

    def steps(self, log):
        return [(row.what, row.file, row.line, row.function)
                for row in log.tagged("NEXT") if row.d_rss > 31 << 20]

    def test_profile(self):
        log = self.pmt_run("-p")
        self.assertEqual(self.steps(log),
                         [("RETURN", self.script, 6, "grow")])
        lines = self.process.stderr.splitlines()
        self.assertEqual(lines[0], "pmt-run: log: " + self.path("log"))
        found = re.match(r"pmt-run: (\d+) events, memory grew by (\d+) MiB",
                         lines[1])
        self.assertGreater(int(found.group(1)), 5)
        self.assertIn(int(found.group(2)), range(31, 40))

    def test_trace(self):
        log = self.pmt_run("-t", "-q")
        self.assertEqual(self.steps(log),
                         [("LINE", self.script, 6, "grow")])
        self.assertEqual(self.process.stderr, "")

    def test_every_event(self):
        log = self.pmt_run("-t", "--trigger", "0")
        rows = [(row.what, row.function, row.line)
                for row in log.tagged("NEXT") if row.file == self.script]
        self.assertIn(("LINE", "helper", 9), rows)
        self.assertEqual(rows[-1][1], "<module>")

    def test_trigger_is_a_size(self):
        self.assertEqual(self.pmt_run("-p", "--trigger", "1G").tagged("NEXT"),
                         [])
        self.assertEqual(len(self.pmt_run("-p", "--trigger",
                                          "16MiB").tagged("NEXT")), 1)

    def test_filters(self):
        log = self.pmt_run("-t", "--trigger", "0", "--include-function",
                           "help*", "--include-file", "script.py")
        self.assertEqual({row.function for row in log.tagged("NEXT")},
                         {"helper"})
        log = self.pmt_run("-t", "--trigger", "0", "--exclude-file",
                           "script.py")
        self.assertNotIn(self.script, {row.file for row in
                                       log.tagged("NEXT")})

    def test_rss_and_threads(self):
        log = self.pmt_run("-p", "--rss", "every", "--threads", "all")
        self.assertIn("rss=every", log.notes[0])
        self.assertEqual({row.thread for row in log.rows} - {None},
                         {log.rows[0].thread})

    def growth(self, program, *args):
        """By file, as pmt-analyse says it; the file of the most growth."""
        script = self.write_file("threads.py", program)
        self.assert_success(pmttest.run_program(
            ["pmt-run", "--python", sys.executable, "-pqo", self.path("log")]
            + list(args) + [script], cwd=self.directory))
        report = json.loads(self.assert_success(pmttest.run_program(
            ["pmt-analyse", "--json", "--group-by", "file",
             self.path("log")])).stdout)
        return max(report[0]["files"], key=lambda file: file["net"]), report[0]

    def test_other_threads(self):
        """What they allocate is not charged to who waits for them."""
        top, log = self.growth(THREADS, "--threads", "current")
        self.assertEqual(top["file"], "(other threads)")
        self.assertGreater(top["net"], 28 << 20)
        self.assertNotIn("Other threads", str(log))
        top, log = self.growth(THREADS)
        self.assertEqual(top["file"], self.path("threads.py"))
        self.assertGreater(top["net"], 28 << 20)

    def test_one_thread(self):
        top, log = self.growth("kept = bytearray(32 << 20)",
                               "--threads", "current")
        self.assertEqual(top["file"], self.path("threads.py"))
        self.assertNotIn("(other threads)", str(log["files"]))

    def test_report(self):
        """The same as pmt-analyse --brief prints, on standard error."""
        self.pmt_run("-p", "-q", "--report")
        report = pmttest.run_program(["pmt-analyse", "--brief",
                                      self.path("log")])
        self.assertIn("script.py:6", report.stdout)
        self.assertEqual(self.process.stderr, report.stdout)

    def test_no_log_to_report(self):
        for args in (["-r", "--summary"], ["--top"]):
            process = pmttest.run_program(
                ["pmt-run", "--report"] + args + ["x.py"])
            self.assert_usage_error(process, "--report: there is no log")

    def test_opcodes(self):
        if sys.version_info < (3, 12):
            self.skipTest("opcodes of code that already runs need 3.12")
        log = self.pmt_run("-t", "--trigger", "0", "--opcodes",
                           "--include-function", "helper")
        self.assertIn("OPCODE", {row.what for row in log.rows})

    def test_usage(self):
        for args in (["-p", "-t"], ["-p", "--trigger", "much"],
                     ["-p", "--trigger", "-2"], ["-p", "--rss", "no"],
                     ["-t", "--threads", "some"]):
            process = pmttest.run_program(["pmt-run"] + args + ["x.py"],
                                          cwd=self.directory)
            self.assert_status(process, 2)
            self.assertFalse(os.listdir(self.directory))


if __name__ == "__main__":
    pmttest.main()
