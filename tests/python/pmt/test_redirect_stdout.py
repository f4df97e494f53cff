# SPDX-License-Identifier: MIT
"""pmt.redirect_stdout: all that is printed is caught, then all is as before."""
import contextlib
import ctypes
import functools
import io
import os
import subprocess
import sys
import unittest.mock

import pmttest
from pmt.redirect_stdout import stderr_redirector, stdout_redirector

libc = ctypes.CDLL(None)
BOTH = ((1, "stdout", stdout_redirector), (2, "stderr", stderr_redirector))


def identity(fd):
    stat = os.fstat(fd)
    return stat.st_dev, stat.st_ino


class RedirectTest(pmttest.TestCase):

    def run(self, result=None):
        self.open_files = len(os.listdir("/proc/self/fd"))
        return super().run(result)

    def tearDown(self):
        self.assertEqual(len(os.listdir("/proc/self/fd")), self.open_files,
                         "a file was left open")

    def test_all_writers(self):
        for fd, name, redirector in BOTH:
            with self.subTest(name), open(fd, "w", closefd=False) as file, \
                    unittest.mock.patch("sys." + name, file):
                where = identity(fd)
                caught = io.BytesIO()
                with redirector(caught):
                    self.assertIs(getattr(sys, name), file)
                    print("from Python", file=file)
                    file.flush()
                    libc.dprintf(fd, b"from C\n")
                    libc.fputs(b"from C's buffer\n",
                               ctypes.c_void_p.in_dll(libc, name))
                    libc.fflush(None)
                    subprocess.check_call(["sh", "-c", "echo child >&%d" % fd])
                    os.write(fd, b"raw \xff\n")
                    print("kept in a buffer", end="", file=file)
                self.assertEqual(caught.getvalue(),
                                 b"from Python\nfrom C\nfrom C's buffer\n"
                                 b"child\nraw \xff\nkept in a buffer")
                self.assertIs(getattr(sys, name), file)
                self.assertFalse(file.closed)
                self.assertEqual(identity(fd), where)

    def test_exception(self):
        for fd, name, redirector in BOTH:
            with self.subTest(name):
                where, caught = identity(fd), io.BytesIO()
                with self.assertRaises(KeyError):
                    with redirector(caught):
                        print("so far", file=getattr(sys, name))
                        raise KeyError("mine")
                self.assertEqual(caught.getvalue(), b"so far\n")
                self.assertEqual(identity(fd), where)

    def test_text_before_stays_outside(self):
        code = ("import io, sys\n"
                "from pmt.redirect_stdout import *\n"
                "print('before', end=' ')\n"
                "caught = io.BytesIO()\n"
                "with stdout_redirector(caught):\n"
                "    print('inside')\n"
                "print('after', caught.getvalue())\n")
        process = self.assert_success(pmttest.run_python(code))
        self.assertEqual(process.stdout, "before after b'inside\\n'\n")

    def test_nested(self):
        outer, inner = io.BytesIO(), io.BytesIO()
        with stdout_redirector(outer):
            print("one")
            with stdout_redirector(inner):
                print("two")
            print("three")
        self.assertEqual(outer.getvalue(), b"one\nthree\n")
        self.assertEqual(inner.getvalue(), b"two\n")

    def test_both_at_once(self):
        out, err = io.BytesIO(), io.BytesIO()
        with stdout_redirector(out), stderr_redirector(err):
            print("out")
            print("err", file=sys.stderr)
        self.assertEqual((out.getvalue(), err.getvalue()),
                         (b"out\n", b"err\n"))

    def test_sys_stdout_that_is_no_file(self):
        """As test frameworks have it."""
        caught, python = io.BytesIO(), io.StringIO()
        with contextlib.redirect_stdout(python):
            mine = sys.stdout
            with stdout_redirector(caught):
                print("caught \N{GREEK SMALL LETTER PI}")
                os.write(1, b"too\n")
            self.assertIs(sys.stdout, mine)
        self.assertEqual(caught.getvalue(),
                         "caught \N{GREEK SMALL LETTER PI}\ntoo\n".encode())
        self.assertEqual(python.getvalue(), "")

    def test_sys_stdout_none_or_closed(self):
        for file in (None, io.StringIO()):
            if file is not None:
                file.close()
            caught = io.BytesIO()
            with contextlib.redirect_stdout(file):
                with stdout_redirector(caught):
                    os.write(1, b"raw\n")
            self.assertEqual(caught.getvalue(), b"raw\n")

    def test_closed_descriptor(self):
        process = pmttest.run_python(
            "import io, os, sys\n"
            "from pmt.redirect_stdout import *\n"
            "os.close(1)\n"
            "try:\n"
            "    with stdout_redirector(io.BytesIO()): print('never')\n"
            "except OSError as error: sys.stderr.write(error.strerror)\n"
            "sys.stdout = None\n")
        self.assertEqual(process.stderr, "Bad file descriptor")

    def test_much_text(self):
        caught = io.BytesIO()
        with stdout_redirector(caught):
            for i in range(50000):
                print("line", i)
        self.assertEqual(caught.getvalue().count(b"\n"), 50000)

    def test_threads_take_turns(self):
        results = {}

        def capture(number):
            caught = io.BytesIO()
            for _ in range(50):
                with stdout_redirector(caught):
                    os.write(1, b"%d" % number)
            results[number] = caught.getvalue()
        pmttest.in_threads(*(functools.partial(capture, number)
                             for number in range(4)))
        self.assertEqual(results, {number: b"%d" % number * 50
                                   for number in range(4)})


if __name__ == "__main__":
    pmttest.main()
