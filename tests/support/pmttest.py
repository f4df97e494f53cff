# SPDX-License-Identifier: MIT
"""What every Python test of pmt starts from.

A test file holds unittest classes and ends with

    if __name__ == "__main__":
        pmttest.main()

which prints TAP for Automake's harness.  Run one by hand with

    make check TESTS=tests/python/ext/module/test_import.py
"""
import contextlib
import faulthandler
import functools
import os
import shutil
import signal
import subprocess
import sys
import sysconfig
import tempfile
import threading
import time
import unittest

import psutil
import pycotap

srcdir = os.path.abspath(os.environ.get("srcdir", "."))
builddir = os.path.abspath(os.environ.get("builddir", "."))

# So many times slower than usual, as under ThreadSanitizer.
SLOWNESS = int(os.environ.get("PMT_SLOWNESS", 1))

# A file that takes longer hangs: print where, and fail.  The longest takes a
# minute, on a machine that has nothing else to do.
FILE_TIMEOUT = 600 * SLOWNESS

needs_reference_tracing = unittest.skipIf(
    sys.version_info < (3, 13),
    "reference tracing needs Python 3.13, this is %d.%d" % sys.version_info[:2])

# No GIL: mimalloc in the place of pymalloc, and more that lives for ever.
free_threaded = not getattr(sys, "_is_gil_enabled", lambda: True)()

# AddressSanitizer keeps freed blocks and memory of its own; of each page of
# the program ThreadSanitizer, which is then in Python too, has others.
sanitized = "libasan" in os.environ.get("LD_PRELOAD", "") or \
    "--with-thread-sanitizer" in (sysconfig.get_config_var("CONFIG_ARGS") or "")
not_sanitized = unittest.skipIf(
    sanitized, "a sanitizer itself changes RSS and addresses")


def run_program(argv, env=None, timeout=100, **kwargs):
    """Run argv to its end; return a CompletedProcess with its text.

    Programs of the build are found by name.  env is added to the
    environment, a value of None removes a variable.  Output is captured and
    standard input is empty unless kwargs say otherwise; bytes that are not
    UTF-8 come as surrogates, so that no output is lost.
    """
    environment = {name: value
                   for name, value in dict(os.environ, **(env or {})).items()
                   if value is not None}
    if "input" not in kwargs:
        kwargs.setdefault("stdin", subprocess.DEVNULL)
    kwargs.setdefault("stdout", subprocess.PIPE)
    kwargs.setdefault("stderr", subprocess.PIPE)
    if kwargs.setdefault("text", True):
        kwargs.setdefault("encoding", "utf-8")
        kwargs.setdefault("errors", "surrogateescape")
    return subprocess.run([os.fspath(arg) for arg in argv], env=environment,
                          timeout=timeout * SLOWNESS, **kwargs)


def run_python(code, *args, **kwargs):
    """Run code in a fresh interpreter of the kind that runs the test."""
    return run_program([sys.executable, "-c", code] + list(args), **kwargs)


def wait_for_waiting(parent):
    """Until a process and its children all wait for their input.

    Then numbers stand still, and a signal interrupts a read: CPython does not
    notice one that comes just before.
    """
    for each in [parent] + parent.children():
        while each.status() != psutil.STATUS_SLEEPING:
            time.sleep(0.001)


@functools.lru_cache(maxsize=None)
def may_attach():
    """Does the kernel let a process stop one that is not its child?"""
    with subprocess.Popen(["sleep", "60"]) as child:
        seize = ("import ctypes, sys\nctypes.CDLL(None).ptrace.restype = "
                 "ctypes.c_long\nsys.exit(ctypes.CDLL(None).ptrace(0x4206, "
                 "int(sys.argv[1]), None, None) != 0)")
        allowed = run_program([sys.executable, "-c", seize,
                               str(child.pid)]).returncode == 0
        child.kill()
    return allowed


