# SPDX-License-Identifier: MIT
"""The compact log: the same rows as the text log, and nothing lost on damage."""
import os
import random
import re
import signal
import subprocess
import sys
import time

import pmttest


def two_logs(test, seed, kind, columns, rows):
    """The same random rows as text and as a compact log; their paths."""
    text, compact = test.path("log"), test.path("log.pmt")
    test.assert_success(pmttest.run_program(
        [os.path.join(pmttest.builddir, "tests", "lib", "write", "twologs"),
         seed, kind, columns, rows, text, compact]))
    return text, compact


def as_text(path):
    return pmttest.run_program(["pmt-analyse", "--text", path], text=False)


def read(path):
    with open(path, "rb") as file:
        return file.read()


class SameRows(pmttest.TestCase):

    def check(self, seed, kind, columns, rows):
        text, compact = two_logs(self, str(seed), kind, str(columns),
                                 str(rows))
        process = as_text(compact)
        self.assertEqual(process.stderr, b"")
        self.assertEqual(process.returncode, 0)
        self.assertEqual(process.stdout, read(text))

    def test_references(self):
        for seed in range(5):
            self.check(seed, "O", 0, 20000)

    def test_columns(self):
        for columns in range(1, 8):
            self.check(columns, "O", columns, 5000)

    def test_own_lines_and_paths(self):
        for kind in "OP":
            for columns in 8, 24, 25:
                self.check(columns, kind, columns, 5000)
        self.check(31, "O", 31, 20000)

    def test_profile(self):
        for seed in range(5):
            self.check(seed, "P", 0, 20000)

    def test_threads(self):
        self.check(1, "P", 1, 20000)

    def test_no_rows(self):
        self.check(1, "O", 0, 0)

    def test_pipe(self):
        text, compact = two_logs(self, "7", "O", "0", "20000")
        process = pmttest.run_program(["pmt-analyse", "--text", "-"],
                                      input=read(compact), text=False)
        self.assertEqual(process.stdout, read(text))

    def test_text_of_a_text_is_the_text(self):
        for kind, columns in ("O", "0"), ("P", "24"):
            text, _ = two_logs(self, "8", kind, columns, "5000")
            self.assertEqual(as_text(text).stdout, read(text))


