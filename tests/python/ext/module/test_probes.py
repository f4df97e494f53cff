# SPDX-License-Identifier: MIT
"""Probes for bpftrace and dtrace: which there are, and when they are heard.

The kernel's part is played by the test: it counts a semaphore up, as a tracer
that listens does.  What then arrives is in tests/src/run/test_dtrace.py.
"""
import ctypes
import glob
import os
import re
import shutil
import subprocess
import sys
import unittest

import pmt
from pmt import _pmt
import pmttest

# Of man pmt-dtrace, with how many arguments.
EXTENSION = {"function__entry": 3, "function__return": 3, "rss__change": 2}
if sys.version_info >= (3, 13):
    EXTENSION.update({"object__new": 6, "object__del": 2})
LIBRARY = {"malloc__site": 5, "free__site": 4}

needs_probes = unittest.skipIf(
    _pmt._probe_heard("function__entry") is None,
    "built without sys/sdt.h (Debian: systemtap-sdt-dev)")
needs_readelf = unittest.skipUnless(shutil.which("readelf"),
                                    "readelf is missing (Debian: binutils)")


def notes(path):
    """{name: (address of the semaphore, count of arguments)}"""
    text = subprocess.run(["readelf", "-n", "-W", path], check=True,
                          stdout=subprocess.PIPE, text=True).stdout
    found = re.findall(r"Provider: pmt\s+Name: (\w+)\s+Location: .*Semaphore: "
                       r"(0x\w+)\s+Arguments: (.*)", text)
    return {name: (int(semaphore, 16), len(re.findall("@", arguments)))
            for name, semaphore, arguments in found}


class Listening:
    """The semaphores of these probes, counted up."""

    def __init__(self, *names):
        with open("/proc/self/maps") as maps:
            base = min(int(line.split("-")[0], 16) for line in maps
                       if _pmt.__file__ in line)
        found = notes(_pmt.__file__)
        self.semaphores = [ctypes.c_ushort.from_address(base + found[name][0])
                           for name in names]

    def __enter__(self):
        for semaphore in self.semaphores:
            semaphore.value += 1

    def __exit__(self, *_):
        for semaphore in self.semaphores:
            semaphore.value -= 1


@needs_probes
class ProbeTest(pmttest.TestCase):

    @needs_readelf
    def test_names_and_arguments(self):
        arguments = {name: count for name, (_, count)
                     in notes(_pmt.__file__).items() if name in EXTENSION}
        self.assertEqual(arguments, EXTENSION)
        for library in glob.glob(os.path.join(os.path.dirname(_pmt.__file__),
                                              "libpmt-alloc.so")):
            self.assertEqual({name: count for name, (_, count)
                              in notes(library).items()}, LIBRARY)

    @needs_readelf
    def test_semaphores(self):
        for name in EXTENSION:
            self.assertIs(_pmt._probe_heard(name), False)
            with Listening(name), Listening(name):
                self.assertIs(_pmt._probe_heard(name), True)
                self.assertEqual(sum(_pmt._probe_heard(other)
                                     for other in EXTENSION), 1)
            self.assertIs(_pmt._probe_heard(name), False)

    @needs_readelf
    def test_heard_by_nobody_who_traps(self):
        """All is made ready for a trap that is not there."""
        def made(depth):
            return made(depth - 1) if depth else [object(), "ü" * depth]

        blocks = [pmt.Profile(format="none"),
                  pmt.Trace(filepath=self.path("log"))]
        if sys.version_info >= (3, 13):
            blocks.append(pmt.ReferenceTracing(format="none"))
        with Listening(*EXTENSION):
            for block in blocks:
                with block:
                    made(50)
        self.assertEqual(os.listdir(self.path("")), ["log"])

    def test_unknown(self):
        self.assertIs(_pmt._probe_heard("no__such"), None)
        self.assertRaises(TypeError, _pmt._probe_heard, 1)


class NoLogTest(pmttest.TestCase):

    def test_no_file(self):
        here = os.getcwd()
        os.chdir(self.path(""))
        self.addCleanup(os.chdir, here)
        with pmt.Profile(format="none", threads="all") as profile:
            profile.write_message_to_log("heard by nobody")
            if os.fork() == 0:
                len("a child")
                os._exit(0)
            os.wait()
        self.assertEqual(os.listdir("."), [])


if __name__ == "__main__":
    pmttest.main()
