# SPDX-License-Identifier: MIT
"""pmt-run: its command line, its choice of interpreter, its exit status."""
import os
import shutil
import subprocess
import sys
import unittest

import pmttest



class PmtRun(pmttest.TestCase):

    def pmt_run(self, *argv, **kwargs):
        return pmttest.run_program(
            ["pmt-run", "-o", self.directory] + list(argv), **kwargs)


class CommandLine(PmtRun):

    def assert_usage_error(self, process, message):
        self.assert_status(process, 2)
        self.assertIn("pmt-run: " + message, process.stderr)
        self.assertEqual(process.stdout, "")

    def test_help_fits_the_terminal(self):
        process = self.assert_success(self.pmt_run("--help"))
        lines = process.stdout.splitlines()
        self.assertGreater(len(lines), 20)
        self.assertEqual([line for line in lines if len(line) > 80], [])
        self.assertEqual([line for line in lines if line != line.rstrip()], [])

    def test_version(self):
        process = self.assert_success(self.pmt_run("--version"))
        self.assertRegex(process.stdout, r"\Apmt-run \(pmt\) \d+\.\d+\.\d+\n\Z")

    def test_nothing_to_run(self):
        self.assert_usage_error(self.pmt_run("-r"), "nothing to run")

    def test_nothing_to_watch(self):
        self.assert_usage_error(self.pmt_run("x.py"), "nothing to watch")

    def test_wrong_values(self):
        for option in ("--gc-collect=3", "--gc-collect=", "--columns=Colour",
                       "--columns=", "--type-names=long", "--no-such-option",
                       "--python-option=dev", "--python-option=-Es",
                       "--python-option=-I", "--python-option=-uS",
                       "--python-option=-mx"):
            with self.subTest(option):
                self.assert_usage_error(
                    self.pmt_run("-r", option, "x.py"), "")

    def test_full_standard_output(self):
        process = subprocess.run("pmt-run --help >/dev/full", shell=True,
                                 stderr=subprocess.PIPE)
        self.assertEqual(process.returncode, 1)
        self.assertIn(b"No space left on device", process.stderr)


class Interpreter(PmtRun):
    """Refusals come before the program's first line."""

    def test_missing(self):
        process = self.pmt_run("-r", "--python", "no-such-python", "x.py")
        self.assert_status(process, 127)
        self.assertEqual(process.stderr, "pmt-run: cannot run "
                         "'no-such-python': No such file or directory\n")

    def test_not_executable(self):
        process = self.pmt_run("-r", "--python", self.write_file("p", ""),
                               "x.py")
        self.assert_status(process, 126)
        self.assertIn("Permission denied", process.stderr)

    def test_not_a_python(self):
        process = self.pmt_run("-r", "--python", "echo", "x.py")
        self.assert_success(process)
        self.assertEqual(process.stdout, "x.py\n")
        self.assertIn("nothing was traced: the interpreter did not read",
                      process.stderr)

    def test_no_extension_for_it(self):
        """A package without extensions stands for a build without this one."""
        bin, package = self.path("bin"), self.path("lib", "pmt", "python")
        os.makedirs(bin)
        shutil.copy(shutil.which("pmt-run"), bin)
        shutil.copytree(
            os.path.join(pmttest.builddir, "python", "pmt", "boot"),
            os.path.join(package, "pmt", "boot"))
        self.write_file("lib/pmt/python/pmt/_pmt.cpython-399-x.so", "")
        process = pmttest.run_program(
            [os.path.join(bin, "pmt-run"), "-r", "--python", sys.executable,
             "-c", "print(1)"])
        self.assert_status(process, 125)
        self.assertEqual(process.stdout, "")
        if sys.version_info < (3, 13):
            self.assertIn("needs Python 3.13", process.stderr)
        else:
            self.assertIn("has no extension for it", process.stderr)
        self.assertIn("serves cpython-399:", process.stderr)
        self.assertIn("--with-pythons", process.stderr)

    @unittest.skipIf(sys.version_info >= (3, 13), "this Python is new enough")
    def test_too_old(self):
        process = self.pmt_run("-r", "--python", sys.executable, "-c", "1/0")
        self.assert_status(process, 125)
        self.assertRegex(process.stderr, r"is Python 3\.\d+\.\d+\S*: reference "
                         r"tracing needs Python 3\.13 or newer\n")


if __name__ == "__main__":
    pmttest.main()