class Damage(pmttest.TestCase):

    def setUp(self):
        self.text, self.compact = two_logs(self, "3", "O", "0", "50000")
        self.rows = set(read(self.text).split(b"\n"))
        self.bytes = read(self.compact)

    def rewrite(self, data):
        with open(self.compact, "wb") as file:
            file.write(data)

    def block_starts(self):
        return [match.start() for match in re.finditer(b"PMTB", self.bytes)]

    def test_flipped_bits(self):
        """Each byte may be wrong: what is delivered is right, or named."""
        self.flip_bits()

    def test_flipped_bits_of_paths(self):
        self.text, self.compact = two_logs(self, "4", "P", "25", "5000")
        self.rows = set(read(self.text).split(b"\n"))
        self.bytes = read(self.compact)
        self.flip_bits()

    def flip_bits(self):
        chance = random.Random(1)
        for _ in range(10 if pmttest.sanitized else 60):
            at = chance.randrange(64, len(self.bytes))
            data = bytearray(self.bytes)
            data[at] ^= 1 << chance.randrange(8)
            self.rewrite(data)
            process = as_text(self.compact)
            self.assertEqual(process.returncode, 1)
            self.assertIn(b"damaged", process.stderr)
            self.assertLessEqual(set(process.stdout.split(b"\n")), self.rows)

    def test_only_the_damaged_block_is_skipped(self):
        starts = self.block_starts()
        self.assertGreater(len(starts), 4)
        data = bytearray(self.bytes)
        data[starts[2] + 100] ^= 0xff
        self.rewrite(data)
        process = as_text(self.compact)
        size = starts[3] - starts[2]
        self.assertIn(b"damaged: %d bytes from byte %d on were skipped"
                      % (size, starts[2]), process.stderr)
        got = process.stdout.count(b"\n")
        self.assertGreater(got, 50000 * (len(starts) - 2) // len(starts))
        self.assertTrue(process.stdout.endswith(b"EOF\n"))

    def test_cut_anywhere(self):
        chance = random.Random(2)
        for _ in range(10 if pmttest.sanitized else 40):
            self.rewrite(self.bytes[:chance.randrange(len(self.bytes))])
            process = as_text(self.compact)
            self.assertEqual(process.returncode, 1)
            self.assertNotEqual(process.stderr, b"")
            self.assertLessEqual(set(process.stdout.split(b"\n")),
                                 self.rows | {b""})

    def test_version_to_come(self):
        data = bytearray(self.bytes)
        data[8] = 99
        self.rewrite(data)
        process = as_text(self.compact)
        self.assertEqual(process.returncode, 1)
        self.assertIn(b"it takes a newer pmt", process.stderr)

    def test_damaged_header(self):
        kind = bytearray(self.bytes)
        kind[9] = ord("X")
        for data in (kind, self.bytes[:8], self.bytes[:20]):
            self.rewrite(data)
            process = as_text(self.compact)
            self.assertEqual(process.returncode, 1)
            self.assertIn(b"header of this compact log is damaged",
                          process.stderr)


DIE = """
import os, signal, sys
import pmt
class Object: pass
tracing = pmt.ReferenceTracing(filepath=sys.argv[1], format=sys.argv[2],
                               include_tp_names=["Object"])
tracing.__enter__()
kept = [Object() for _ in range(int(sys.argv[3]))]
if sys.argv[4] == "0":
    os._exit(0)
os.kill(os.getpid(), int(sys.argv[4]))
"""


@pmttest.needs_reference_tracing
class Deaths(pmttest.TestCase):
    """However the program dies, no event is lost."""

    def check(self, log_format):
        for run in range(20):
            death = (signal.SIGKILL, signal.SIGSEGV, signal.SIGABRT, 0)[run % 4]
            objects = 1 + 997 * run
            log = self.path("log")
            process = pmttest.run_python(DIE, log, log_format, str(objects),
                                         str(int(death)))
            self.assertEqual(process.returncode, -death)
            text = as_text(log)
            self.assertEqual(text.stdout.count(b"\nNEW:"), objects)
            self.assertIn(b"ended without closing", text.stderr)
            self.assertEqual(text.returncode, 0)

    def test_text(self):
        self.check("text")

    def test_compact(self):
        self.check("compact")

    def test_a_living_writer_keeps_its_tail(self):
        log = self.path("log")
        code = DIE.replace("if sys.argv[4]", "input()\nif sys.argv[4]")
        program = subprocess.Popen(
            [sys.executable, "-c", code, log, "compact", "1000", "9"],
            stdin=subprocess.PIPE)
        try:
            while not os.path.exists(log + ".tail"):
                time.sleep(0.01)
            as_text(log)
            self.assertTrue(os.path.exists(log + ".tail"))
        finally:
            program.communicate(b"\n")
        self.assertEqual(as_text(log).stdout.count(b"\nNEW:"), 1000)


STEADY = """
import sys
import pmt
class Object: __slots__ = ()
def churn(n):
    for _ in range(n):
        Object()
churn(100000)
with pmt.ReferenceTracing(filepath=sys.argv[1], format=sys.argv[2],
                          include_tp_names=["Object"]):
    churn(300000)
"""


@pmttest.not_sanitized
@pmttest.needs_reference_tracing
class Steady(pmttest.TestCase):
    """A program that allocates nothing shows no growth: none of it is ours."""

    def check(self, log_format):
        self.assert_success(pmttest.run_python(STEADY, self.path("log"),
                                               log_format))
        columns = [row.split() for row in
                   as_text(self.path("log")).stdout.split(b"\n")
                   if row[:4] in (b"NEW:", b"DEL:")]
        self.assertEqual(len(columns), 600000)
        # The first rows have what Python and we do for the first time.
        steady = columns[1000:]
        self.assertEqual({row[9] for row in steady}, {b"0"})
        self.assertEqual(len({row[8] for row in steady}), 1)

    def test_text(self):
        self.check("text")

    def test_compact(self):
        self.check("compact")


LIMITED = """
import sys
import pmt
class Object: pass
with pmt.ReferenceTracing(filepath=sys.argv[1], format=sys.argv[2],
                          include_tp_names=["Object"], message="Hello\\nSOF",
                          **{sys.argv[3]: int(sys.argv[4])}) as tracing:
    for _ in range(20000):
        Object()
    kept = [Object() for _ in range(3)]
print(tracing.count_new(), tracing.rows_left_out())
"""


@pmttest.needs_reference_tracing
class Limits(pmttest.TestCase):

    def run_limited(self, log_format, limit, size):
        process = self.assert_success(pmttest.run_python(
            LIMITED, self.path("log"), log_format, limit, str(size)))
        count, left_out = process.stdout.split()
        self.assertEqual(count, "20003")
        return int(left_out)

    def test_max_size(self):
        for log_format, size in (("text", 1000000), ("compact", 120000)):
            left_out = self.run_limited(log_format, "max_size", size)
            text = as_text(self.path("log"))
            self.assertEqual((text.returncode, text.stderr), (0, b""))
            rows = re.findall(rb"^(?:NEW|DEL):", text.stdout, re.M)
            left = re.search(rb"The log is full: (\d+) rows", text.stdout)
            self.assertEqual(int(left.group(1)), left_out)
            self.assertEqual(len(rows) + left_out, 40003)
            self.assertLess(abs(os.path.getsize(self.path("log")) - size),
                            size / 2)
            self.assertTrue(text.stdout.endswith(b"EOF\n"))

    def test_ring(self):
        """The last rows are there, none is missing between the halves."""
        for log_format, size in (("text", 1000000), ("compact", 120000)):
            self.assertEqual(self.run_limited(log_format, "ring", size), 0)
            self.assertTrue(os.path.exists(self.path("log.older")))
            text = as_text(self.path("log"))
            self.assertEqual((text.returncode, text.stderr), (0, b""))
            rows = re.findall(rb"^(NEW|DEL):", text.stdout, re.M)
            self.assertEqual(rows[-3:], [b"NEW"] * 3)
            pairs = rows[:-3]
            self.assertEqual(pairs[-1000:], [b"NEW", b"DEL"] * 500)
            self.assertGreater(len(pairs), 1000)
            self.assertEqual(pairs[:-1].count(b"NEW"),
                             len(pairs[:-1]) - len(pairs[:-1]) // 2
                             if pairs[0] == b"NEW" else len(pairs) // 2)
            total = sum(os.path.getsize(self.path(name))
                        for name in os.listdir(self.directory))
            # Each half is written by the buffer, of 128 KiB.
            self.assertLess(total, size + 2 * 131072)

    def test_older_half_of_another_run(self):
        self.run_limited("compact", "ring", 140000)
        self.run_limited("compact", "max_size", 1000000)
        self.assertFalse(os.path.exists(self.path("log.older")))

    def test_bad_sizes(self):
        for limits in ("max_size=0", "ring=-5", "max_size=1, ring=1",
                       "ring='x'"):
            process = pmttest.run_python(
                "import pmt\ntry: pmt.ReferenceTracing(%s)\n"
                "except (TypeError, ValueError): exit(3)" % limits)
            self.assert_status(process, 3)

    def test_pmt_run_says_that_rows_are_missing(self):
        for tracer in (["-r"], ["-p", "--trigger=0"]):
            process = self.assert_success(pmttest.run_program(
                ["pmt-run", *tracer, "--max-size=200K", "-o",
                 self.path("log"), "-c",
                 "class A: pass\nfor _ in range(100000): A()"]))
            left_out = re.search(rb"The log is full: (\d+) rows",
                                 as_text(self.path("log")).stdout).group(1)
            self.assertIn("pmt-run: it is full: %s rows were left out\n"
                          % left_out.decode(), process.stderr)

    def test_what_a_full_log_has_alive_is_not_of_the_end(self):
        self.run_limited("compact", "max_size", 120000)
        process = pmttest.run_program(["pmt-analyse", "-b", self.path("log")])
        self.assert_status(process, 1)
        self.assertIn("The log is full", process.stderr)
        self.assertIn("\nAlive so far: ", process.stdout)

    def test_pmt_run(self):
        self.assert_success(pmttest.run_program(
            ["pmt-run", "-rq", "--ring", "300K", "-o", self.path("log"), "-c",
             "class A: pass\nfor _ in range(100000): A()"]))
        sizes = [os.path.getsize(self.path(name))
                 for name in ("log", "log.older")]
        self.assertLess(sum(sizes), 600000)


if __name__ == "__main__":
    pmttest.main()
