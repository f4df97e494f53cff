# SPDX-License-Identifier: MIT
"""What the tests of pmt-run --dtrace share."""
import os
import subprocess
import sys

from pmt import _pmt
import pmttest

SCRIPTS = os.path.join(pmttest.srcdir, "dtrace")
PROGRAM = """
import os
kept = []
def take(size):
    return bytearray(size)
def work():
    for i in range(3):
        kept.append(take(100000 + i))
        take(300000 + i)
    os.getppid()
work()
"""


def no_probes():
    """Why nobody can listen to our probes here, or None."""
    if _pmt._probe_heard("function__entry") is None:
        return "built without sys/sdt.h (Debian: systemtap-sdt-dev)"
    if os.geteuid() != 0:
        return "only root may trace by the kernel"
    if pmttest.sanitized:
        return "AddressSanitizer takes the place of malloc"
    if not os.path.exists("/sys/bus/event_source/devices/uprobe"):
        return "the kernel has no uprobes"
    return None


def says_hello(*command):
    try:
        done = subprocess.run(command, stdin=subprocess.DEVNULL,
                              stdout=subprocess.PIPE,
                              stderr=subprocess.DEVNULL)
    except OSError:
        return False
    return b"hello" in done.stdout


class ToolTest(pmttest.TestCase):

    def setUp(self):
        pmttest.TestCase.setUp(self)
        self.script = self.path("program.py")
        with open(self.script, "w") as file:
            file.write(PROGRAM)

    def trace(self, name, *args):
        output = self.path(os.path.basename(name) + ".out")
        done = pmttest.run_program(
            ["pmt-run", "--python", sys.executable, "--dtrace", name,
             "-o", output, *args, self.script], timeout=300)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertNotIn("error", done.stderr)
        with open(output) as file:
            return file.read()
