# SPDX-License-Identifier: MIT
"""pmt-run --pid: programs that run already, and go on as if nothing was."""
import functools
import os
import random
import re
import signal
import subprocess
import sys
import time

import pmttest

PYTHONS = os.environ["PMT_PYTHONS"].split()
# A thousand is what the release was tried with.
CYCLES = int(os.environ.get("PMT_ATTACH_CYCLES", "4"))
ANY_TRACER = "-p", "-t"

BUSY = """
import sys, threading

class Thing:
    pass

things, stop = [], threading.Event()

def make(number):
    thing = Thing()
    thing.number = number
    if number % 10 == 0:
        things.append(thing)

def spin():
    while not stop.is_set():
        sum(range(100))

for _ in range(2):
    threading.Thread(target=spin, daemon=True).start()
print("ready", flush=True)
threading.Thread(target=lambda: (sys.stdin.read(), stop.set())).start()
path = list(sys.path)
before = set(vars())
number = 0
while not stop.is_set():
    make(number)
    number += 1
    if len(things) > 1000:
        del things[:500]        # whenever we look, some are alive
print(sorted(set(vars()) - before), "pmtboot" in sys.modules,
      [entry for entry in sys.path if entry not in path], sys.getprofile(),
      sys.gettrace())
"""
UNHARMED = "['before', 'number'] False [] None None\n"


def on_each(test):
    @functools.wraps(test)
    def run(self):
        for python in PYTHONS:
            with self.subTest(python=python):
                test(self, python)
    return run


class AttachTest(pmttest.TestCase):

    def setUp(self):
        if pmttest.sanitized:
            self.skipTest("LeakSanitizer and ptrace exclude each other")
        if not pmttest.may_attach():
            self.skipTest("the kernel lets nobody stop a process here")

    def start(self, code, python=sys.executable, **kwargs):
        """A program that has said that it is ready; it ends with its input."""
        process = subprocess.Popen(
            [python, "-c", code], stdin=subprocess.PIPE,
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
            cwd=self.directory, **kwargs)
        self.addCleanup(process.kill)
        self.assertEqual(process.stdout.readline(), "ready\n")
        return process

    def attach(self, process, *options, status=0):
        got = pmttest.run_program(
            ["pmt-run", "--pid", str(process.pid)] + list(options),
            cwd=self.directory)
        self.assert_status(got, status)
        return got

    def assert_ends(self, process, out):
        told, errors = process.communicate(timeout=60)
        self.assertEqual((told, errors, process.returncode), (out, "", 0))


