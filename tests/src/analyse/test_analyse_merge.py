# SPDX-License-Identifier: MIT
"""pmt-analyse of the logs of several processes of one program."""
import collections
import glob
import json
import os
import sys
import unittest

import pmttest

PROGRAM = """
import multiprocessing
class Order: pass
class Answer: pass
kept = []
def work(count):
    kept.extend(Order() for _ in range(count))
    return count
if __name__ == "__main__":
    kept.extend(Answer() for _ in range(5))
    for count in 100, 200, 300:
        process = multiprocessing.get_context("fork").Process(
            target=work, args=(count,))
        process.start()
        process.join()
"""

WRITE = """
import multiprocessing, os
kept = bytearray(b"x") * (64 << 20)
def work(megabytes):
    for place in range(0, megabytes << 20, 4096):
        kept[place] = 1
    for _ in range(100):
        list(range(3))
if __name__ == "__main__":
    if os.fork() == 0:
        work(0)
        os._exit(0)
    os.wait()
    process = multiprocessing.get_context("fork").Process(
        target=work, args=(32,))
    process.start()
    process.join()
    if os.fork() == 0:
        work(16)
    else:
        os.wait()
"""
MIB = 1 << 20


class Merge(pmttest.TestCase):

    def logs(self):
        script = self.write_file("shop.py", PROGRAM)
        os.mkdir(self.path("logs"))
        self.assert_success(pmttest.run_program(
            ["pmt-run", "-q", "-r", "--no-builtins", "-o",
             self.path("logs/shop.pmt"), script]))
        logs = sorted(glob.glob(self.path("logs/*")))
        self.assertEqual(len(logs), 4)
        return logs

    def analyse(self, *arguments, status=0):
        process = pmttest.run_program(["pmt-analyse", *arguments])
        self.assertEqual(process.returncode, status, process.stderr)
        return process.stderr if status else process.stdout

    @unittest.skipIf(sys.version_info < (3, 13),
                     "objects are traced on Python 3.13 and later")
    def test_sums_are_those_of_the_logs(self):
        logs = self.logs()
        each = json.loads(self.analyse("--json", "--top=0", "--imports",
                                       *logs))
        wanted = collections.Counter()
        for log in each:
            for group in log["groups"]:
                wanted[group["type"], group["file"], group["function"],
                       group["line"]] += group["alive"]
        merged = json.loads(self.analyse("--json", "--top=0",
                                         self.path("logs")))
        self.assertEqual(
            {(row["type"], row["file"], row["function"], row["line"]):
             row["count"] for row in merged["rows"]}, dict(wanted))
        self.assertEqual([log["peak"] for log in merged["logs"]],
                         [log["rss"]["peak"] for log in each])
        order, = (row for row in merged["rows"]
                  if row["type"] == "__mp_main__.Order"
                  or row["type"] == "__main__.Order")
        self.assertEqual((order["count"], order["logs"]), (600, 3))
        # Several logs are the same as their directory, if asked for.
        self.assertEqual(json.loads(self.analyse(
            "--json", "--top=0", "--merge", *logs)), merged)
        self.assertEqual(
            json.loads(self.analyse("--json", "--top=0", "--imports",
                                    "--by=pid", self.path("logs"))), each)
        text = self.analyse("--top=9", self.path("logs"))
        self.assertIn("4 logs, alive at the end\n", text)
        self.assertRegex(text, r"(?m)^ +600 +[\d.]+ KiB +3  __main__\.Order")
        self.assertLessEqual(max(map(len, text.splitlines())), 80)

    @pmttest.needs_reference_tracing
    def test_growing(self):
        """A log where two lines let a library make what grows is one."""
        script = self.write_file("two.py", """
import json
kept = []
def one():
    kept.append(json.loads("[1]"))
def two():
    kept.append(json.loads("[1]"))
for _ in range(5000):
    one()
    two()
""")
        self.assert_success(pmttest.run_program(
            ["pmt-run", "-q", "-r", "-o", self.path("two.pmt"), script]))
        merged = json.loads(self.analyse("--json", "--top=0", "--merge",
                                         self.path("two.pmt")))
        row, = (row for row in merged["rows"] if row["count"] == 10000)
        self.assertEqual((row["type"], row["logs"], row["growing"]),
                         ("list", 1, 1))

    @pmttest.not_sanitized
    def test_sharing(self):
        """Pages count once; what a fork wrote to is a copy, as it knows."""
        if not os.path.exists("/proc/self/smaps_rollup"):
            self.skipTest("the kernel does not tell what is shared")
        script = self.write_file("write.py", WRITE)
        os.mkdir(self.path("logs"))
        self.assert_success(pmttest.run_program(
            ["pmt-run", "-q", "-p", "--trigger=0", "--python", sys.executable,
             "-o", self.path("logs/write.pmt"), script]))
        merged = json.loads(self.analyse("--json", self.path("logs")))
        parent, = (log for log in merged["logs"] if "unshared" not in log)
        forks = sorted((log for log in merged["logs"] if "unshared" in log),
                       key=lambda log: log["unshared"])
        self.assertEqual(os.path.basename(parent["file"]), "write.pmt")
        self.assertEqual(len(forks), 3)
        for fork, written in zip(forks, (0, 16, 32)):
            for key in "unshared", "private":
                self.assertGreater(fork[key], (written - 1) * MIB)
                self.assertLess(fork[key], (written + 8) * MIB)
            self.assertGreater(fork["last"], 64 * MIB)
            self.assertLess(fork["private"], fork["pss"])
            self.assertLess(fork["pss"], fork["last"])
        # At its end nobody else has the parent's.
        self.assertGreater(parent["private"], 64 * MIB)
        self.assertEqual(merged["once"], parent["last"] + sum(
            fork["private"] for fork in forks))
        text = self.analyse(self.path("logs"))
        self.assertRegex(text, r"(?m)^ +[\d.]+ MiB +3\d MiB +3\d MiB  write")
        self.assertIn("each page once", text)
        self.assertLessEqual(max(map(len, text.splitlines())), 80)
        self.assertIn("that were its parent's, too, when it was forked",
                      self.analyse("--brief", forks[0]["file"]))

    def test_mistakes(self):
        os.mkdir(self.path("none"))
        self.assertIn("no log to add up",
                      self.analyse(self.path("none"), status=1))
        references = self.write_file("r.log", "SOF\nHDR: Clock Address LiveCnt "
                                     "Type File Line Function RSS dRSS\n"
                                     "NEW: 1.0 0x10 1 A f.py 1 f 4096 0\nEOF\n")
        rows = ("HEDR: Event dEvent Clock What File Line Function RSS dRSS\n"
                "FRST: 0 +0 1.0 CALL f.py 1 f 4096 4096\nEOF\n")
        profile = self.write_file("p.log", "SOF\n" + rows)
        self.assertIn("logs of several kinds are not added up",
                      self.analyse("--merge", references, profile, status=1))
        for options in (["--merge", "--csv"], ["--merge", "--by=pid"],
                        ["--by=line"], ["--merge", "--compare"]):
            self.assertIn("Try", self.analyse(*options, "x", "y", status=2))


if __name__ == "__main__":
    pmttest.main()
