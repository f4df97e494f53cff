# SPDX-License-Identifier: MIT
"""pmt.process: records through logging, labels, and the readers."""
import argparse
import asyncio
import functools
import io
import json
import logging
import os
import shutil
import signal
import subprocess
import sys
import threading
import time
import unittest
import warnings

import psutil

import pmttest
from pmt import process


class Lines(logging.Handler):
    """Keeps what is logged."""

    def __init__(self):
        super().__init__()
        self.lines = []

    def emit(self, record):
        self.lines.append((record.levelno, record.getMessage()))


class LoggingTest(pmttest.TestCase):

    def setUp(self):
        self.handler = Lines()
        logger = logging.getLogger("pmt.process")
        logger.addHandler(self.handler)
        logger.setLevel(logging.DEBUG)
        self.addCleanup(logger.removeHandler, self.handler)

    def records(self):
        """(prefix, record) of each line."""
        return [(text.partition(" ")[0], json.loads(text.partition(" ")[2]))
                for _, text in self.handler.lines]

    def kinds(self):
        return [prefix.replace("ProcessLoggingThread-JSON", "")
                for prefix, _ in self.records()]


class Thread(LoggingTest):

    @pmttest.not_sanitized
    def test_records_agree_with_psutil(self):
        with process.log_process(3600):
            pass
        self.assertEqual(self.kinds(), ["-START", "-STOP"])
        this = psutil.Process()
        record = self.records()[-1][1]
        self.assertEqual(list(record)[:5], ["timestamp", "memory_info",
                                            "cpu_times", "elapsed_time",
                                            "pid"])
        self.assertEqual(record["pid"], os.getpid())
        for key, value in this.memory_info()._asdict().items():
            self.assertAlmostEqual(record["memory_info"][key], value,
                                   delta=4 << 20)
        for key, value in this.cpu_times()._asdict().items():
            self.assertAlmostEqual(record["cpu_times"][key], value, delta=0.5)
        self.assertAlmostEqual(record["elapsed_time"],
                               time.time() - this.create_time(), delta=60)
        # B-40, B-54: psutil has no faults on Linux.
        self.assertGreater(record["page_faults"]["minor"], 1000)
        self.assertEqual(record["memory_info"]["pfaults"],
                         sum(record["page_faults"].values()))

    def test_ticks(self):
        with process.log_process(interval=0.01):
            while len(self.handler.lines) < 6:
                time.sleep(0.01)
        self.assertEqual(set(self.kinds()[1:-1]), {""})

    def test_positional_interval_and_level(self):
        # B-44.
        with process.log_process(3600, logging.WARNING):
            pass
        self.assertEqual({level for level, _ in self.handler.lines},
                         {logging.WARNING})

    def test_leaving_does_not_wait(self):
        # B-42: an interval of an hour does not hold us.
        with process.log_process(3600) as thread:
            pass
        self.assertFalse(thread.is_alive())

    def test_labels_are_logged_at_once(self):
        with process.log_process(3600) as thread:
            thread.add_message_to_queue('a "label"\nof two lines \u2713')
            while len(self.handler.lines) < 2:
                time.sleep(0.001)
        self.assertEqual(self.records()[1][1]["label"],
                         'a "label"\nof two lines \u2713')
        self.assertNotIn("\n", self.handler.lines[1][1])

    def test_a_label_has_the_time_and_memory_of_its_call(self):
        # Also while the thread cannot run.
        hold = threading.Event()
        self.handler.emit, emit = lambda record: (
            hold.wait(), emit(record)), self.handler.emit
        with process.log_process(3600) as thread:
            thread.add_message_to_queue("before")
            block = b"x" * (100 << 20)
            thread.add_message_to_queue("after")
            hold.set()
        del block
        before, after = [record for _, record in self.records()
                         if "label" in record]
        self.assertGreater(after["memory_info"]["rss"] -
                           before["memory_info"]["rss"], 90 << 20)

    def test_text_put_into_the_queue(self):
        with process.log_process(3600) as thread:
            thread.process_queue.put("by hand")
        self.assertEqual(self.records()[1][1]["label"], "by hand")

    def test_labels_that_wait_are_not_lost(self):
        # B-43: one reader of the queue, so nobody hangs.
        with process.log_process(3600) as thread:
            for i in range(200):
                thread.add_message_to_queue("label %d" % i)
        self.assertEqual([record["label"] for _, record in self.records()
                          if "label" in record],
                         ["label %d" % i for i in range(200)])
        self.assertEqual(self.kinds()[-1], "-STOP")

    def test_labels_from_many_threads(self):
        def work(name):
            for i in range(50):
                thread.add_message_to_queue("%s %d" % (name, i))
        with process.log_process(0.001) as thread:
            pmttest.in_threads(*(functools.partial(work, name)
                                 for name in "abcd"))
        labels = [record["label"] for _, record in self.records()
                  if "label" in record]
        self.assertEqual(sorted(labels), sorted(
            "%s %d" % (name, i) for name in "abcd" for i in range(50)))

    def test_exception_in_the_block(self):
        with self.assertRaises(ZeroDivisionError):
            with process.log_process(3600):
                1 // 0
        self.assertEqual(self.kinds(), ["-START", "-STOP"])

    def test_join_twice(self):
        thread = process.ProcessLoggingThread(3600)
        thread.start()
        thread.join()
        thread.join()
        self.assertEqual(self.kinds(), ["-START", "-STOP"])

    def test_the_end_of_another_process(self):
        # B-41: no traceback, the last record says so.
        child = subprocess.Popen(["sleep", "60"])
        with process.log_process(0.01, pid=child.pid) as thread:
            while len(self.handler.lines) < 3:
                time.sleep(0.001)
            child.kill()
            child.wait()
            threading.Thread.join(thread, 60)
            self.assertFalse(thread.is_alive())
            thread.add_message_to_queue("too late")
        prefix, stop = self.records()[-1]
        self.assertEqual(prefix, process.LOGGER_PREFIX_STOP)
        self.assertIs(stop["gone"], True)
        self.assertGreater(stop["memory_info"]["rss"], 0)

    def test_a_process_that_nobody_waits_for(self):
        # A zombie has no memory: the last numbers are those of before.
        with subprocess.Popen(["sleep", "60"]) as child:
            with process.log_process(0.01, pid=child.pid) as thread:
                while not self.handler.lines:
                    time.sleep(0.001)
                child.kill()
                os.waitid(os.P_PID, child.pid, os.WEXITED | os.WNOWAIT)
                threading.Thread.join(thread, 60)
                self.assertFalse(thread.is_alive())
            self.assertIs(self.records()[-1][1]["gone"], True)
            for _, record in self.records():
                self.assertGreater(record["memory_info"]["rss"], 0)
            with process.log_process(0.01, pid=child.pid):
                pass
        self.assertEqual(self.handler.lines[-1][1],
                         "process %d has ended" % child.pid)

    def test_it_is_a_daemon(self):
        # B-47.
        self.assertTrue(process.ProcessLoggingThread().daemon)

    def test_exit_without_join(self):
        result = self.assert_success(pmttest.run_python(
            "import logging, sys\n"
            "from pmt import process\n"
            "logging.basicConfig(stream=sys.stdout, level=20)\n"
            "thread = process.ProcessLoggingThread(3600)\n"
            "thread.start()\n"
            "thread.add_message_to_queue('last words')\n"))
        self.assertIn('"label": "last words"', result.stdout)
        self.assertIn("ProcessLoggingThread-JSON-STOP", result.stdout)
        self.assertEqual(result.stderr, "")

    def test_bad_arguments(self):
        for interval in (0, -1, float("nan"), float("inf")):
            with self.assertRaisesRegex(ValueError, "interval"):
                process.ProcessLoggingThread(interval)
        with self.assertRaises(psutil.NoSuchProcess):
            process.ProcessLoggingThread(pid=4194304)
        with self.assertRaises(TypeError):
            process.log_process(nonsense=1).__enter__()

    def test_without_psutil(self):
        result = self.assert_success(pmttest.run_python(
            "import sys\nsys.modules['psutil'] = None\n"
            "from pmt import process\n"
            "try:\n    process.ProcessLoggingThread()\n"
            "except ImportError as error:\n    print(error)\n"))
        self.assertIn("needs psutil", result.stdout)