class Busy(AttachTest):

    @on_each
    def test_changes(self, python):
        """Unharmed by any number of tracers, one after the other."""
        process = self.start(BUSY, python)
        for cycle in range(CYCLES):
            log = self.path("%d.pmt" % cycle)
            self.attach(process, ANY_TRACER[cycle % 2], "-q", "-d", "0.01",
                        "--trigger", "0", "-o", log)
            told = pmttest.run_program(["pmt-analyse", "--brief", log])
            self.assert_success(told)
            self.assertIn("Tracer: pmt", told.stdout)
            os.remove(log)
        self.assert_ends(process, UNHARMED)
        self.assertEqual(os.listdir(self.directory), [])

    def test_calls(self):
        process = self.start(BUSY)
        told = self.attach(process, "-p", "--trigger", "0", "-d", "0.2", "-o",
                           "calls.log")
        self.assertIn("tracing process %d, Python" % process.pid, told.stderr)
        self.assertIn("events, memory", told.stderr)
        log = self.read_file("calls.log")
        self.assertTrue(" make " in log)
        self.assertFalse([line for line in log.splitlines()
                          if "CALL" in line and "pmtboot" in line.split()[5]])
        self.assert_ends(process, UNHARMED)

    @pmttest.needs_reference_tracing
    def test_references(self):
        process = self.start(BUSY)
        self.attach(process, "-r", "--no-builtins", "-d", "0.2", "-o",
                    "objects.log")
        told = pmttest.run_program(["pmt-analyse", "objects.log"],
                                   cwd=self.directory)
        self.assertIn("__main__.Thing", told.stdout)
        # A child looked for that; the program is asked until it has.
        log = self.read_file("objects.log")
        self.assertEqual(log.count("Looking who holds what is alive"), 1)
        self.assertEqual(log.count("Who holds what is alive:"), 1)
        self.assertIn("__main__.things[*]", log)
        self.assert_ends(process, UNHARMED)

    @pmttest.needs_reference_tracing
    def test_how_long_a_list_was_at_first(self):
        process = self.start(
            "import select\nclass Thing: pass\n"
            "things = [Thing() for _ in range(2000)]\n"
            "print('ready', flush=True)\n"
            "while not select.select([0], [], [], 0.001)[0]:\n"
            "    things.append(Thing())")
        self.attach(process, "-r", "--no-builtins", "-d", "0.2", "-o",
                    "objects.log")
        grew = re.findall(r"by __main__\.things\[\*\]; its list grew from "
                          r"(\d+) to (\d+)\n", self.read_file("objects.log"))
        self.assertEqual(len(grew), 1)
        before, after = map(int, grew[0])
        self.assertGreaterEqual(before, 2000)
        self.assertGreater(after, before)
        self.assert_ends(process, "")

    @pmttest.needs_reference_tracing
    def test_summary(self):
        process = self.start(BUSY)
        told = self.attach(process, "-r", "--summary", "-d", "0.2", "-o",
                           "summary.txt")
        self.assertIn("summary: ", told.stderr)
        self.assertIn("__main__.Thing", self.read_file("summary.txt"))
        self.assert_ends(process, UNHARMED)

    def test_snapshot(self):
        """Which objects there are, with no tracing at all."""
        process = self.start(
            "import sys\nclass Thing: pass\n"
            "things = [Thing() for _ in range(12345)]\n"
            "print('ready', flush=True)\n"
            "import select\n"
            "while not select.select([0], [], [], 0.05)[0]: pass")
        told = self.attach(process, "--heap-snapshot", "-o", "h.pmtheap")
        self.assertIn("heap snapshot: " + self.path("h.pmtheap"), told.stderr)
        told = pmttest.run_program(["pmt-analyse", "h.pmtheap"],
                                   cwd=self.directory)
        self.assertRegex(told.stdout, r"12345 .*__main__\.Thing")
        self.assert_ends(process, "")

    def test_who_writes_a_snapshot_is_killed(self):
        process = self.start(
            "things = [{} for _ in range(300000)]\n"
            "print('ready', flush=True)\n"
            "import select\n"
            "while not select.select([0], [], [], 0.05)[0]: pass")
        children = "/proc/%d/task/%d/children" % (process.pid, process.pid)
        if not os.path.exists(children):
            self.skipTest("the kernel does not tell of children")
        watcher = subprocess.Popen(
            ["pmt-run", "--pid", str(process.pid), "--heap-snapshot", "-o",
             "h.pmtheap"], stderr=subprocess.PIPE, text=True,
            cwd=self.directory)
        while watcher.poll() is None:
            with open(children) as file:
                writer = file.read().split()
            if writer and os.path.exists(self.path("h.pmtheap.part")):
                os.kill(int(writer[0]), signal.SIGKILL)
                break
        told = watcher.communicate(timeout=60)[1]
        if os.path.exists(self.path("h.pmtheap")):
            self.skipTest("it was done before it could be killed")
        self.assertIn("no heap snapshot: ", told)
        self.assertEqual(watcher.returncode, 125)
        self.assertEqual(os.listdir(self.directory), [])
        self.assert_ends(process, "")

    def test_no_snapshot(self):
        """Who asked for one, and got none, is told so by the status."""
        process = self.start(BUSY)
        told = self.attach(process, "--heap-snapshot", "-q", "-o",
                           "no/such/h.pmtheap", status=125)
        self.assertIn("no heap snapshot: ", told.stderr)
        told = pmttest.run_program(
            ["pmt-heap", "-p", str(process.pid), "-o", "no/such/h.pmtheap"],
            cwd=self.directory)
        self.assert_status(told, 125)
        self.assertEqual(told.stdout, "")
        self.assert_ends(process, UNHARMED)

    def test_interrupt(self):
        """^C ends the watching, not the program."""
        process = self.start(BUSY)
        watcher = subprocess.Popen(
            ["pmt-run", "--pid", str(process.pid), "-p", "-o", "log.pmt"],
            stderr=subprocess.PIPE, text=True, cwd=self.directory)
        self.assertIn("^C ends that", watcher.stderr.readline())
        watcher.send_signal(signal.SIGINT)
        told = watcher.communicate(timeout=60)[1]
        self.assertEqual(watcher.returncode, 0)
        self.assertIn("events, memory", told)
        self.assert_ends(process, UNHARMED)

    def test_program_ends(self):
        """Then its log ends as a log does, and we do, too."""
        process = self.start(BUSY)
        watcher = subprocess.Popen(
            ["pmt-run", "--pid", str(process.pid), "-p", "-o", "log.pmt"],
            stderr=subprocess.PIPE, text=True, cwd=self.directory)
        watcher.stderr.readline()
        process.communicate(timeout=60)
        told = watcher.communicate(timeout=60)[1]
        self.assertEqual((process.returncode, watcher.returncode), (0, 0))
        self.assertIn("events, memory", told)

    def test_program_dies(self):
        process = self.start(BUSY)
        watcher = subprocess.Popen(
            ["pmt-run", "--pid", str(process.pid), "-p", "-o", "log.pmt"],
            stderr=subprocess.PIPE, text=True, cwd=self.directory)
        watcher.stderr.readline()
        process.kill()
        told = watcher.communicate(timeout=60)[1]
        self.assertEqual(watcher.returncode, 0)
        self.assertIn("no summary: the program ended meanwhile", told)
        self.assertNotIn("log.pmt.tail", os.listdir(self.directory))

    def test_two_at_once(self):
        process = self.start(BUSY)
        watcher = subprocess.Popen(
            ["pmt-run", "--pid", str(process.pid), "-p", "-o", "log.pmt"],
            stderr=subprocess.PIPE, text=True, cwd=self.directory)
        watcher.stderr.readline()
        told = self.attach(process, "-p", "-d", "1", status=125)
        self.assertIn("another pmt-run is attached to it", told.stderr)
        watcher.send_signal(signal.SIGTERM)
        watcher.communicate(timeout=60)
        self.assert_ends(process, UNHARMED)


