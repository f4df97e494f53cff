# SPDX-License-Identifier: MIT
"""The scripts in D, by a real DTrace."""
import os
import re
import sys
import unittest

import pmttest
from dtracetest import SCRIPTS, ToolTest, no_probes, says_hello


def no_dtrace():
    """Why DTrace cannot show our probes here, or None."""
    if no_probes():
        return no_probes()
    # SystemTap has a program of this name, which does other work.
    for tool in "dtrace", "/usr/sbin/dtrace":
        if says_hello(tool, "-qn", 'BEGIN { printf("hello"); exit(0); }'):
            return None
    return "DTrace is missing, or does not work here"


NO_DTRACE = no_dtrace()
# DTrace takes up to a minute until it listens.
pmttest.FILE_TIMEOUT = 900


@unittest.skipIf(NO_DTRACE, NO_DTRACE)
class DtraceTest(ToolTest):

    def trace(self, name, *args):
        return super().trace(os.path.join(SCRIPTS, name + ".d"), *args)

    def test_flow(self):
        for name, between in (("flow", ""), ("flow-rss", r" +\d+ +-?\d+"),
                              ("syscalls", "")):
            text = self.trace(name)
            rows = re.findall(r"(\d+)%s +program.py:(\d+) +(->|<-) (\w+)\n"
                              % between, text)
            take = [("1", "4", "->", "take"), ("1", "5", "<-", "take")]
            self.assertEqual(rows, [("0", "6", "->", "work")] + 6 * take +
                             [("0", "10", "<-", "work")], name)
        self.assertRegex(text, r"\n +1 work, getppid\n")

    def test_malloc(self):
        self.assertRegex(self.trace("malloc"),
                         r"\nBytes:\n(?:.*\n)* +12\d{5} program.py, take\n")

    def test_malloc_flow(self):
        text = self.trace("malloc-calls")
        self.assertTrue(text.startswith("dtrace:::BEGIN\n"))
        self.assertEqual(text.count("CALL -> take\n"), 6)
        blocks = re.findall(r"program.py:5 +-> take malloc\((\d+)\) "
                            r"pntr (0x\w+)", text)
        blocks = [block for block in blocks if int(block[0]) >= 100000]
        self.assertEqual([int(size) // 1000 for size, _ in blocks],
                         [100, 300] * 3)
        for i in 1, 3, 5:
            self.assertRegex(text, r"-> work free\(%s\)" % blocks[i][1])

    @unittest.skipIf(sys.version_info < (3, 13), "objects need Python 3.13")
    def test_types(self):
        self.assertRegex(self.trace("types"),
                         r"\n +6 bytearray, program.py, take\n")


if __name__ == "__main__":
    pmttest.main()
