# SPDX-License-Identifier: MIT
"""When does this process grow?  Log it from inside, at intervals.

    from pmt import process
    with process.log_process(interval=1.0, log_level=logging.INFO) as logged:
        ...
        logged.add_message_to_queue("the big file is loaded")

Each record is a line of the program's own log, "ProcessLoggingThread-JSON"
and a JSON object.  pmt-process LOG shows them, pmt-process LOG DIRECTORY
plots them.  Needs psutil; to watch without it, or from outside, use
pmt-process.
"""
import argparse
import atexit
import contextlib
import datetime
import json
import logging
import queue
import sys
import threading
import time

from pmt._around import around
from pmt._processlog import (
    DATETIME_NOW_FORMAT, LOGGER_PREFIX, LOGGER_PREFIX_START,
    LOGGER_PREFIX_STOP, extract_json, extract_json_as_table,
    extract_labels_from_json, invoke_gnuplot, parse_timestamp,
    write_log_to_stdout)
from pmt._programs import find_program

__all__ = ["LOGGER_PREFIX", "LOGGER_PREFIX_START", "LOGGER_PREFIX_STOP",
           "ProcessLoggingThread", "add_process_logger_to_argument_parser",
           "extract_json", "extract_json_as_table",
           "extract_labels_from_json", "invoke_gnuplot", "log_process",
           "log_process_dec", "parse_timestamp", "write_log_to_stdout"]

logger = logging.getLogger(__name__)

# What join() puts into the queue behind the last message.
_STOP = object()


def _page_faults(psutil, pid):
    """Minor and major faults of a process; None where there is no /proc."""
    path = "%s/%d/stat" % (getattr(psutil, "PROCFS_PATH", "/proc"), pid)
    try:
        with open(path, "rb") as file:
            # A name may hold blanks and parentheses: the last one ends it.
            fields = file.read().rpartition(b")")[2].split()
        return {"minor": int(fields[7]), "major": int(fields[9])}
    except (OSError, IndexError, ValueError):
        return None


