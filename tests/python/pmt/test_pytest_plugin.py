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

@pytest.mark.limit_leaks("1 KB")
def test_size_as_type(): pass

@pytest.mark.limit_leaks(count=-1)
def test_wrong_count(): pass
"""

REPEATED = """
import asyncio, os, threading
import pytest
kept, cache = [], {}

class Session:
    pass

def open_session(key):
    return cache.setdefault(key, Session())

@pytest.mark.limit_leaks("Session", repeat=5)
def test_fills_a_cache():
    open_session(1)

@pytest.mark.limit_leaks("Session")
def test_fills_a_cache_once():
    open_session(2)

@pytest.mark.limit_leaks("Session", repeat=5)
def test_leaks_each_run():
    open_session(3)
    kept.extend([Session(), Session()])

@pytest.mark.limit_leaks("Session", repeat=3, count=2)
def test_leaks_what_it_may():
    kept.extend([Session(), Session()])

@pytest.mark.limit_leaks("Session", repeat=4)
class TestClass:
    @pytest.mark.parametrize("n", [0, 3])
    def test_method(self, n, tmp_path):
        assert tmp_path.exists()
        kept.extend(Session() for _ in range(n))

buffers = {}

@pytest.mark.limit_rss("10 MB", repeat=4)
def test_one_buffer():
    buffers[0] = buffers.get(0) or bytes(range(256)) * (30 << 12)

@pytest.mark.limit_rss("10 MB", repeat=4)
def test_more_buffers():
    buffers[len(buffers)] = bytes(range(256)) * (30 << 12)

@pytest.mark.limit_rss("1 MB", repeat=2)
def test_wrong_repeat(): pass

@pytest.mark.limit_leaks(repeat="often")
def test_wrong_word(): pass

stop = threading.Event()

@pytest.mark.limit_left
def test_leaves_a_thread():
    threading.Thread(target=stop.wait, name="lonely", daemon=True).start()

@pytest.mark.limit_left
def test_leaves_a_descriptor():
    kept.append(open("/dev/null"))

async def forever():
    await asyncio.Event().wait()

@pytest.mark.limit_left
def test_leaves_a_task():
    loop = asyncio.new_event_loop()
    kept.append(loop.create_task(forever(), name="idle"))
    loop.run_until_complete(asyncio.sleep(0))
    loop.close()

@pytest.mark.limit_left(threads=1, descriptors=None)
def test_may_leave():
    threading.Thread(target=stop.wait, daemon=True).start()
    kept.append(os.dup(0))

@pytest.mark.limit_left
def test_cleans_up():
    thread = threading.Thread(target=len, args=((),))
    thread.start()
    thread.join()
    open("/dev/null")
    asyncio.run(asyncio.sleep(0))

@pytest.mark.limit_left(tasks=-1)
def test_wrong_number(): pass
"""
REPEATED_LEAKS = {
    "test_fills_a_cache_once": "1 object is left, 0 allowed:\n",
    "test_leaks_each_run": "2 objects a run are left, 0 allowed; after each: "
                           "3, 5, 7, 9, 11:\n  10 test_it.Session made at "
                           "{file}:23 in test_leaks_each_run\n",
    "TestClass.test_method[3]": "3 objects a run are left, 0 allowed; after "
                                "each: 3, 6, 9, 12:\n",
}
REPEATED_OTHERS = {
    "test_more_buffers": "MiB a run, 10 MiB allowed; after each: ",
    "test_wrong_repeat": "limit_rss: repeat must be a number from 3 up, not 2",
    "test_wrong_word": "limit_leaks: repeat must be a number from 3 up",
    "test_leaves_a_thread": "1 thread is left, 0 allowed:\n"
                            "  <Thread(lonely, started daemon",
    "test_leaves_a_descriptor": ": /dev/null\n",
    "test_leaves_a_task": "1 task is left, 0 allowed:\n  <Task pending name="
                          "'idle' coro=<forever() running at {file}:",
    "test_wrong_number": "limit_left: tasks must be a number from 0 up",
}

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
    "test_size_as_type": "limit_leaks: '1 KB' is no type",
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

    def check_failures(self, tests, expected, leaks):
        process = self.run_pytest(tests)
        self.assert_status(process, 1)
        failures = dict(re.findall(
            r"(?ms)^_+ (\S+) _+\n(.*?)(?=^_+ \S+ _+$|^=+)", process.stdout))
        expected = dict(expected)
        if sys.version_info >= (3, 13):
            expected.update(leaks)
        self.assertEqual(set(failures), set(expected), process.stdout)
        for name, text in expected.items():
            self.assertIn(text.format(file=self.file), failures[name])
        # Nothing of ours in the tracebacks.
        self.assertNotIn("pmt/pytest.py", "".join(failures.values()))

    @pmttest.not_sanitized
    def test_what_fails_and_why(self):
        self.check_failures(TESTS, OTHERS, LEAKS)

    @pmttest.not_sanitized
    def test_what_each_run_adds_and_what_is_left(self):
        self.check_failures(REPEATED, REPEATED_OTHERS, REPEATED_LEAKS)

    BIG = """
kept = []
def test_small(): pass
def test_big():
    kept.append(bytes(range(256)) * (40 << 12))
def test_peak():
    bytes(range(256)) * (60 << 12)
def test_fails():
    assert 0
"""

    @pmttest.not_sanitized
    def test_table(self):
        process = self.run_pytest(self.BIG, "--pmt-top=3")
        table = process.stdout.split(" memory by test ")[1].splitlines()[1:5]
        self.assertRegex(table[0], r"^ +grew by +at peak  test$")
        self.assertRegex(table[1], r"^ +4\d(\.\d+)? MiB +4\d(\.\d+)? MiB  "
                                   r"test_it\.py::test_big$")
        self.assertEqual(len([row for row in table if "::" in row]), 3)
        self.assertNotIn("memory by test", self.run_pytest(self.BIG).stdout)
        # Where peaks can be begun anew, that of one test is its own.
        rows = {row.split("::")[1]: row for row in table if "::" in row}
        if "test_peak" in rows:
            self.assertRegex(rows["test_peak"], r" 6\d(\.\d+)? MiB  ")

    @pmttest.not_sanitized
    def test_workers(self):
        if importlib.util.find_spec("xdist") is None:
            self.skipTest("this Python has no xdist")
        process = self.run_pytest(self.BIG, "-p", "xdist", "-n2",
                                  "--pmt-top=1")
        self.assertRegex(process.stdout, r"MiB  test_it\.py::test_big\n")
        process = self.run_pytest(TESTS, "-p", "xdist", "-n2")
        self.assertIn("the process grew by 30", process.stdout)

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
        self.assertIn("@pytest.mark.limit_leaks(type=None, count=0, repeat=1): ",
                      process.stdout.replace("\n", " "))
        self.assertIn("@pytest.mark.limit_rss(limit, repeat=1): ", process.stdout)
        self.assertIn("@pytest.mark.limit_memory(limit): ", process.stdout)


if __name__ == "__main__":
    pmttest.main()
