# SPDX-License-Identifier: MIT
"""The examples do what they say, and those of the manual what it says."""
import os
import re
import sys

import pmttest


def example(name, *args):
    path = os.path.join(pmttest.srcdir, "examples", name)
    return pmttest.run_program([sys.executable, path] + list(args))


class Examples(pmttest.TestCase):

    def test_leak(self):
        self.assertEqual(self.assert_success(example("leak.py")).stdout,
                         "5000 visits, 500 sessions in the books\n")

    def test_churn(self):
        self.assertEqual(self.assert_success(example("churn.py", "250")).stdout,
                         "250 points and 3 nodes came and went\n")

    def test_family(self):
        self.assertEqual(self.assert_success(example("family.py",
                                                     "0.5")).stdout, "")

    def test_grow(self):
        """One step of it is the 16 MiB that it promises."""
        peaks = []
        for steps in ("1", "3"):
            process = pmttest.run_python(
                "import resource, runpy, sys\n"
                "sys.argv = ['grow.py', sys.argv[2]]\n"
                "runpy.run_path(%r, run_name='__main__')\n"
                "print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)"
                % os.path.join(pmttest.srcdir, "examples", "grow.py"),
                "grow.py", steps)
            peaks.append(int(self.assert_success(process).stdout) / 1024)
        # AddressSanitizer notes an eighth beside what is touched.
        self.assertAlmostEqual(peaks[1] - peaks[0], 32, delta=5)


class Manual(pmttest.TestCase):

    @pmttest.needs_reference_tracing
    def test_reference_tracing(self):
        """pmt(3): a program, and the text that it prints."""
        page = os.path.join(pmttest.srcdir, "man", "pmt.3")
        with open(page, encoding="utf-8") as file:
            blocks = re.findall(r"^\.Bd -literal.*?\n(.*?)^\.Ed", file.read(),
                                re.S | re.M)
        program, printed = [
            (block, after) for block, after in zip(blocks, blocks[1:])
            if "Which stay?" in block][0]
        process = pmttest.run_python(program, cwd=self.directory)
        self.assertEqual(self.assert_success(process).stdout, printed)


if __name__ == "__main__":
    pmttest.main()