class Edges(AttachTest):

    @on_each
    def test_start_and_end(self, python):
        """At no moment of its short life is a program killed by it."""
        for _ in range(max(CYCLES, 8)):
            process = subprocess.Popen(
                [python, "-c", "import atexit, json\n"
                 "atexit.register(print, 'end')\nprint('begin')"],
                stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
            self.addCleanup(process.kill)
            try:
                process.wait(random.random() * 0.04)
            except subprocess.TimeoutExpired:
                pass
            told = pmttest.run_program(
                ["pmt-run", "--pid", str(process.pid), "-p", "-q", "-o",
                 self.path("log.pmt")], cwd=self.directory)
            self.assertIn(told.returncode, (0, 125), told.stderr)
            self.assertEqual(process.communicate(timeout=60),
                             ("begin\nend\n", ""))
            self.assertEqual(process.returncode, 0)

    @on_each
    def test_waits_for_a_lock(self, python):
        """A main thread that joins others is woken."""
        if os.uname().machine != "x86_64":
            self.skipTest("no thread is woken on this machine")
        process = self.start(
            "import sys, threading\n"
            "print('ready', flush=True)\n"
            "thread = threading.Thread(target=sys.stdin.read)\n"
            "thread.start(); thread.join()", python)
        self.attach(process, "-p", "-q", "-d", "0.01", "-o", "log.pmt")
        self.assert_ends(process, "")

    def wait_for_read(self, pid):
        """Until its main thread is in read(2) of its standard input.

        0 is that on x86-64, 63 on others.
        """
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            with open("/proc/%d/syscall" % pid) as file:
                if file.read().split()[:2] in (["0", "0x0"], ["63", "0x0"]):
                    return
            time.sleep(0.01)
        self.fail("it never read")

    def wait_for_signals(self, watcher):
        """Until it takes SIGINT when it wants to."""
        blocked = 0
        while not blocked & 1 << (signal.SIGINT - 1):
            self.assertIsNone(watcher.poll())
            with open("/proc/%d/status" % watcher.pid) as status:
                blocked = int(re.search(r"SigBlk:\s*(\w+)",
                                        status.read()).group(1), 16)

    def test_waits_in_the_kernel(self):
        """Nothing reaches it in read(2), and nothing is left there."""
        process = self.start("import sys\nprint('ready', flush=True)\n"
                             "sys.stdin.buffer.raw.read(1)")
        self.wait_for_read(process.pid)
        watcher = subprocess.Popen(
            ["pmt-run", "--pid", str(process.pid), "-p"], text=True,
            stderr=subprocess.PIPE, cwd=self.directory)
        self.wait_for_signals(watcher)
        watcher.send_signal(signal.SIGINT)
        told = watcher.communicate(timeout=60)[1]
        self.assertIn("given up, and nothing was changed", told)
        self.assertEqual(watcher.returncode, 125)
        self.assert_ends(process, "")
        self.assertEqual(os.listdir(self.directory), [])

    def test_sleeps(self):
        """As an idle server: once for a snapshot, if it is long."""
        process = self.start(
            "import select, threading\n"
            "class Thing: pass\n"
            "things = [Thing() for _ in range(12345)]\n"
            "print('ready', flush=True)\n"
            "select.select([], [], [], 2.5)\n"
            "while not select.select([0], [], [], 0.01)[0]: pass")
        told = self.attach(process, "--heap-snapshot", "-o", "h.pmtheap")
        if "waiting for it" in told.stderr:
            self.assertIn("its main thread waits in select(2); waiting for "
                          "it; given up after 60 s; ^C gives up\n",
                          told.stderr)
        told = pmttest.run_program(["pmt-analyse", "h.pmtheap"],
                                   cwd=self.directory)
        self.assertRegex(told.stdout, r"12345 .*__main__\.Thing")
        self.assert_ends(process, "")

    def test_is_given_up(self):
        process = self.start("import sys\nprint('ready', flush=True)\n"
                             "sys.stdin.buffer.raw.read(1)")
        self.wait_for_read(process.pid)
        told = self.attach(process, "-p", "--wait=0.1", status=125)
        self.assertIn("process %d did not get to it in 0.1 s, and nothing was "
                      "changed: its main thread waits in read(2); --wait "
                      "waits longer\n" % process.pid, told.stderr)
        told = pmttest.run_program(
            ["pmt-heap", "-p", str(process.pid), "--wait=0.1"],
            cwd=self.directory)
        self.assert_status(told, 125)
        self.assertIn("in 0.1 s", told.stderr)
        self.assert_ends(process, "")
        self.assertEqual(os.listdir(self.directory), [])

    def test_cannot_be_left(self):
        """What was begun and cannot be ended is not called unchanged."""
        process = self.start(
            "import os, threading\n"
            "run = threading.Event()\n"
            "threading.Thread(target=lambda: (os.read(0, 1),"
            " run.set())).start()\n"
            "print('ready', flush=True)\n"
            "while not run.is_set(): pass\n"
            "os.read(0, 1)")
        watcher = subprocess.Popen(
            ["pmt-run", "--pid", str(process.pid), "-p", "-o", "log.pmt"],
            text=True, stderr=subprocess.PIPE, cwd=self.directory)
        self.assertIn("^C ends that", watcher.stderr.readline())
        process.stdin.write("x")
        process.stdin.flush()
        self.wait_for_read(process.pid)
        watcher.send_signal(signal.SIGINT)
        watcher.send_signal(signal.SIGTERM)
        told = watcher.communicate(timeout=60)[1]
        self.assertIn("is traced until it ends", told)
        self.assertNotIn("nothing was changed", told)
        self.assert_ends(process, "")

    def test_no_python(self):
        sleeper = subprocess.Popen(["sleep", "60"])
        told = self.attach(sleeper, "-p", status=125)
        self.assertIn("is no Python", told.stderr)
        sleeper.kill()
        sleeper.wait()
        told = self.attach(sleeper, "-p", status=125)
        self.assertIn("there is no process", told.stderr)

    def test_no_log(self):
        """What the program could not do is told, and it goes on."""
        process = self.start(BUSY)
        told = self.attach(process, "-p", "-o", "no/such/log.pmt", status=125)
        self.assertIn("No such file or directory", told.stderr)
        self.assert_ends(process, UNHARMED)

    def test_usage(self):
        for options, text in (
                (["-p", "x.py"], "there is a program to run, too"),
                (["-a"], "begin with the program"),
                ([], "say what to watch"),
                (["--heap-snapshot=3"], "one heap snapshot"),
                (["-p", "--python", "x"], "its interpreter runs already")):
            told = pmttest.run_program(["pmt-run", "--pid", "1"] + options)
            self.assertIn(text, told.stderr)
        told = pmttest.run_program(["pmt-run", "-d", "1", "x.py"])
        self.assertIn("--duration is of --pid", told.stderr)
        told = pmttest.run_program(["pmt-run", "--wait", "1", "x.py"])
        self.assertIn("--wait is of --pid", told.stderr)


if __name__ == "__main__":
    pmttest.main()
