# SPDX-License-Identifier: MIT
"""Which lines hold how much of Python's memory now?  To keep, and to compare.

A Snapshot sums up what tracemalloc knows, by file and line.  Its file is
plain text, pmt-snapshot(5): a JSON object about the process in the first line,
then one JSON object for each source file.  A pickle that the standard
tracemalloc.Snapshot.dump() wrote can be loaded too; nothing in it is executed.
"""
import contextlib
import fnmatch
import json
import os
import re
import sys
import time
import tracemalloc

from pmt import _pmt
from pmt import _pickle

FORMAT = 1

# Whatever has a longer first line is no snapshot.
_HEAD_LIMIT = 1 << 20

_LONG_NUMBER = re.compile(rb"\d{21}")

# What measuring allocates is not the program's.
_OWN_FILES = [tracemalloc.__file__] + [
    os.path.join(os.path.dirname(__file__), name)
    for name in ("snapshot.py", "top/__init__.py", "top/_text.py")]


class Snapshot:
    """What was allocated at one moment.

    stats               {filename: {line number: (size, count)}}
    timestamp           "YYYY-MM-DD HH:MM:SS", local time
    pid                 the process, or None if the file does not tell
    python              its version, or None
    process_memory      bytes that it had in memory (RSS), or None
    tracemalloc_memory  bytes of these that were tracemalloc's, or None
    user_data           list of (title, "size", bytes)
    """

    def __init__(self, stats, timestamp, pid=None, python=None,
                 process_memory=None, tracemalloc_memory=None, user_data=()):
        self.stats = stats
        self.timestamp = timestamp
        self.pid = pid
        self.python = python
        self.process_memory = process_memory
        self.tracemalloc_memory = tracemalloc_memory
        self.user_data = [tuple(entry) for entry in user_data]

    @classmethod
    def create(cls, user_data_callback=None):
        """Take a snapshot now.  RuntimeError: tracemalloc is off.

        user_data_callback returns a list of (title, "size", bytes), of the
        same titles in the same order every time.
        """
        process_memory = get_process_memory()
        tracemalloc_memory = tracemalloc.get_tracemalloc_memory()
        stats = _group(tracemalloc.take_snapshot())
        for filename in _OWN_FILES:
            stats.pop(filename, None)
        user_data = user_data_callback() if user_data_callback else []
        _check_user_data(user_data)
        return cls(stats, _timestamp(time.time()), os.getpid(),
                   "%d.%d.%d" % tuple(sys.version_info[:3]),
                   process_memory, tracemalloc_memory, user_data)

    def filter_filenames(self, patterns, include):
        """Keep the files that match a pattern; with include=False, the others.

        patterns is one pattern or a list of them; see fnmatch.
        """
        if isinstance(patterns, str):
            patterns = [patterns]
        patterns = [os.path.normcase(pattern) for pattern in patterns]

        def matches(filename):
            filename = os.path.normcase(filename)
            return any(fnmatch.fnmatchcase(filename, pattern)
                       for pattern in patterns)
        self.stats = {filename: lines
                      for filename, lines in self.stats.items()
                      if matches(filename) == bool(include)}

    def write(self, filename):
        """Write the snapshot; the file is complete or not there."""
        with _replaced(os.path.realpath(os.fsdecode(filename))) as file:
            for record in self._records():
                file.write(json.dumps(record) + "\n")

    def _records(self):
        yield {"pmt-snapshot": FORMAT, "timestamp": self.timestamp,
               "pid": self.pid, "python": self.python,
               "process_memory": self.process_memory,
               "tracemalloc_memory": self.tracemalloc_memory,
               "user_data": self.user_data, "files": len(self.stats)}
        for filename in sorted(self.stats):
            lines = self.stats[filename]
            yield {"file": filename,
                   "lines": [[line, size, count] for line, (size, count)
                             in sorted(lines.items())]}

    @classmethod
    def load(cls, filename):
        """Read a snapshot.  ValueError: the file is none, or is damaged."""
        with open(filename, "rb") as file:
            try:
                # Every pickle protocol since 2 begins with this byte.
                if file.peek(1)[:1] == b"\x80":
                    modified = os.fstat(file.fileno()).st_mtime
                    return cls(**_unpickle(file, _timestamp(modified)))
                return cls._parse(file)
            except OSError as error:
                error.filename = filename
                raise
            except (ValueError, TypeError, KeyError,
                    OverflowError) as error:
                raise ValueError("%s: %s" % (os.fsdecode(filename),
                                             _reason(error))) from None

    @classmethod
    def _parse(cls, file):
        head = _json_object(file.readline(_HEAD_LIMIT))
        if "pmt-snapshot" not in head:
            raise ValueError("not a snapshot")
        if head["pmt-snapshot"] != FORMAT:
            raise ValueError("format %.20a is not known, only %d"
                             % (head["pmt-snapshot"], FORMAT))
        stats = {}
        for number, line in enumerate(file, 2):
            try:
                record = _json_object(line)
                stats[_text(record["file"])] = {
                    _integer(line): (_integer(size), _integer(count))
                    for line, size, count in record["lines"]}
            except (ValueError, TypeError, KeyError) as error:
                raise ValueError("line %d is damaged: %s"
                                 % (number, _reason(error)))
        if len(stats) != head["files"]:
            raise ValueError("cut short: %d of %.20a files"
                             % (len(stats), head["files"]))
        _check_user_data(head["user_data"])
        return cls(stats, _text(head["timestamp"]),
                   _optional(_integer, head["pid"]),
                   _optional(_text, head["python"]),
                   _optional(_integer, head["process_memory"]),
                   _optional(_integer, head["tracemalloc_memory"]),
                   head["user_data"])


