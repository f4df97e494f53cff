# SPDX-License-Identifier: MIT
"""What was typed wrong is named, but steers no terminal."""
import os

import evil
import pmttest

PROGRAMS = ("pmt", "pmt-analyse", "pmt-heap", "pmt-process", "pmt-run",
            "pmt-top", "pmt-tree")
NAME = os.fsdecode(evil.EVIL + b"\n")
TAKES = (("pmt", NAME), ("pmt-heap", NAME), ("pmt-heap", "-p", NAME),
         ("pmt-top", "-i", NAME), ("pmt-top", "--top", NAME),
         ("pmt-tree", "-i", NAME), ("pmt-process", "-p", NAME),
         ("pmt-analyse", "--group-by", NAME, "x"),
         ("pmt-analyse", "--format", NAME, "x"),
         ("pmt-analyse", "--plot", NAME, "x"),
         ("pmt-run", "--budget", NAME, "x"),
         ("pmt-run", "-r", "--fail-on-leak", "x" + NAME, "x"),
         ("pmt-run", "-p", "--columns", NAME, "x"))


class Usage(evil.TestCase):

    def check(self, *arguments):
        process = pmttest.run_program(arguments, cwd=self.directory)
        self.assert_status(process, 2)
        self.assert_safe(process)
        self.assertIn("?[2J?", process.stderr)
        self.assertTrue(process.stderr.endswith(" for more information.\n"))

    def test_options_that_are_none(self):
        for program in PROGRAMS:
            self.check(program, "--" + NAME)

    def test_values_that_are_wrong(self):
        for arguments in TAKES:
            self.check(*arguments)

    def test_help_for_a_full_disk(self):
        if not os.path.exists("/dev/full"):
            self.skipTest("no /dev/full")
        for program in PROGRAMS:
            with open("/dev/full", "w", encoding="ascii") as full:
                process = pmttest.run_program([program, "--help"],
                                              stdout=full)
            self.assert_status(process, 1)
            self.assertEqual(process.stderr, "%s: cannot write to standard "
                             "output: No space left on device\n" % program)


if __name__ == "__main__":
    pmttest.main()
