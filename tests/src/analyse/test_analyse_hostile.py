# SPDX-License-Identifier: MIT
"""Logs of strangers: reading changes nothing, and ends when told to."""
import hashlib
import json
import os
import signal
import struct
import subprocess
import time

import evil
import pmttest
from test_analyse_reference import HEADER, ROW

COMPACT_HEADER = b"\x93pmt\r\n\x1a\n\x01O\0\0\0\0\0\0"


def analyse(*args, **kwargs):
    return pmttest.run_program(["pmt-analyse"] + list(args), **kwargs)


def reference_row(address):
    return ROW % ("NEW:", 0.5, hex(address), 1, "Node", "node.py", 1, "make",
                  4096, 0) + "\n"


LOG = "SOF\n%s\n%s" % (HEADER, reference_row(0x10))


def tail(start, text):
    header = struct.pack("=8sQQ", b"pmttail\1", start, len(text))
    return header.ljust(4096, b"\0") + text


class Parts(pmttest.TestCase):
    """The files beside a log are read, and left as they are."""

    def setUp(self):
        self.log = self.write_file("x.log", LOG)

    def write_bytes(self, name, data):
        with open(self.path(name), "wb") as file:
            file.write(data)

    def state(self):
        found = {}
        for name in os.listdir(self.directory):
            status = os.lstat(self.path(name))
            found[name] = status.st_ino, status.st_mtime_ns, status.st_mode
            if os.path.isfile(self.path(name)):
                with open(self.path(name), "rb") as file:
                    found[name] += hashlib.sha256(file.read()).digest(),
        return found

    def made(self, *options):
        """The NEW rows that are read, of files that stay as they are."""
        before = self.state()
        process = analyse("--text", self.log, *options)
        self.assert_success(process)
        self.assertEqual(self.state(), before)
        return process.stdout.count("\nNEW:")

    def test_a_tail_is_read_and_stays(self):
        self.write_bytes("x.log.tail", tail(len(LOG),
                                            reference_row(0x20).encode()))
        for _ in range(2):
            self.assertEqual(self.made(), 2)

    def test_a_tail_takes_the_place_of_what_was_being_written(self):
        self.write_file("x.log", LOG + reference_row(0x20)[:50])
        self.write_bytes("x.log.tail", tail(len(LOG),
                                            reference_row(0x20).encode()))
        self.assertEqual(self.made(), 2)

    def test_a_log_may_be_in_its_tail_only(self):
        self.write_file("x.log", "")
        self.write_bytes("x.log.tail", tail(0, LOG.encode()))
        self.assertEqual(self.made(), 1)

    def test_a_directory_that_cannot_be_written(self):
        self.write_bytes("x.log.tail", tail(len(LOG),
                                            reference_row(0x20).encode()))
        os.chmod(self.directory, 0o500)
        try:
            self.assertEqual(self.made(), 2)
        finally:
            os.chmod(self.directory, 0o700)

    def test_what_is_no_tail(self):
        row = reference_row(0x20).encode()
        for name, data in (("none", b""), ("short", b"pmttail\1"),
                           ("text", b"something else" * 1000),
                           ("beyond the log", tail(len(LOG) + 1, row)),
                           ("beyond itself", tail(len(LOG), row)[:-1]),
                           ("huge", tail(2 ** 64 - 1, row))):
            with self.subTest(name):
                self.write_bytes("x.log.tail", data)
                self.assertEqual(self.made(), 1)

    def test_links_are_not_followed(self):
        victim = self.write_file("victim", "root:x:0:0:root\n")
        for ending in ".tail", ".older":
            os.symlink(victim, self.log + ending)
        self.assertEqual(self.made(), 1)
        os.remove(self.log + ".tail")
        self.write_bytes("real", tail(len(LOG), reference_row(2).encode()))
        os.symlink(self.path("real"), self.log + ".tail")
        self.assertEqual(self.made(), 1)

    def test_a_link_to_a_log_is_followed_and_kept(self):
        victim = self.write_file("victim", "root:x:0:0:root\n")
        os.remove(self.log)
        os.symlink(victim, self.log)
        self.write_bytes("x.log.tail", tail(0, LOG.encode()))
        before = self.state()
        analyse("--text", self.log)
        self.assertEqual(self.state(), before)

    def test_fifos_do_not_hang(self):
        os.mkfifo(self.log + ".tail")
        os.mkfifo(self.log + ".older")
        self.assertEqual(self.made(), 1)

    def test_a_log_that_is_a_fifo_is_opened_once(self):
        """Its writer waits at first, and would be killed by a close."""
        os.mkfifo(self.path("fifo"))
        with subprocess.Popen(["sh", "-c", 'exec cat "$0" >"$1"', self.log,
                               self.path("fifo")]) as writer:
            # If it comes late, nothing is tested, and nothing fails.
            time.sleep(0.1)
            try:
                process = analyse("--brief", self.path("fifo"), timeout=30)
                self.assertEqual(writer.wait(30), 0)
            finally:
                writer.kill()
        self.assert_success(process)
        self.assertIn("Node", process.stdout)


