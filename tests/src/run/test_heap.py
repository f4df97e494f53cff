# SPDX-License-Identifier: MIT
"""pmt-heap: the heap of a program that runs already."""
import contextlib
import os
import subprocess
import sys

import evil
import pmttest

BUSY = """
import sys, threading

class Session:
    pass

book = {number: Session() for number in range(1234)}
stop = threading.Event()
threading.Thread(target=lambda: (sys.stdin.read(), stop.set())).start()
print("ready", flush=True)
while not stop.is_set():
    sum(range(100))
"""


@contextlib.contextmanager
def working(code):
    with subprocess.Popen([sys.executable, "-c", code], text=True,
                          stdin=subprocess.PIPE,
                          stdout=subprocess.PIPE) as process:
        assert process.stdout.readline() == "ready\n"
        yield process


@pmttest.not_sanitized
class Heap(evil.TestCase):
    def run_heap(self, *arguments, status=0):
        process = pmttest.run_program(["pmt-heap", *arguments],
                                      cwd=self.directory)
        self.assertEqual(process.returncode, status, process.stderr)
        return process.stdout + process.stderr

    def test_a_program_at_work(self):
        if not pmttest.may_attach():
            self.skipTest("the kernel lets nobody stop a process here")
        with working(BUSY) as program:
            pid = str(program.pid)
            text = self.run_heap("-p", pid, "--top=0")
            self.assertRegex(text, r"(?m)^ +1234 .* __main__\.Session$")
            self.assertTrue(os.path.exists(
                self.path("heap-%s.pmtheap" % pid)))
            self.assertEqual(
                self.run_heap("-p", pid, "-o", "x.pmtheap", "--path-to",
                              "__main__.Session"),
                "      1234  __main__.book{*}  (of 1234)\n")
            self.assertTrue(os.path.exists(self.path("x.pmtheap")))

    def test_any_name(self):
        """What the program writes is what is read, or nothing is."""
        if not pmttest.may_attach():
            self.skipTest("the kernel lets nobody stop a process here")
        os.mkdir(self.path("folder"))
        name = os.fsdecode(evil.EVIL + b"\n\xff")
        with working(BUSY) as program:
            pid = str(program.pid)
            for out, path in (("y", "y.pmtheap"),
                              ("folder", "folder/heap-%s.pmtheap" % pid),
                              (name, name + ".pmtheap")):
                text = self.run_heap("-p", pid, "-o", out)
                self.assert_text_safe(out, text)
                self.assertIn(" objects, ", text)
                self.assertTrue(os.path.exists(self.path(path)))
            self.assertIn("No such file or directory", self.run_heap(
                "-p", pid, "-o", "none/x", status=125))

    def test_mistakes(self):
        self.assertIn("of which process?", self.run_heap(status=2))
        self.assertIn("what is 'x'?", self.run_heap("-p", "1", "x", status=2))
        self.assertIn("there is no process 4194305", self.run_heap(
            "-p", "4194305", status=125))


if __name__ == "__main__":
    pmttest.main()
