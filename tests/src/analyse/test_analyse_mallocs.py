# SPDX-License-Identifier: MIT
"""pmt-analyse on what D scripts print of malloc and free."""
import json
import os
import sys

import pmttest
from pymemtrace.util import dtrace_log_analyse

OUTPUT = os.path.join(pmttest.srcdir, "tests/data/dtrace/malloc-flow.out")
FIGURES = {
    "read_lines": 15, "failed_lines": 1, "mallocs": 4, "frees": 3,
    "null_frees": 1, "unknown_frees": 1, "unseen_frees": 1,
    "allocated_bytes": 2 * 1477 + 100 + 9, "freed_bytes": 1477,
    "largest_bytes": 1477, "left_blocks": 2, "left_bytes": 1477 + 9,
    "peak_blocks": 3, "peak_bytes": 2 * 1477 + 100,
}


class MallocsTest(pmttest.TestCase):

    def test_json(self):
        done = pmttest.run_program(["pmt-analyse", "--json", OUTPUT])
        self.assertEqual(done.returncode, 0, done.stderr)
        report, = json.loads(done.stdout)
        self.assertEqual(report["kind"], "mallocs")
        self.assertEqual({key: report[key] for key in FIGURES}, FIGURES)
        self.assertEqual(report["lines"], [
            {"file": "ex_dtrace.py", "line": 48, "function": "create",
             "blocks": 1, "bytes": 1477},
            {"file": "ex_dtrace.py", "line": 50, "function": "create",
             "blocks": 1, "bytes": 9}])
        self.assertEqual(report["freed_twice"], [
            {"file": "ex_dtrace.py", "line": 53, "function": "create"}])

    def test_text(self):
        done = pmttest.run_program(["pmt-analyse", OUTPUT])
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn("2 left with 1.5 KiB", done.stdout)
        self.assertRegex(done.stdout, r"Freed twice\n +0x7fa8e6071400 +"
                                      r"ex_dtrace.py:53 create\n")

    def test_times_put_rows_in_order(self):
        path = self.path("out")
        with open(path, "w") as file:
            file.write("dtrace:::BEGIN\n"
                       " 1 f.py:2 -> g free(0x10) @200\n"
                       " 1 f.py:1 -> g malloc(5) pntr 0x10 @100\n")
        report, = json.loads(pmttest.run_program(
            ["pmt-analyse", "--json", path]).stdout)
        self.assertEqual((report["left_blocks"], report["unknown_frees"]),
                         (0, 0))

    def test_hostile(self):
        for text in (b"", b"x", b" -> \n", b" 1 :-> (\n", b"\xff:1 -> ( (\n",
                     b" 1 f:1 -> f malloc()\n", b" 1 f:1 -> f free()\n",
                     b" 1 f:1 -> f malloc(99999999999999999999, 9) pntr 0x1\n",
                     b":" * 100000, b"1 f:1 -> \0 malloc(1) pntr 0x1\n"):
            path = self.path("out")
            with open(path, "wb") as file:
                file.write(b"dtrace:::BEGIN\n" + text)
            done = pmttest.run_program(["pmt-analyse", path])
            self.assertEqual(done.returncode, 0, done.stderr)
            self.assertIn("0 left", done.stdout)

    def test_as_pymemtrace(self):
        done = pmttest.run_program(
            [sys.executable, "-m", "pymemtrace.util.dtrace_log_analyse",
             OUTPUT])
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertRegex(done.stdout, r"Total bytes outstanding: +1,486\n")
        self.assertIn("Total lines: 15 Failed parse lines: 1", done.stdout)
        # Its reader counts as the program does, but knows no calloc().
        with open(OUTPUT) as file:
            read = dtrace_log_analyse.read_dtrace_log_file(file)
        report, = json.loads(pmttest.run_program(
            ["pmt-analyse", "--json", OUTPUT]).stdout)
        self.assertEqual(len(read), report["left_blocks"])
        self.assertEqual(sum(block[0] for block in read.values()),
                         report["left_bytes"])
        self.assertEqual(
            (read.count_mallocs, read.count_frees_non_null,
             read.count_frees_null),
            (report["mallocs"] - 1, report["frees"], report["null_frees"]))


if __name__ == "__main__":
    pmttest.main()