@contextlib.contextmanager
def waiting(code, *args):
    """A Python process that runs code and waits while a with block runs.

    The code says "ready", then reads its standard input to the end.  What the
    block is given is a psutil.Process.
    """
    with subprocess.Popen([sys.executable, "-c", code] + list(args),
                          stdin=subprocess.PIPE,
                          stdout=subprocess.PIPE) as process:
        assert process.stdout.readline() == b"ready\n"
        parent = psutil.Process(process.pid)
        wait_for_waiting(parent)
        yield parent


def in_threads(*functions):
    """Call each function in a thread of its own; wait for their ends."""
    threads = [threading.Thread(target=function) for function in functions]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def data(*names):
    """The path of a file below tests/data."""
    return os.path.join(srcdir, "tests", "data", *names)


class TestCase(unittest.TestCase):
    """A test with a directory of its own, self.directory, gone afterwards."""

    maxDiff = None

    def run(self, result=None):
        # realpath: the tracers and the tests must agree on a file's name.
        self.directory = os.path.realpath(tempfile.mkdtemp(prefix="pmt-test-"))
        try:
            return super().run(result)
        finally:
            shutil.rmtree(self.directory, ignore_errors=True)

    def path(self, *names):
        """A path below this test's directory."""
        return os.path.join(self.directory, *names)

    def write_file(self, name, text):
        """Make a file in this test's directory; return its path."""
        path = self.path(name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "w", encoding="utf-8", newline="",
                  errors="surrogateescape") as file:
            file.write(text)
        return path

    def read_file(self, name):
        """The text of a file in this test's directory."""
        with open(self.path(name), encoding="utf-8", newline="",
                  errors="surrogateescape") as file:
            return file.read()

    def assert_success(self, process):
        """The program ended with exit status 0; return it."""
        self.assert_status(process, 0)
        return process

    def assert_status(self, process, status):
        """The program ended with this exit status; show its output if not."""
        if process.returncode != status:
            self.fail("%s: exit status %s, not %s\nstdout:\n%s\nstderr:\n%s" % (
                process.args, process.returncode, status,
                process.stdout, process.stderr))

    def assert_usage_error(self, process, message=""):
        """The program found its command line wrong, and did nothing."""
        self.assert_status(process, 2)
        start = "%s: %s" % (os.path.basename(process.args[0]), message)
        self.assertEqual(process.stderr[:len(start)], start)
        self.assertEqual(process.stdout, "")


class _Result(pycotap.TAPTestResult):
    """pycotap's result, which by itself is silent about failed subtests."""

    _subtest_failed = False
    _begun = None

    def startTest(self, test):
        super().startTest(test)
        self._begun = test
        self._subtest_failed = False

    def addSubTest(self, test, subtest, err):
        super().addSubTest(test, subtest, err)
        if err is None:
            return
        self.message.write(self._exc_info_to_string(err, test) + "\n")
        if not self._subtest_failed:
            self._subtest_failed = True
            self.not_ok(test)

    # A failed setUpClass() is reported without a test having begun: such a
    # line needs a number of its own.

    def addError(self, test, err):
        if not isinstance(test, unittest.TestCase):
            self.testsRun += 1
        super().addError(test, err)

    def addSkip(self, test, reason):
        # Python 3.12.1 does not begin what it skips.
        if self._begun is not test:
            self.testsRun += 1
        super().addSkip(test, reason)


class _Runner(pycotap.TAPTestRunner):

    def run(self, test):
        result = _Result(self.output_stream, self.error_stream,
                         self.message_log, self.test_output_log)
        test(result)
        result.printErrors()
        return result


def main():
    """Run the tests of the calling file and print TAP.

    Standard output is kept for TAP: what tests and the programs they start
    print goes to standard error.
    """
    tap = os.fdopen(os.dup(1), "w", encoding="utf-8", buffering=1,
                    errors="backslashreplace")
    os.dup2(2, 1)
    # Ignored, as below nohup, it would be ignored by each program started.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    faulthandler.enable()
    faulthandler.dump_traceback_later(FILE_TIMEOUT, exit=True)
    runner = _Runner(pycotap.LogMode.LogToDiagnostics,
                     pycotap.LogMode.LogToDiagnostics, output_stream=tap)
    unittest.main(testRunner=runner)