def get_process_memory():
    """Bytes that this process has in memory (RSS), or None if unknown."""
    try:
        return _pmt.rss()
    except OSError:
        return None


def _timestamp(seconds):
    return time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(seconds))


def _group(snapshot):
    """The stats of a tracemalloc.Snapshot, by the innermost frame."""
    stats = {}
    for statistic in snapshot.statistics("lineno"):
        frame = statistic.traceback[-1]
        stats.setdefault(frame.filename, {})[frame.lineno] = (
            statistic.size, statistic.count)
    return stats


def _reason(error):
    return "no %s" % error if isinstance(error, KeyError) else error


def _refuse(value, wanted):
    shown = ascii(value) if type(value) in (int, float, str) else \
        type(value).__name__
    raise ValueError("%.80s is no %s" % (shown, wanted))


def _integer(value):
    if type(value) is not int or not -1 << 63 <= value < 1 << 64:
        _refuse(value, "integer")
    return value


def _text(value):
    if type(value) is not str:
        _refuse(value, "string")
    return value


def _optional(check, value):
    return None if value is None else check(value)


def _short_integer(digits):
    if len(digits) > 20:
        raise ValueError("a number beyond 64 bits")
    return int(digits)


def _json_object(line):
    # To read a long number takes the square of its length.
    options = ({"parse_int": _short_integer} if _LONG_NUMBER.search(line)
               else {})
    try:
        record = json.loads(line.decode("ascii"), **options)
    except (ValueError, RecursionError):
        record = None
    if not isinstance(record, dict):
        raise ValueError("not a snapshot")
    return record


def _check_user_data(user_data):
    for title, kind, value in user_data:
        _text(title)
        _integer(value)
        if kind != "size":
            raise ValueError('the format of %a must be "size", not %a'
                             % (title, kind))


@contextlib.contextmanager
def _replaced(filename):
    """A file to write that takes its name when it is complete."""
    if os.path.exists(filename) and not os.path.isfile(filename):
        # A device or a pipe is written to, not put away.
        with open(filename, "w", encoding="ascii") as file:
            yield file
        return
    part = "%s.%d.part" % (filename, os.getpid())
    try:
        with open(part, "w", encoding="ascii", newline="\n") as file:
            yield file
        os.replace(part, filename)
    except BaseException:
        with contextlib.suppress(OSError):
            os.unlink(part)
        raise


def _group_traces(traces):
    stats = {}
    for trace in traces:
        size, frames = trace[1], trace[2]
        filename, line = frames[0]
        lines = stats.setdefault(_text(filename), {})
        total, count = lines.get(_integer(line), (0, 0))
        lines[line] = total + _integer(size), count + 1
    return stats


def _of_pytracemalloc(data):
    """The arguments of Snapshot, from what pytracemalloc 0.9 pickled.

    A line may be None there, when it is not known.
    """
    _integer(data["format_version"])
    stats = {}
    for filename, lines in data["stats"].items():
        stats[_text(filename)] = {
            _optional(_integer, line) or 0: (_integer(size), _integer(count))
            for line, (size, count) in lines.items()}
    user_data = data.get("user_data") or []
    _check_user_data(user_data)
    return {"stats": stats, "timestamp": _text(data["timestamp"]),
            "pid": _optional(_integer, data["pid"]),
            "process_memory": _optional(_integer, data.get("process_memory")),
            "user_data": user_data}


def _unpickle(file, modified):
    """The arguments of Snapshot, from a pickle of any kind that we know."""
    try:
        loaded = _pickle.load(file)
        if type(loaded) is dict:
            return _of_pytracemalloc(loaded)
        return {"stats": _group_traces(loaded), "timestamp": modified}
    except ValueError:
        raise
    except Exception as error:
        raise ValueError("a damaged pickle, or not of a tracemalloc.Snapshot "
                         "(%s)" % type(error).__name__) from None