class Decorator(LoggingTest):

    def test_function(self):
        @process.log_process_dec(interval=3600)
        def double(x):
            """Documented."""
            return 2 * x
        self.assertEqual(double(4), 8)
        self.assertEqual(double.__doc__, "Documented.")
        self.assertEqual(self.kinds(), ["-START", "-STOP"])

    def test_coroutine(self):
        @process.log_process_dec(3600)
        async def wait():
            await asyncio.sleep(0)
            return len(self.handler.lines)
        asyncio.run(wait())
        self.assertEqual(self.kinds(), ["-START", "-STOP"])

    def test_argument_parser(self):
        parser = argparse.ArgumentParser()
        process.add_process_logger_to_argument_parser(parser)
        self.assertEqual(parser.parse_args([]).log_process, 0.0)
        self.assertEqual(parser.parse_args(
            ["--log-process", "2.5"]).log_process, 2.5)


class Reading(LoggingTest):

    def load(self, name):
        with open(pmttest.data("process", name)) as file:
            return process.extract_json(file)

    def test_extract_json(self):
        records = self.load("psutil-macos.log")
        self.assertEqual(len(records), 5)
        self.assertEqual(records[0]["timestamp"].isoformat(),
                         "2026-03-20T10:00:01")
        self.assertEqual(
            [record["label"]
             for record in process.extract_labels_from_json(records)],
            ['loaded the "big" file', "same tick", "other process"])

    def test_message_alone(self):
        # The original wanted at least one character before the prefix.
        with process.log_process(3600):
            pass
        text = "".join(line + "\n" for _, line in self.handler.lines)
        self.assertEqual(len(process.extract_json(io.StringIO(text))), 2)

    def test_records_of_pmt_process(self):
        for option in ("--json", "--classic"):
            result = self.assert_success(pmttest.run_program(
                ["pmt-process", option, "-p", str(os.getpid()), "--count=2",
                 "-i", "0.01"]))
            records = process.extract_json(io.StringIO(result.stdout))
            self.assertEqual(len(records), 3)
            self.assertEqual(records[0]["pid"], os.getpid())

    def test_broken_records(self):
        text = ("x ProcessLoggingThread-JSON {\"pid\": \n{\"a\": 1}\n"
                "x ProcessLoggingThread-JSON {}\nother\n")
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            self.assertEqual(process.extract_json(io.StringIO(text)), [])
        self.assertEqual([str(w.message) for w in caught], [
            "1 broken process records, the first in line 1"])

    def test_table_is_that_of_the_program(self):
        for name in ("psutil-macos.log", "psutil-linux.log"):
            table, t_min, t_max, rss_min, rss_max = (
                process.extract_json_as_table(self.load(name)))
            out = self.assert_success(pmttest.run_program(
                ["pmt-process", pmttest.data("process", name)])).stdout
            lines = iter(out.splitlines())
            for pid, rows in table.items():
                next(lines)
                for row in rows:
                    # Which repeats the rates for a second label of a tick.
                    if "same tick" in row[-1]:
                        next(lines)
                        continue
                    self.assertEqual(" ".join(row).rstrip(),
                                     next(lines).rstrip())
                next(lines)
        self.assertIsNone(next(lines, None))
        self.assertLess(t_min[pid], t_max[pid])
        self.assertEqual(rss_min[pid], rss_max[pid])

    def test_write_log_to_stdout(self):
        log = pmttest.data("process", "psutil-macos.log")
        code = "from pmt import process; process.write_log_to_stdout(%r)" % log
        self.assertEqual(
            self.assert_success(pmttest.run_python(code)).stdout,
            pmttest.run_program(["pmt-process", log]).stdout)

    def test_example(self):
        result = self.assert_success(pmttest.run_program(
            [sys.executable, os.path.join(pmttest.srcdir, "examples",
                                          "labels.py"), "0.2"]))
        log = self.write_file("labels.log", result.stderr)
        out = self.assert_success(pmttest.run_program(
            ["pmt-process", log])).stdout
        for label in ("read the file", "parse it", "throw the text away"):
            self.assertIn(" # %s\n" % label, out)

    @unittest.skipIf(shutil.which("gnuplot") is None,
                     "gnuplot is not installed")
    def test_invoke_gnuplot(self):
        log = pmttest.data("process", "psutil-macos.log")
        self.assertEqual(process.invoke_gnuplot(log, self.path("plots")), 0)
        self.assertIn("psutil-macos.log_70001.png",
                      os.listdir(self.path("plots")))


