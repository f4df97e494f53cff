# SPDX-License-Identifier: MIT
"""The other interpreters of the build pass the tests of this folder, too."""
import os
import sys

import psutil
import pycotap

import pmttest

HERE = os.path.dirname(os.path.abspath(__file__))
TESTS = "test_holders.py", "test_holder_kinds.py", "test_snapshot.py"

# Where our own modules of tests come from, for those that have none.
SITES = [os.path.dirname(os.path.dirname(module.__file__))
         for module in (psutil, pycotap)]
ASK = "import sys, psutil, pycotap; print(sys.version)"


class VersionsTest(pmttest.TestCase):

    @pmttest.not_sanitized
    def test_each(self):
        path = os.pathsep.join([os.environ["PYTHONPATH"]] + SITES)
        for python in os.environ["PMT_PYTHONS"].split():
            version = pmttest.run_program([python, "-c", ASK],
                                          env={"PYTHONPATH": path}).stdout
            if not version.strip():
                print("# %s cannot run the tests: no psutil" % python)
                continue
            if version.strip() == sys.version:
                continue
            for name in TESTS:
                with self.subTest(python=python, test=name):
                    process = pmttest.run_program(
                        [python, os.path.join(HERE, name)],
                        env={"PYTHONPATH": path}, timeout=100)
                    self.assertNotRegex(process.stdout, "(?m)^not ok")
                    self.assertRegex(process.stdout, r"(?m)^1\.\.[1-9]")


if __name__ == "__main__":
    pmttest.main()
