# SPDX-License-Identifier: MIT
"""pmt-run --heap-snapshot: the heap in a file, with any Python, while it runs.

On every interpreter that the build serves.
"""
import os
import signal
import subprocess
import sys
import time

import pmttest
from heapfile import HeapFile

KEPT = "class Kept: pass\nkept = [Kept() for _ in range(17)]\n"
# Nobody waits for ever.
SEEN = "import os, signal\nsignal.alarm(50)\ndef wait(name):\n" \
       "    while not os.path.exists(name): pass\n"
IS_OLD = "import sys; sys.exit(sys.version_info >= (3, 13))"
BY_SIGNAL = "os.kill(os.getpid(), signal.SIGUSR2)\n"


class HeapSnapshotTest(pmttest.TestCase):

    def command(self, python, *argv):
        return ["pmt-run", "--python", python] + list(argv)

    def run_it(self, python, *argv, **kwargs):
        return pmttest.run_program(self.command(python, *argv),
                                   cwd=self.directory, **kwargs)

    def kept(self, name):
        """How many objects of the program's class the file has."""
        objects = HeapFile(self.path(name)).by_address.values()
        return sum(each.type == "__main__.Kept" for each in objects)

    def on_each(self, test):
        for python in os.environ["PMT_PYTHONS"].split():
            with self.subTest(python=python):
                test(python)
                for name in os.listdir(self.directory):
                    os.remove(self.path(name))

    def test_at_the_end(self):
        def test(python):
            for option in "--heap-snapshot", "--heap-snapshot=end":
                process = self.assert_success(self.run_it(
                    python, option, "-o", "x.pmtheap", "-c",
                    KEPT + "print('fine')"))
                self.assertEqual(process.stdout, "fine\n")
                self.assertEqual(process.stderr, "pmt-run: heap snapshot: %s\n"
                                 % self.path("x.pmtheap"))
                self.assertEqual(os.listdir(self.directory), ["x.pmtheap"])
                self.assertEqual(self.kept("x.pmtheap"), 17)
        self.on_each(test)

    @pmttest.not_sanitized
    def test_beside_allocations(self):
        """One run tells which lines made what stays, and who holds it."""
        def test(python):
            self.assert_success(self.run_it(
                python, "-q", "-a", "--objects", "--heap-snapshot", "-o",
                "x.pmt", "-c", KEPT))
            self.assertEqual(sorted(os.listdir(self.directory)),
                             ["x.pmt", "x.pmtheap"])
            self.assertEqual(self.kept("x.pmtheap"), 17)
            process = self.assert_success(pmttest.run_program(
                ["pmt-analyse", "--brief", self.path("x.pmt")]))
            self.assertRegex(process.stdout, r"<string>:2 ")
            self.assertEqual(process.stderr, "")
        self.on_each(test)

    def test_by_signal(self):
        """Those that come are numbered."""
        def test(python):
            self.assert_success(self.run_it(
                python, "--heap-snapshot", "-o", "x", "-c",
                SEEN + KEPT + BY_SIGNAL +
                "wait('x.pmtheap')\nkept.clear()\n"
                # The child may have its file ready, and not yet be gone.
                "while not os.path.exists('x-2.pmtheap'): " + BY_SIGNAL))
            self.assertEqual([self.kept(name) for name in (
                "x.pmtheap", "x-2.pmtheap", "x-3.pmtheap")], [17, 0, 0])
        self.on_each(test)

    def test_every_so_often(self):
        def test(python):
            self.assert_success(self.run_it(
                python, "--heap-snapshot=50ms", "-o", "x", "-c",
                # The first may come before there is anything to see.
                SEEN + KEPT + "wait('x-%d.pmtheap' % "
                "(2 + len(os.listdir('.'))))"))
            last = len(os.listdir(self.directory))
            self.assertEqual(self.kept("x-%d.pmtheap" % (last - 1)), 17)
        self.on_each(test)

    def test_beside_a_log(self):
        def test(python):
            for option in "-p", "-t", "-r":
                if option == "-r" and pmttest.run_program(
                        [python, "-c", IS_OLD]).returncode == 0:
                    continue
                self.assert_success(self.run_it(
                    python, option, "--heap-snapshot", "-o", "log.pmt", "-c",
                    SEEN + KEPT + BY_SIGNAL +
                    "wait('log.pmtheap')\n"))
                self.assertEqual(sorted(os.listdir(self.directory)), [
                    "log-2.pmtheap", "log.pmt", "log.pmtheap"])
                self.assertEqual(self.kept("log-2.pmtheap"), 17)
                os.remove(self.path("log.pmtheap"))
        self.on_each(test)

    def test_program_that_has_the_signal(self):
        def test(python):
            process = self.assert_success(self.run_it(
                python, "--heap-snapshot", "-o", "x", "-c",
                "import os, signal\nsignal.signal(signal.SIGUSR2, "
                "lambda *_: print('mine'))\n" + BY_SIGNAL))
            self.assertEqual(process.stdout, "mine\n")
            self.assertIn("no heap snapshot by SIGUSR2: the program took it\n",
                          process.stderr)
            self.assertEqual(os.listdir(self.directory), ["x.pmtheap"])
        self.on_each(test)

    def test_signal_at_any_time(self):
        """From before the interpreter starts until it is gone."""
        def test(python):
            process = subprocess.Popen(
                self.command(python, "--heap-snapshot", "-o", "x", "-c",
                             "print('fine')"),
                cwd=self.directory, stdout=subprocess.PIPE,
                stderr=subprocess.PIPE)
            mask = 1 << signal.SIGUSR2 - 1
            status = "/proc/%d/status" % process.pid
            while True:
                with open(status, encoding="ascii") as file:
                    text = file.read()
                blocked = int(text.split("SigBlk:\t")[1].split()[0], 16)
                if blocked & mask or "(zombie)" in text:
                    break
            while process.poll() is None:
                process.send_signal(signal.SIGUSR2)
                time.sleep(0.001)
            output, error = process.communicate()
            self.assertEqual((process.returncode, output), (0, b"fine\n"),
                             error)
            self.assertIn("x.pmtheap", os.listdir(self.directory))
        self.on_each(test)

    def test_forked_child(self):
        """It has files of its own, and none at its end."""
        def test(python):
            process = self.assert_success(self.run_it(
                python, "--heap-snapshot", "-o", "x", "-c",
                SEEN + KEPT + "pid = os.fork()\n"
                "if pid == 0:\n    " + BY_SIGNAL +
                "    wait('x.%d.pmtheap' % os.getpid())\n"
                "else:\n    os.wait()\n    print(pid)\n"))
            self.assertEqual(sorted(os.listdir(self.directory)), sorted(
                ["x.%s.pmtheap" % process.stdout.strip(), "x.pmtheap"]))
        self.on_each(test)

    def test_failures(self):
        process = self.assert_success(self.run_it(
            sys.executable, "--heap-snapshot", "-q", "-o", "missing/x", "-c",
            ""))
        self.assertEqual(
            process.stderr, "pmt-run: no heap snapshot: '%s': No such "
            "file or directory\n" % self.path("missing", "x.pmtheap"))

    def test_usage(self):
        for option, message in (("--top", "is for -p, -t, -r and -a"),
                                ("--text", "there is no log"),
                                ("--heap-snapshot=0", "not every 0 seconds")):
            process = pmttest.run_program(
                ["pmt-run", "--heap-snapshot", option, "-c", ""])
            self.assert_usage_error(process, "--heap-snapshot: " + message
                                    if message[0] in "tn" else
                                    "--heap-snapshot " + message)


if __name__ == "__main__":
    pmttest.main()
