# SPDX-License-Identifier: MIT
"""Logs where others have put something before, or write at the same time."""
import os
import subprocess
import sys

import pmttest
from pmttest import run_program

# All versions have -p; it logs each call.
PROGRAM = """
import sys
def call(n):
    return n
def work():
    for n in range(20000):
        call(n)
work()
print("ready", flush=True)
sys.stdin.readline()
work()
print("done")
"""
OPTIONS = ["pmt-run", "--python", sys.executable, "-p", "--trigger", "0",
           "--text"]


class Planted(pmttest.TestCase):

    def run_log(self, *options, program="print('done')"):
        process = run_program(OPTIONS + list(options) + [
            "-o", self.path("x.log"), "-c", program])
        return process

    def test_nothing_is_followed(self):
        victim = self.write_file("victim", "precious")
        for ending in ".tail", ".older":
            os.symlink(victim, self.path("x.log" + ending))
        self.assert_success(self.run_log())
        self.assertEqual(self.read_file("victim"), "precious")
        self.assertTrue(self.read_file("x.log").endswith("\nEOF\n"))
        self.assertTrue(os.path.islink(self.path("x.log.older")))

    def test_what_is_not_ours_stays(self):
        for ending in ".tail", ".older":
            self.write_file("x.log" + ending, "precious")
        self.assert_success(self.run_log())
        for ending in ".tail", ".older":
            self.assertEqual(self.read_file("x.log" + ending), "precious")
        # A ring needs that name.
        refused = self.run_log("--ring", "1M")
        self.assert_status(refused, 125)
        self.assertIn("File exists", refused.stderr)
        self.assertEqual(self.read_file("x.log.older"), "precious")

    def test_the_older_half_of_a_replaced_log_goes(self):
        self.write_file("x.log.older", "SOF\nHDR: \n")
        self.assert_success(self.run_log())
        self.assertEqual(os.listdir(self.directory), ["x.log"])

    def test_a_pipe_for_a_tail(self):
        os.mkfifo(self.path("x.log.tail"))
        self.assert_success(self.run_log())

    def test_only_the_user_may_read_logs(self):
        # A log has a tail once it has more than a few rows.
        show = ("class Thing: pass\nfor i in range(99): Thing()\n"
                "import os, stat\nfor name in sorted(os.listdir(%r)):\n"
                "    print(name, oct(os.stat(os.path.join(%r, name)).st_mode"
                " & 0o777))" % (self.directory, self.directory))
        before = os.umask(0)
        try:
            process = self.assert_success(self.run_log(program=show))
        finally:
            os.umask(before)
        self.assertEqual(process.stdout, "x.log 0o600\nx.log.tail 0o400\n")

    def modes(self):
        return {name: oct(os.stat(self.path(name)).st_mode & 0o777)
                for name in os.listdir(self.directory)}

    def test_who_else_may_read_logs(self):
        program = "import os\nfor i in range(3000): os.getppid()\n"
        before = os.umask(0o77)
        try:
            # Of a ring both halves, and whatever the log had before.
            self.write_file("x.log", "")
            self.assert_success(self.run_log(
                "--mode", "0640", "--ring", "256K", program=program))
            self.assertEqual(self.modes(), {"x.log": "0o640",
                                            "x.log.older": "0o640"})
            show = program + "print(oct(os.stat(%r).st_mode))" % self.path(
                "x.log.tail")
            process = self.run_log("--mode=644", program=show)
            self.assertEqual(process.stdout, "0o100444\n")
        finally:
            os.umask(before)

    def test_modes_that_are_none(self):
        for mode in "0444", "1777", "rw", "", "8", "0640 ":
            self.assert_usage_error(self.run_log("--mode", mode),
                                    "--mode: '%s' is no file mode" % mode)


