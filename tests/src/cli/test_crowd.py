# SPDX-License-Identifier: MIT
"""pmt-tree and pmt-process where processes are many, hidden or reborn."""
import csv
import json
import os
import subprocess
import sys
import unittest

import psutil

import pmttest

CROWD = int(os.environ.get("PMT_CROWD", 400))

# Says "ready", then waits for its input: children that sleep, and zombies.
FORKER = """
import os, signal, sys
for i in range(int(sys.argv[1])):
    pid = os.fork()
    if pid == 0:
        if i % 2:
            os._exit(0)
        signal.pause()
    if i % 2:
        os.waitid(os.P_PID, pid, os.WEXITED | os.WNOWAIT)
print("ready", flush=True)
sys.stdin.readline()
"""

# In a PID namespace the number of the next process can be chosen.
REBORN = """
import subprocess, sys, time
def start(number):
    with open("/proc/sys/kernel/ns_last_pid", "w") as file:
        file.write(str(number - 1))
    process = subprocess.Popen(["sleep", "60"])
    assert process.pid == number
    return process
first = start(500)
watch = subprocess.Popen(sys.argv[1:] + ["-p", "500", "-i", "0.02"],
                         stdout=subprocess.PIPE, universal_newlines=True)
lines = [watch.stdout.readline() for _ in range(6)]
first.kill()
first.wait()
second = start(500)
lines += watch.stdout.read().splitlines(True)
assert second.poll() is None
second.kill()
sys.stdout.write("".join(lines))
sys.exit(watch.wait())
"""


def unshare(*args):
    return ["unshare"] + list(args)


def allowed(*args):
    try:
        return pmttest.run_program(unshare(*args) + ["true"]).returncode == 0
    except OSError:
        return False


needs_pids = unittest.skipUnless(
    allowed("-pf", "--mount-proc"), "a PID namespace of one's own needs root")
needs_mounts = unittest.skipUnless(
    allowed("-m"), "a mount namespace of one's own needs root")


class CrowdTest(pmttest.TestCase):

    def run_in(self, namespace, *args):
        return pmttest.run_program(unshare(*namespace) + list(args))

    def as_nobody(self, options, *command):
        """Run it where /proc is mounted with these options, not as root."""
        script = ('mount -t proc -o "$1" proc /proc && shift && exec setpriv '
                  '--reuid=65534 --regid=65534 --clear-groups "$@"')
        return self.run_in(["-m"], "sh", "-c", script, "sh", options, *command)


@needs_pids
class Namespaces(CrowdTest):

    def test_a_crowd_and_its_zombies(self):
        # The end of a namespace is that of all in it.
        with subprocess.Popen(
                unshare("-pf", "--mount-proc", "--kill-child", sys.executable,
                        "-S", "-c", FORKER, str(CROWD)),
                stdin=subprocess.PIPE, stdout=subprocess.PIPE) as crowd:
            self.assertEqual(crowd.stdout.readline(), b"ready\n")
            pid = psutil.Process(crowd.pid).children()[0].pid
            tree = self.assert_success(pmttest.run_program(
                ["pmt-tree", "--csv", "-s", "--count=1", "-p", str(pid)]))
            process = self.assert_success(pmttest.run_program(
                ["pmt-process", "--count=1", "-p", str(pid)]))
            crowd.communicate(b"\n")
        rows = list(csv.DictReader(tree.stdout.splitlines()))
        self.assertEqual(len(rows), CROWD + 2)
        self.assertEqual(len({row["PID"] for row in rows}), CROWD + 2)
        zombies = [row for row in rows if row["Status"] == "zombie"]
        self.assertEqual(len(zombies), CROWD // 2)
        self.assertEqual({row["RSS"] for row in zombies}, {"0"})
        self.assertEqual(rows[-1]["Name"], "TOTAL of %d" % (CROWD + 1))
        self.assertEqual(json.loads(process.stdout.splitlines()[0])["pid"],
                         pid)

    def test_another_life_of_the_number(self):
        for program in ("pmt-tree", "pmt-process"):
            with self.subTest(program):
                result = self.assert_success(self.run_in(
                    ["-pf", "--mount-proc", "--kill-child"], sys.executable,
                    "-c", REBORN, program))
                self.assertGreaterEqual(
                    len(result.stdout.splitlines()), 6)
        # What it says of a process that ended are its last numbers.
        self.assertTrue(json.loads(result.stdout.splitlines()[-1])["gone"])

    def test_somebody_elses_numbers(self):
        # /proc is still that of the namespace outside.
        for program in ("pmt-tree", "pmt-process"):
            with self.subTest(program):
                result = self.run_in(["-pf"], program, "--", "sleep", "60")
                self.assert_status(result, 1)
                self.assertEqual(
                    result.stderr, "%s: /proc is of another PID namespace: "
                    "mount it anew, as unshare --mount-proc does\n" % program)
                self.assertEqual(result.stdout, "")


@needs_mounts
class Hidden(CrowdTest):

    def setUp(self):
        super().setUp()
        if self.as_nobody("hidepid=1", "pmt-tree", "-V").returncode != 0:
            self.skipTest("nobody is not to be had, or may not read the build")

    def test_hidden_is_not_gone(self):
        for program in ("pmt-tree", "pmt-process"):
            with self.subTest(program):
                result = self.as_nobody("hidepid=2", program, "-p", "1")
                self.assert_status(result, 1)
                self.assertEqual(
                    result.stderr, "%s: 1: there is such a process, but "
                    "/proc hides it (hidepid)\n" % program)
                result = self.as_nobody("hidepid=2", program, "-p", "4194304")
                self.assertEqual(result.stderr, "%s: 4194304: No such "
                                 "process\n" % program)
        result = self.as_nobody("hidepid=2", "pmt-heap", "-p", "1")
        self.assertIn("/proc hides it (hidepid)", result.stderr)

    def test_shown_but_closed(self):
        for program in ("pmt-tree", "pmt-process"):
            with self.subTest(program):
                result = self.as_nobody("hidepid=1", program, "-p", "1")
                self.assert_status(result, 1)
                self.assertEqual(result.stderr,
                                 "%s: 1: Permission denied\n" % program)

    def test_ones_own(self):
        for options in ("hidepid=2", "hidepid=4,subset=pid"):
            for program in ("pmt-tree", "pmt-process"):
                with self.subTest(program, options=options):
                    result = self.as_nobody(options, program, "--", "sh",
                                            "-c", "exit 7")
                    self.assert_status(result, 7)
                    self.assertEqual(result.stderr, "")


if __name__ == "__main__":
    pmttest.main()
