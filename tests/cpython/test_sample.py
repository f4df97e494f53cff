# SPDX-License-Identifier: MIT
"""A sample of CPython's own tests passes under pmt-run as it does without."""
import importlib.util
import os
import sys
import unittest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

import compare
import pmttest

MODULES = ("test_bdb", "test_code", "test_contextlib", "test_exceptions",
           "test_frame", "test_generators", "test_sys_settrace",
           "test_threading_local", "test_weakset", "test_with")


@unittest.skipUnless(importlib.util.find_spec("test.libregrtest"),
                     "this CPython comes without its tests")
@pmttest.not_sanitized
class SampleTest(pmttest.TestCase):

    def test_same_outcomes(self):
        """Each module in one mode, the next in the next."""
        modes = ["-p", "-t"]
        if sys.version_info >= (3, 13):
            modes.append("-r --builtins")
        for n, module in enumerate(MODULES):
            mode = modes[n % len(modes)]
            with self.subTest(module=module, mode=mode):
                for _, count, found in compare.compare(
                        sys.executable, module, [mode]):
                    self.assertEqual([text for text, why in found
                                      if why is None], [])
                    self.assertGreater(count, 0)


if __name__ == "__main__":
    pmttest.main()