class ProcessLoggingThread(threading.Thread):
    """A thread that logs the memory and CPU times of a process.

    interval is in seconds.  pid -1 is this process.  Each message put in by
    add_message_to_queue() becomes the label of a record of its own, at once.
    When the process ends, the thread logs that and ends too.
    """

    def __init__(self, interval=1.0, log_level=logging.INFO, pid=-1, *,
                 group=None, target=None, name="ProcMon", daemon=True):
        if not 0.0 < interval < float("inf"):
            raise ValueError("interval must be more than 0 seconds, not %r" % (
                interval,))
        try:
            import psutil
        except ImportError as error:
            raise ImportError("pmt.process needs psutil: "
                              "pip install psutil") from error
        super().__init__(group=group, target=target, name=name, daemon=daemon)
        self.process_queue = queue.Queue()
        self._psutil = psutil
        self._interval = interval
        self._log_level = log_level
        self._process = psutil.Process(None if pid == -1 else pid)
        self._numbers = None

    def add_message_to_queue(self, msg):
        """Log a record with this label: of now, whenever the thread runs."""
        self.process_queue.put(self._record_now(str(msg)))

    def start(self):
        super().start()
        # Daemons are cut off at exit, but no label is to be lost.
        atexit.register(self.join)

    def _read(self):
        """The numbers of now.  psutil.NoSuchProcess: it has ended."""
        memory = self._process.memory_info()._asdict()
        times = self._process.cpu_times()._asdict()
        if not self._process.is_running() or (
                memory["vms"] == 0 and self._lost_its_memory()):
            raise self._psutil.NoSuchProcess(self._process.pid)
        faults = _page_faults(self._psutil, self._process.pid)
        numbers = {"memory_info": memory, "cpu_times": times}
        if faults is not None:
            memory["pfaults"] = faults["minor"] + faults["major"]
            memory["pageins"] = faults["major"]
            numbers["page_faults"] = faults
        return numbers

    def _lost_its_memory(self):
        """It goes before a process is a zombie.  Kernel threads never had any.
        """
        return (self._numbers is not None and
                self._numbers["memory_info"]["vms"] != 0 or
                self._process.status() == self._psutil.STATUS_ZOMBIE)

    def _record_now(self, label=None):
        """A record.  None when the process had ended before the first.

        Of a process that has ended it has the numbers from before, and says
        so.
        """
        gone = False
        try:
            self._numbers = self._read()
        except self._psutil.NoSuchProcess:
            gone = True
        numbers = dict(self._numbers or {})
        if not numbers:
            return None
        record = {
            "timestamp": datetime.datetime.now().strftime(DATETIME_NOW_FORMAT),
            "memory_info": numbers.pop("memory_info"),
            "cpu_times": numbers.pop("cpu_times"),
            "elapsed_time": time.time() - self._process.create_time(),
            "pid": self._process.pid,
        }
        if label is not None:
            record["label"] = label
        record.update(numbers)
        if gone:
            record["gone"] = True
        return record

    def _log(self, prefix, record):
        """Returns False when the record says that the process has ended."""
        if record is None:
            logger.log(self._log_level, "process %d has ended",
                       self._process.pid)
            return False
        logger.log(self._log_level, "%s %s", prefix, json.dumps(record))
        return "gone" not in record

    def _log_message(self, message):
        """What came out of the queue; others may have put text into it."""
        if isinstance(message, str):
            message = self._record_now(message)
        return self._log(LOGGER_PREFIX, message)

    def run(self):
        """Log a record at each tick and for each message, until join()."""
        alive = self._log(LOGGER_PREFIX_START, self._record_now())
        due = time.monotonic() + self._interval
        while alive:
            wait = max(0.0, due - time.monotonic())
            try:
                message = self.process_queue.get(timeout=wait)
            except queue.Empty:
                # Ticks that went by while we could not run are not made up.
                late = time.monotonic() - due
                due += self._interval * (1 + max(0, late // self._interval))
                message = self._record_now()
            if message is _STOP:
                break
            alive = self._log_message(message)
        self._log_rest()
        self._log(LOGGER_PREFIX_STOP, self._record_now())

    def _log_rest(self):
        while True:
            try:
                message = self.process_queue.get_nowait()
            except queue.Empty:
                return
            if message is not _STOP:
                self._log_message(message)

    def join(self, timeout=None):
        """Log what waits and the last record, then stop."""
        atexit.unregister(self.join)
        self.process_queue.put(_STOP)
        super().join(timeout)


@contextlib.contextmanager
def log_process(interval=1.0, log_level=logging.INFO, pid=-1, **kwargs):
    """Log a process while the block runs; yields a ProcessLoggingThread."""
    thread = ProcessLoggingThread(interval, log_level, pid, **kwargs)
    thread.start()
    try:
        yield thread
    finally:
        thread.join()


def log_process_dec(interval=1.0, log_level=logging.INFO, pid=-1, **kwargs):
    """A decorator: log a process while the function runs."""
    return around(lambda function: log_process(interval, log_level, pid,
                                               **kwargs))


def add_process_logger_to_argument_parser(parser):
    """Give an argparse parser the option --log-process SECONDS.

    Its value is 0.0, for off, when it is not used.
    """
    parser.add_argument(
        "--log-process", type=float, default=0.0, metavar="SECONDS",
        help="log memory and CPU times of the process every so many seconds; "
             "0.0 is never [%(default)s]")


def _parse_arguments(argv):
    parser = argparse.ArgumentParser(
        prog="python -m pmt.process",
        description="Log a process through Python's logging until it ends or "
                    "^C; or print the summary of a log, or plot it.")
    parser.add_argument("-i", "--interval", type=float, default=1.0,
                        help="seconds between records [%(default)s]")
    parser.add_argument("-p", "--pid", type=int, default=-1,
                        help="process to log, -1 is this one [%(default)s]")
    parser.add_argument("-l", "--log_level", type=int, default=logging.INFO,
                        help="level of the records [%(default)s]")
    parser.add_argument("path_in", nargs="?", help="log to show")
    parser.add_argument("path_out", nargs="?",
                        help="directory to plot it into")
    return parser.parse_args(argv)


def main(argv=None):
    """The command line; returns an exit status."""
    import subprocess

    arguments = _parse_arguments(argv)
    if arguments.path_in is not None:
        paths = [arguments.path_in] + ([arguments.path_out]
                                       if arguments.path_out else [])
        return subprocess.call([find_program("pmt-process")] + paths)
    logging.basicConfig(
        level=min(arguments.log_level, logging.INFO),
        format="%(asctime)s - %(filename)s#%(lineno)d - %(process)5d"
               " - (%(threadName)-10s) - %(levelname)-8s - %(message)s")
    try:
        thread = ProcessLoggingThread(arguments.interval, arguments.log_level,
                                      arguments.pid)
    except Exception as error:
        print("pmt.process: %s" % error, file=sys.stderr)
        return 1
    try:
        thread.start()
        while thread.is_alive():
            threading.Thread.join(thread, 1.0)
    except KeyboardInterrupt:
        thread.join()
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main())