class CommandLine(LoggingTest):

    def test_log_until_interrupted(self):
        with subprocess.Popen(
                [sys.executable, "-m", "pmt.process", "-i", "3600", "-p",
                 str(os.getpid())], stderr=subprocess.PIPE) as command:
            line = command.stderr.readline()
            command.send_signal(signal.SIGINT)
            rest = command.stderr.read()
            self.assertEqual(command.wait(), 130)
        self.assertRegex(line.decode(), r"^\d{4}-\d\d-\d\d .* - process\.py#"
                         r"\d+ - +\d+ - \(ProcMon   \) - INFO     - "
                         r"ProcessLoggingThread-JSON-START \{")
        self.assertIn(b"ProcessLoggingThread-JSON-STOP {", rest)
        self.assertNotIn(b"Traceback", rest)

    def test_missing_process(self):
        result = pmttest.run_program([sys.executable, "-m", "pmt.process",
                                      "-p", "4194304"])
        self.assert_status(result, 1)
        self.assertEqual(len(result.stderr.splitlines()), 1)

    def test_summary(self):
        result = self.assert_success(pmttest.run_program(
            [sys.executable, "-m", "pmt.process",
             pmttest.data("process", "psutil-macos.log")]))
        self.assertIn(" PID: 70001 DONE ", result.stdout)


if __name__ == "__main__":
    pmttest.main()