class Messages(pmttest.TestCase):
    """What is written can be read, however long a message is."""

    LIMIT = 1023 << 10

    def test_long_messages(self):
        program = ("import pmt\nwith pmt.Profile(filepath=%r, format=%r, "
                   "message='o' * 5000000) as profile:\n"
                   "    for n in %d, %d + 1, 5000000:\n"
                   "        profile.write_message_to_log('\\n' * n)\n")
        for name in "compact", "text":
            path = self.path(name)
            self.assert_success(run_program(
                [sys.executable, "-c", program % (path, name, self.LIMIT,
                                                  self.LIMIT)]))
            text = self.assert_success(run_program(
                ["pmt-analyse", "--text", path])).stdout
            # Of the opening message readers keep the beginning.
            self.assertRegex(text, "\\Ao{65000,%d}\nSOF\n" % self.LIMIT)
            self.assertEqual(text.count(" # " + "\n" * (self.LIMIT + 1)), 3)
            self.assertTrue(text.endswith("\nEOF\n"))


class Crowds(pmttest.TestCase):

    def start(self, path, program=PROGRAM):
        return subprocess.Popen(
            OPTIONS + ["-o", path, "-c", program], stdin=subprocess.PIPE,
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)

    def finish(self, process):
        out, err = process.communicate("\n", timeout=60)
        self.assertEqual((process.returncode, out), (0, "done\n"), err)
        return err

    def test_two_writers_of_one_log(self):
        path = self.path("x.log")
        first, second = self.start(path), None
        self.assertEqual(first.stdout.readline(), "ready\n")
        second = self.start(path)
        self.assertEqual(second.stdout.readline(), "ready\n")
        self.assertIn("log: %s\n" % path, self.finish(first))
        self.assertIn("log: %s.1\n" % path, self.finish(second))
        for name in "x.log", "x.log.1":
            text = self.read_file(name)
            self.assertTrue(text.endswith("\nEOF\n"))
            self.assertNotIn("\0", text)
            self.assertEqual(text.count(" call "), 80000)

    def test_a_tail_that_vanishes(self):
        process = self.start(self.path("x.log"))
        self.assertEqual(process.stdout.readline(), "ready\n")
        os.remove(self.path("x.log.tail"))
        self.finish(process)
        self.assertEqual(self.read_file("x.log").count(" call "), 80000)

    def test_a_pipe_whose_reader_leaves(self):
        """The program goes on, also if SIGPIPE would be its end."""
        default = "import signal\nsignal.signal(signal.SIGPIPE, 0)\n"
        for before in "", default:
            path = self.path("fifo")
            os.mkfifo(path)
            process = self.start(path, before + PROGRAM)
            with open(path, "rb") as reader:
                self.assertEqual(reader.read(4), b"SOF\n")
            self.assertEqual(process.stdout.readline(), "ready\n")
            self.assertIn("the log is incomplete: ", self.finish(process))
            os.remove(path)


class Limits(pmttest.TestCase):

    def test_without_proc(self):
        """All say so; none says that a process is not there."""
        hide = ["unshare", "-rm", "sh", "-c",
                'mount -t tmpfs none /proc && exec "$@"', "sh"]
        if subprocess.run(hide + ["true"], capture_output=True).returncode:
            self.skipTest("no mount namespace is to be had here")
        run = ["pmt-run", "--python", sys.executable, "-p", "-c", "1"]
        for command in (["pmt-tree", "-p", "1"], ["pmt-process", "-p", "1"],
                        ["pmt-tree", "--", "true"], run):
            process = run_program(hide + command)
            self.assertIn(process.returncode, (1, 125))
            self.assertIn("/proc", process.stderr)
            self.assertIn("mounted?", process.stderr)
        process = run_program(hide + [sys.executable, "-c", "import pmt\n"
                                      "with pmt.Profile(): pass"])
        self.assertIn("No such file or directory: '/proc/self/statm'",
                      process.stderr)

    def test_no_file_may_grow(self):
        """ulimit -f 0 is an error that is told."""
        for command in ("pmt-run -p -c 1", "pmt-analyse --help >x",
                        "pmt run -p -c 1"):
            process = run_program(
                ["sh", "-c", "ulimit -f 0; " + command], cwd=self.directory)
            self.assertGreater(process.returncode, 0)
            self.assertIn("File too large", process.stderr)


if __name__ == "__main__":
    pmttest.main()
