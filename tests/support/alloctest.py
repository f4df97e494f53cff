# SPDX-License-Identifier: MIT
"""What the tests of pmt-run -a share."""
import functools
import json
import os
import subprocess
import sys

import pmttest

COMPILER = os.environ["CC"].split(" -fsanitize")[0]


def pythons():
    return os.environ["PMT_PYTHONS"].split()


def on_each(test):
    @functools.wraps(test)
    def run(self):
        for python in pythons():
            with self.subTest(python=python):
                test(self, python)
    return run


@functools.lru_cache(maxsize=None)
def _beside_bytes(python):
    """What the block of a bytearray has more, as tracemalloc sees it."""
    return int(subprocess.run([python, "-c", (
        "import tracemalloc\n"
        "tracemalloc.start()\n"
        "kept = bytearray(1000000)\n"
        "print(max(trace.size for trace in"
        " tracemalloc.take_snapshot().traces) - 1000000)\n")],
        stdout=subprocess.PIPE, check=True).stdout)


def block_of(size, python=sys.executable):
    """Bytes of the block that holds a bytearray of this size."""
    return size + _beside_bytes(python)


def has_elfutils():
    """Can the report name native functions?"""
    with open(os.path.join(pmttest.builddir, "config.h"),
              encoding="ascii") as file:
        return "#define HAVE_ELFUTILS 1" in file.read()


class AllocationsTest(pmttest.TestCase):

    def setUp(self):
        if pmttest.sanitized:
            self.skipTest("AddressSanitizer has a malloc of its own")

    def library(self):
        """The library of doors, compiled."""
        return self.compile("doors.so", pmttest.data("alloc", "doors.c"))

    def run_traced(self, *argv, python=sys.executable, options=(), **kwargs):
        return pmttest.run_program(
            ["pmt-run", "-a", "-o", self.path("log.pmt"), "--python", python]
            + list(options) + list(argv), cwd=self.directory, **kwargs)

    def compile(self, name, source, *options, compiler=COMPILER):
        """A shared library of this SOURCE, a file's path; where it is."""
        path = self.path(name)
        self.assert_success(pmttest.run_program(
            ["sh", "-c", compiler + ' -w -shared -fPIC "$@"', "cc", "-I.",
             "-o", path, source, "-lpthread"] + list(options),
            cwd=pmttest.builddir))
        return path

    def read(self, name="log.pmt", status=0, options=()):
        process = pmttest.run_program(
            ["pmt-analyse", "--json", self.path(name)] + list(options))
        self.assert_status(process, status)
        return json.loads(process.stdout)[0]

    def trace(self, *argv, **kwargs):
        """Run a program that ends well, and return what its log says."""
        self.assert_success(self.run_traced(*argv, **kwargs))
        return self.read()

    @staticmethod
    def functions(log):
        """By name; of several the one that holds most, which comes first."""
        return {row.get("function"): row for row in reversed(log["functions"])}

    def assert_left(self, log, expected):
        functions = self.functions(log)
        for name, (size, blocks) in expected.items():
            row = functions[name]
            self.assertEqual((row["left"], row["blocks"]), (size, blocks),
                             name)
