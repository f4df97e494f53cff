# SPDX-License-Identifier: MIT
"""One block after the other: what is kept for the next, and what is not."""
import os
import resource
import sys

import pmt
import pmttest

TRACERS = [pmt.Profile, pmt.Trace]
if sys.version_info >= (3, 13):
    TRACERS.append(pmt.ReferenceTracing)

KILLED = """
import os, sys, pmt
class Thing: pass
path, rows, format = sys.argv[1:]
with pmt.ReferenceTracing(filepath=path, format=format,
                          include_tp_names=["__main__.Thing"]):
    things = [Thing() for _ in range(int(rows))]
    os.kill(os.getpid(), 9)
"""


def one():
    return 1


def faults():
    return resource.getrusage(resource.RUSAGE_SELF).ru_minflt


class ShortBlockTest(pmttest.TestCase):

    def blocks(self, tracer, count, **kwargs):
        for _ in range(count):
            with tracer(filepath=self.path("log"), **kwargs):
                one()

    @pmttest.not_sanitized
    def test_no_page_faults(self):
        """Not of ours: Python's own heap grows now and then."""
        for tracer in TRACERS:
            for format in "text", "compact":
                with self.subTest(tracer=tracer.__name__, format=format):
                    self.blocks(tracer, 2, format=format)
                    least = None
                    for _ in range(10):
                        before = faults()
                        self.blocks(tracer, 5, format=format)
                        more = faults() - before
                        least = more if least is None else min(least, more)
                    self.assertEqual(least, 0)

    def test_blocks_in_blocks(self):
        """What one uses no other one does."""
        for tracer in TRACERS:
            for format in "text", "compact":
                paths = [self.path("%d.%s" % (i, format)) for i in range(5)]
                open_ones = [tracer(filepath=path, format=format,
                                    message="of " + path) for path in paths]
                for each in open_ones:
                    each.__enter__()
                    one()
                for each in reversed(open_ones):
                    each.write_message_to_log("end of " +
                                              each.log_file_path())
                    each.__exit__(None, None, None)
                for path in paths:
                    text = self.assert_success(pmttest.run_program(
                        ["pmt-analyse", "--text", path])).stdout
                    self.assertEqual(text.count("end of "), 1)
                    self.assertIn("end of " + path, text)
                    self.assertIn("of %s\nSOF\n" % path, text)

    def test_a_tail_of_before(self):
        """A killed writer's rows are no part of a new log of that name."""
        for tracer in TRACERS:
            with open(self.path("log.tail"), "wb") as tail:
                tail.write(b"pmttail\1" + bytes(8) + b"\4" + bytes(4083) +
                           b"old\n")
            with tracer(filepath=self.path("log")):
                self.assertFalse(os.path.exists(self.path("log.tail")))
            self.assertNotIn("old", self.read_file("log"))

    def test_a_longer_log_of_before(self):
        """Nothing of it is left, nor where nothing is written."""
        for tracer in TRACERS:
            for format in "text", "compact":
                path = self.write_file("log", "a line\n" * 5000)
                with tracer(filepath=path, format=format):
                    with open(path, "rb") as log:
                        self.assertNotIn(b"a line", log.read())
                text = self.assert_success(pmttest.run_program(
                    ["pmt-analyse", "--text", path])).stdout
                self.assertEqual(text.count("SOF\n"), 1)

    def test_a_child_does_not_share(self):
        """What is kept stays the parent's."""
        for tracer in TRACERS:
            self.blocks(tracer, 2)
            pid = os.fork()
            if pid == 0:
                with tracer(filepath=self.path("child")):
                    one()
                os._exit(0)
            self.assertEqual(os.waitpid(pid, 0)[1], 0)
            self.blocks(tracer, 1)
            for name in "child", "log":
                self.assertTrue(self.read_file(name).endswith("EOF\n"), name)

    @pmttest.needs_reference_tracing
    def test_no_row_is_lost_when_killed(self):
        """Neither while rows are written one by one nor from the tail."""
        for format in "text", "compact":
            for rows in 1, 2, 30, 31, 32, 33, 100:
                with self.subTest(format=format, rows=rows):
                    path = self.path("%d.%s" % (rows, format))
                    process = pmttest.run_python(KILLED, path, str(rows),
                                                 format)
                    self.assert_status(process, -9)
                    text = pmttest.run_program(
                        ["pmt-analyse", "--text", path]).stdout
                    made = [line for line in text.splitlines()
                            if line.startswith("NEW:")]
                    self.assertEqual(len(made), rows)


if __name__ == "__main__":
    pmttest.main()
