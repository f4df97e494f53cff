# SPDX-License-Identifier: MIT
"""A program whose control group runs out of memory leaves a report.

The group is made up: a directory with the files of cgroup v2, and a /proc that
says that pmt-run is in it.
"""
import contextlib
import os
import subprocess
import sys
import time

import pmttest

MIB = 1 << 20
PROGRAM = """
import os, sys
class Order: pass
kept = [Order() for _ in range(2500)]
print(os.getpid(), flush=True)
sys.stdin.read()
"""


class LastWords(pmttest.TestCase):
    def setUp(self):
        super().setUp()
        if sys.version_info < (3, 13):
            self.skipTest("objects are traced on Python 3.13 and later")
        os.makedirs(self.path("group"))
        os.makedirs(self.path("proc/self"))
        self.write_file("proc/self/mountinfo",
                        "30 23 0:26 / %s rw - cgroup2 cgroup2 rw\n"
                        % self.path(""))
        self.use(50 * MIB, 0)

    def use(self, current, kills, limit=100 * MIB):
        self.write_file("group/memory.max", "%s\n" % limit)
        self.write_file("group/memory.events",
                        "low 0\nhigh 0\nmax 0\noom 0\noom_kill %d\n" % kills)
        self.write_file("group/memory.current", "%d\n" % current)

    @contextlib.contextmanager
    def running(self, *options, code=PROGRAM):
        script = self.write_file("shop.py", code)
        start = ('mkdir "$PMT_PROC_ROOT/$$" && '
                 'echo 0::/group >"$PMT_PROC_ROOT/$$/cgroup" && exec "$@"')
        with subprocess.Popen(
                ["sh", "-c", start, "sh", "pmt-run", *options, script],
                stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                stderr=subprocess.PIPE, text=True, cwd=self.directory,
                env=dict(os.environ, PMT_PROC_ROOT=self.path("proc"))
                ) as process:
            self.python = int(process.stdout.readline())
            yield process

    def wait_for(self, text):
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            if text in self.read_file("leaks.txt"):
                return
            time.sleep(0.02)
        self.fail("%r is not in the report" % text)

    def killed(self, process):
        self.use(0, 1)
        os.kill(self.python, 9)
        told = process.communicate(timeout=60)[1]
        self.assertEqual(process.returncode, -9)
        return told

    def test_a_report_in_time(self):
        """At nine tenths of the limit the program writes it, once."""
        with self.running("-r", "--summary", "-o", "leaks.txt") as process:
            self.use(91 * MIB, 0)
            self.wait_for("2,500")
            written = os.stat(self.path("leaks.txt")).st_ino
            told = self.killed(process)
        self.assertIn("the kernel killed it for want of memory: its control "
                      "group may use 100 MiB; the report is of when nine "
                      "tenths of that were in use\n", told)
        self.assertEqual(os.stat(self.path("leaks.txt")).st_ino, written)

    def press(self, percent):
        self.write_file("group/memory.pressure",
                        "some avg10=%.2f avg60=1.00 avg300=0.00 total=12345\n"
                        "full avg10=0.00 avg60=0.00 avg300=0.00 total=0\n"
                        % percent)

    def test_pressure(self):
        """Who waits for memory writes it, too, with no limit of its own."""
        self.use(50 * MIB, 0, "max")
        self.press(9.99)
        with self.running("-r", "--summary", "-o", "leaks.txt") as process:
            self.press(12.34)
            self.wait_for("2,500")
            told = process.communicate(timeout=60)[1]
        self.assertEqual(process.returncode, 0, told)
        self.assertIn("its control group waited for memory, up to 12 % of ten "
                      "seconds; it was asked for a report then\n", told)

    def test_a_little_pressure(self):
        self.press(9.99)
        with self.running("-r", "--summary", "-o", "leaks.txt") as process:
            time.sleep(0.5)     # two looks
            told = process.communicate(timeout=60)[1]
        self.assertNotIn("waited for memory", told)
        self.assertFalse(os.path.exists(self.path("leaks.txt.1")))

    def test_killed_without_a_limit(self):
        """Of its own: a group above has one, or the machine."""
        self.use(50 * MIB, 0, "max")
        with self.running("-r", "-o", "log.pmt") as process:
            self.use(50 * MIB, 1, "max")
            os.kill(self.python, 9)
            told = process.communicate(timeout=60)[1]
        self.assertIn("for want of memory: its control group has no limit",
                      told)

    def test_the_log_is_told(self):
        with self.running("-r", "-o", "log.pmt") as process:
            told = self.killed(process)
        self.assertIn("its control group may use 100 MiB\n", told)
        self.assertRegex(told, r"(?m)^ +2,500 .* __main__\.Order")

    def test_quiet(self):
        with self.running("-q", "-r", "-o", "log.pmt") as process:
            told = self.killed(process)
        self.assertIn("for want of memory", told)
        self.assertNotIn("Order", told)

    def test_other_ends(self):
        """Killed by somebody, or ended by itself."""
        for limit, kills in ("max", 0), (100 * MIB, 0):
            self.use(99 * MIB, 0, limit)
            with self.running("-r", "-o", "log.pmt") as process:
                self.use(99 * MIB, kills, limit)
                os.kill(self.python, 9)
                told = process.communicate(timeout=60)[1]
            self.assertNotIn("want of memory", told)
        self.use(99 * MIB, 0)
        with self.running("-r", "-o", "log.pmt") as process:
            self.use(99 * MIB, 1)
            told = process.communicate(timeout=60)[1]
        self.assertEqual(process.returncode, 0)
        self.assertNotIn("want of memory", told)

    @pmttest.not_sanitized
    def test_memory_error(self):
        script = self.write_file("greedy.py", """
import resource
class Order: pass
kept = [Order() for _ in range(2500)]
with open("/proc/self/statm") as file:
    used = int(file.read().split()[0]) * resource.getpagesize()
resource.setrlimit(resource.RLIMIT_AS, (used + (200 << 20),) * 2)
while True:
    kept.append(bytes(20 << 20))
""")
        process = pmttest.run_program(["pmt-run", "-r", "--summary", "-o",
                                       self.path("leaks.txt"), script])
        self.assert_status(process, 1)
        self.assertIn("\nMemoryError\n", process.stderr)
        self.assertRegex(self.read_file("leaks.txt"),
                         r"(?m)^ +2,500 .* __main__\.Order")

    def test_the_signal_kills_nobody(self):
        """A program that took it back does not get it."""
        code = ("import signal\nsignal.signal(signal.SIGUSR1, "
                "signal.SIG_DFL)\n" + PROGRAM)
        with self.running("-r", "--summary", "-o", "leaks.txt",
                          code=code) as process:
            self.use(95 * MIB, 0)
            time.sleep(0.5)     # two looks
            process.stdin.close()
            self.assertEqual(process.wait(60), 0)


if __name__ == "__main__":
    pmttest.main()
