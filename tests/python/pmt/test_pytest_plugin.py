# SPDX-License-Identifier: MIT
"""pmt.pytest: tests that leak fail, others do not notice."""
import importlib.util
import re
import sys
import unittest

import pmttest

TESTS = """
import asyncio, unittest
import pytest
kept = []

class Session:
    pass

@pytest.mark.limit_leaks(type="Session", count=0)
def test_ends():
    made = [Session() for _ in range(5)]

@pytest.mark.limit_leaks(type="Session", count=3)
def test_within():
    kept.extend(Session() for _ in range(3))

@pytest.mark.limit_leaks(type=Session, count=2)
def test_leaks():
    kept.extend(Session() for _ in range(3))

@pytest.mark.limit_leaks
def test_any():
    cycle = Session()
    cycle.me = cycle
    kept.append(Session())

@pytest.mark.limit_leaks(type="test_it.Other")
def test_other_type():
    kept.append(Session())

@pytest.mark.limit_leaks(type=list)
def test_builtin():
    kept.append([1])

@pytest.mark.limit_leaks("Session")
def test_fails_by_itself():
    kept.append(Session())
    assert 0, "my own failure"

class UnittestTest(unittest.TestCase):
    @pytest.mark.limit_leaks("Session")
    def test_method(self):
        kept.append(Session())

@pytest.mark.limit_leaks("Session")
class TestClass:
    @pytest.mark.parametrize("n", [0, 1])
    def test_inherits(self, n, tmp_path):
        kept.extend(Session() for _ in range(n))

@pytest.mark.limit_rss("10 MB")
def test_grows():
    kept.append(bytearray(30 << 20))

@pytest.mark.limit_rss(40 << 20)
def test_grows_less():
    kept.append(bytearray(30 << 20))

@pytest.mark.limit_rss("10 MB")
def test_gives_back():
    bytearray(30 << 20)

@pytest.mark.limit_memory("10 MB")
def test_has_a_peak():
    bytearray(30 << 20)

@pytest.mark.limit_memory("40 MB")
def test_has_less_of_a_peak():
    bytearray(30 << 20)

@pytest.mark.limit_memory("10 MB")
def test_has_an_older_peak(): pass

@pytest.mark.limit_memory("much")
def test_wrong_peak(): pass

@pytest.mark.limit_rss("10 XB")
def test_wrong_size(): pass

@pytest.mark.limit_rss()
def test_no_size(): pass

@pytest.mark.limit_leaks(kind=1)
def test_wrong_name(): pass

@pytest.mark.limit_leaks(type=5)
def test_wrong_type(): pass

@pytest.mark.limit_leaks(count=-1)
def test_wrong_count(): pass
"""

LEAKS = {
    "test_leaks": "3 objects are left, 2 allowed:\n"
                  "  3 test_it.Session made at {file}:19 in ",
    "test_any": "1 object is left, 0 allowed:\n"
                "  1 test_it.Session made at {file}:25 in test_any\n",
    "test_builtin": "  1 list made at {file}:33 in test_builtin\n",
    "UnittestTest.test_method": "  1 test_it.Session made at {file}:43 in "
                                "test_method\n",
    "TestClass.test_inherits[1]": "  1 test_it.Session made at {file}:49 in ",
}
OTHERS = {
    "test_fails_by_itself": "AssertionError: my own failure",
    "test_grows": "the process grew by 30",
    "test_has_a_peak": "MiB at its peak, 10 MiB allowed",
    "test_wrong_peak": "limit_memory: 'much' is no size such as \"10 MB\"",
    "test_wrong_size": "limit_rss: '10 XB' is no size such as \"10 MB\"",
    "test_no_size": "limit_rss: missing a required argument: 'limit'",
    "test_wrong_name": "limit_leaks: got an unexpected keyword argument",
    "test_wrong_type": "limit_leaks: type must be a class or the name of one",
    "test_wrong_count": "limit_leaks: count must be a number from 0 up",
}


@unittest.skipIf(importlib.util.find_spec("pytest") is None,
                 "this Python has no pytest")
class PluginTest(pmttest.TestCase):

    def run_pytest(self, tests, *options):
        self.file = self.write_file("test_it.py", tests)
        return pmttest.run_program(
            [sys.executable, "-m", "pytest", "-p", "pmt.pytest", "-p",
             "no:cacheprovider", "-q", "--strict-markers", *options,
             self.file], cwd=self.directory,
            env={"PYTEST_ADDOPTS": None, "PYTEST_PLUGINS": None,
                 "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"})

    @pmttest.not_sanitized
    def test_what_fails_and_why(self):
        process = self.run_pytest(TESTS)
        self.assert_status(process, 1)
        failures = dict(re.findall(
            r"(?ms)^_+ (\S+) _+\n(.*?)(?=^_+ \S+ _+$|^=+)", process.stdout))
        expected = dict(OTHERS)
        if sys.version_info >= (3, 13):
            expected.update(LEAKS)
        self.assertEqual(set(failures), set(expected), process.stdout)
        for name, text in expected.items():
            self.assertIn(text.format(file=self.file), failures[name])
        # Nothing of ours in the tracebacks.
        self.assertNotIn("pmt/pytest.py", "".join(failures.values()))

    def test_old_python_says_that_it_does_not_check(self):
        process = self.run_pytest(
            "import pytest\n@pytest.mark.limit_leaks\ndef test_it(): pass\n",
            "-W", "error::pytest.PytestWarning")
        if sys.version_info >= (3, 13):
            self.assert_success(process)
        else:
            self.assert_status(process, 1)
            self.assertIn("limit_leaks is not checked: reference tracing "
                          "needs Python 3.13", process.stdout)

    def test_markers_are_listed(self):
        process = self.run_pytest("", "--markers")
        self.assertIn("@pytest.mark.limit_leaks(type=None, count=0): ",
                      process.stdout)
        self.assertIn("@pytest.mark.limit_rss(limit): ", process.stdout)
        self.assertIn("@pytest.mark.limit_memory(limit): ", process.stdout)


if __name__ == "__main__":
    pmttest.main()