class Ends(pmttest.TestCase):

    def test_ended_without_closing(self):
        for log in LOG, LOG + reference_row(0x20):
            process = analyse("--brief", self.write_file("x.log", log))
            self.assert_success(process)
            self.assertIn("x.log: warning: ended without closing",
                          process.stderr)
        torn = analyse("--brief", self.write_file("x.log", LOG[:-2]))
        self.assert_status(torn, 1)
        self.assertIn("in the middle of a line", torn.stderr)

    def check_stops(self, start, number):
        """Behind its start the log goes on without end, in one line."""
        with subprocess.Popen(["pmt-analyse", "-"], stdin=subprocess.PIPE,
                              stdout=subprocess.DEVNULL,
                              stderr=subprocess.DEVNULL) as process:
            process.stdin.write(start)
            for _ in range(200):
                process.stdin.write(bytes(1 << 16))
            process.send_signal(number)
            with self.assertRaises(BrokenPipeError):
                for _ in range(100000):
                    process.stdin.write(bytes(1 << 16))
                    process.stdin.flush()
            self.assertEqual(process.wait(), -number)

    def test_signals_end_reading_without_end(self):
        for start in LOG.encode(), COMPACT_HEADER:
            for number in signal.SIGINT, signal.SIGTERM:
                self.check_stops(start, number)

    def test_what_has_no_end_and_is_no_log(self):
        process = analyse("/dev/zero")
        self.assert_status(process, 1)
        self.assertIn("not a log: binary data", process.stderr)

    def test_other_encodings(self):
        for encoding in "utf-16", "utf-16-be", "utf-16-le":
            with open(self.path("x.log"), "wb") as file:
                file.write(LOG.encode(encoding))
            process = analyse(self.path("x.log"))
            self.assert_status(process, 1)
            self.assertIn("UTF-16" if encoding == "utf-16"
                          else "binary", process.stderr)


class Names(evil.TestCase):
    """No name of a log, however written, steers a terminal or a line."""

    def test_every_output_of_pmt_analyse(self):
        for path in self.evil_logs():
            for options in ((), ("-l", "debug"), ("--brief",), ("--json",),
                            ("--csv",), ("--folded",), ("--text",),
                            ("--recurse-files",), ("--include-historical",
                                                   "--include-untracked"),
                            ("--full-path", "--group-by", "path,file")):
                process = analyse(*options, path)
                self.assert_safe(process)
                if "--text" in options:
                    with open(self.path("again"), "w") as file:
                        file.write(process.stdout)
                    self.assertEqual(analyse(
                        "--text", self.path("again")).stdout, process.stdout)

    def test_text_of_rows_that_break_off(self):
        process = analyse("--text", pmttest.data("logs",
                                                 "upstream-profile.log"))
        self.assertNotIn("\0", process.stdout)
        self.assertIn("MSG:  18           +17     3.153134     # a row without "
                      "its place\n", process.stdout)
        again = analyse("--text", self.write_file("x.log", process.stdout))
        self.assertEqual(again.stdout, process.stdout)

    def test_text_has_the_columns_of_the_log(self):
        for header, row in (
                ("HDR: Clock Address RefCnt Type File Line Function RSS dRSS",
                 "NEW: 0.5 0x10 7 T f.py 3 f 4096 4096"),
                ("HDR: Clock Address LiveCnt Type File Line Function",
                 "NEW: 0.5 0x10 1 T f.py 3 f"),
                ("HEDR: Clock What File Line Function RSS",
                 "NEXT: 0.5 CALL f.py 3 f 4096")):
            log = "SOF\n%s\n%s\nEOF\n" % (header, row)
            text = analyse("--text", self.write_file("x.log", log)).stdout
            expected = header.replace(" RefCnt", "").split()
            self.assertEqual(text.splitlines()[1].split(), expected)
            self.assertEqual(len(text.splitlines()[2].split()), len(expected))
            again = analyse("--text", self.write_file("x.log", text))
            self.assertEqual(again.stdout, text)

    def test_what_is_no_log(self):
        path = self.path("x")
        with open(path, "wb") as file:
            file.write(evil.EVIL)
        self.assert_safe(analyse(path))
        self.assert_safe(analyse(os.fsencode(self.path("no")) + evil.EVIL))

    def test_records_of_pmt_process(self):
        label = evil.EVIL.replace(b"\x9b31m", b"", 1).decode() + "\nx"
        record = {"timestamp": "2026-11-26 10:00:00.000000", "pid": 1,
                  "label": label, "memory_info": {"rss": 1, "vms": 2},
                  "cpu_times": {"user": 1, "system": 1}, "elapsed_time": 1.0,
                  "page_faults": 1, "mean_cpu": 1.0, "inst_cpu": 1.0}
        path = os.fsencode(self.directory) + b"/" + evil.EVIL
        with open(path, "w") as file:
            for tail in "", "x":
                file.write("(pid) process.py#1 %s%s\n" % (
                    json.dumps(record), tail))
            file.write(json.dumps(record) + "\n" + label + "\n{" + label)
        for options in (), ("--csv",), ("--json",):
            self.assert_safe(pmttest.run_program(
                ["pmt-process"] + list(options) + [path]))

    def test_processes(self):
        name = evil.EVIL[:15]
        code = ("import ctypes, sys\n"
                "ctypes.CDLL(None).prctl(15, %r)\n"
                "print('ready', flush=True)\nsys.stdin.read()" % name)
        arguments = evil.EVIL.decode("utf-8", "surrogateescape")
        with pmttest.waiting(code, arguments) as process:
            for command in (("pmt-tree", "--cmdline"), ("pmt-tree", "--csv"),
                            ("pmt-tree", "--json=/dev/stdout"),
                            ("pmt-tree", "--sep=,", "--cmdline"),
                            ("pmt-process",), ("pmt-process", "--csv"),
                            ("pmt-process", "--json"),
                            ("pmt-process", "--openmetrics")):
                self.assert_safe(self.assert_success(pmttest.run_program(
                    command + ("--count=1", "-p", str(process.pid)))))


if __name__ == "__main__":
    pmttest.main()
