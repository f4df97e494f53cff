# SPDX-License-Identifier: MIT
"""The rows of a log of ReferenceTracing as Python data."""
import collections
import dataclasses
import logging
import os
import re
import subprocess

from pmt._programs import find_program

logger = logging.getLogger(__name__)

RE_COMPILE_LOG_FILE_MSG = re.compile(r"MSG:\s+([\d.]+) # (.*)")
RE_COMPILE_LOG_FILE_PUSH = re.compile(
    r"MSG: .*# Detaching this Reference Tracing file wrapper\. "
    r"New file:\s*(.+)")
RE_COMPILE_LOG_FILE_POP = re.compile(
    r"MSG: .*# Re-attaching this Reference Tracing file wrapper\.")

# Type, File, Line and Function: only the number is surely a single word.
_PLACE = re.compile(r"(\S+)\s+(.*\S)\s+(-?\d+)\s+(\S.*)")
# Deeper stacking than this is a log that names itself.
_NESTING_MAX = 64
_ESCAPED = re.compile(r"\\([0-3][0-7][0-7])")
HEADER = "HDR: %12s %16s %16s %-32s %-80s %4s %-40s %16s %16s\n" % (
    "Clock", "Address", "LiveCnt", "Type", "File", "Line", "Function", "RSS",
    "dRSS")


@dataclasses.dataclass
class ObjectData:
    """A NEW or DEL row of a log."""
    line_num: int
    clock: float
    address: int
    live_cnt: int
    type: str
    file: str
    line: int
    function: str
    rss: int
    drss: int


def _unescape(word):
    raw = word.encode("utf-8", "surrogateescape").decode("latin-1")
    raw = _ESCAPED.sub(lambda match: chr(int(match.group(1), 8)), raw)
    return raw.encode("latin-1").decode("utf-8", "surrogateescape")


# Other columns, which only pmt's logs have, stay text.
_KINDS = {"Clock": float, "Address": lambda word: int(word, 16),
          "LiveCnt": int, "RefCnt": int, "Line": int, "RSS": int, "dRSS": int}


def _words(columns, line):
    """The words of a row, one for each column; ValueError: they are not."""
    words = line.split()
    if len(words) == len(columns) or "Type" not in columns:
        return words
    before = columns.index("Type")
    after = len(columns) - before - 4
    parts = line.split(None, before)
    ends = parts[-1].rsplit(None, after)
    place = _PLACE.fullmatch(ends[0].strip())
    if place is None:
        return words
    return parts[:before] + list(place.groups()) + ends[1:]


class Rows:
    """What the rows added so far say.

    objects             every NEW and DEL row, as ObjectData
    live_objects        {address: ObjectData} of what was not destroyed
    prev_objects        {address: [(its NEW row, its DEL row), ...]}
    type_count_new, type_count_del, type_count_untracked    {type: rows}
    count_new, count_del, count_msg                         rows
    clock_message_dict  {clock: [text of a MSG row, ...]}
    clock_first, rss_min, rss_max                           of all rows
    intro_message_lines, header_columns                     above the rows
    """

    def __init__(self):
        self.intro_message_lines = []
        self.header_columns = HEADER.split()
        self.objects = []
        self.live_objects = {}
        self.prev_objects = {}
        self.type_count_new = collections.defaultdict(int)
        self.type_count_del = collections.defaultdict(int)
        self.type_count_untracked = collections.defaultdict(int)
        self.count_new = self.count_del = self.count_msg = 0
        self.clock_message_dict = {}
        self.clock_first = None
        self.rss_min = self.rss_max = 0

    def parse(self, line_num, line):
        """{column: value} of a row.  ValueError: it is none."""
        words = _words(self.header_columns, line)
        if len(words) != len(self.header_columns):
            raise ValueError("line %d has %d words, not %d: %r" % (
                line_num, len(words), len(self.header_columns), line))
        return {column: _KINDS.get(column, _unescape)(word)
                for column, word in zip(self.header_columns, words)}

    def make(self, line_num, row):
        """The ObjectData of such a row, which is one of all from now on."""
        data = ObjectData(
            line_num, row["Clock"], row["Address"],
            # Of old logs it is the references to the object.
            row["LiveCnt"] if "LiveCnt" in row else row["RefCnt"],
            row["Type"], row["File"], row["Line"], row["Function"],
            row["RSS"], row["dRSS"])
        if self.clock_first is None:
            self.clock_first = data.clock
            self.rss_min = data.rss
        self.rss_min = min(self.rss_min, data.rss)
        self.rss_max = max(self.rss_max, data.rss)
        self.objects.append(data)
        return data

    def add(self, line_num, line):
        """A row of any kind, whose tag tells which."""
        tag = line[:4]
        if tag == "MSG:":
            self._add_message(line_num, line)
        elif tag == "NEW:":
            data = self.make(line_num, self.parse(line_num, line))
            self.live_objects[data.address] = data
            self.type_count_new[data.type] += 1
            self.count_new += 1
        elif tag == "DEL:":
            data = self.make(line_num, self.parse(line_num, line))
            made = self.live_objects.pop(data.address, None)
            if made is None:
                self.type_count_untracked[data.type] += 1
            else:
                self.prev_objects.setdefault(data.address, []).append(
                    (made, data))
            self.type_count_del[data.type] += 1
            self.count_del += 1

    def _add_message(self, line_num, line):
        match = RE_COMPILE_LOG_FILE_MSG.match(line)
        if match is None:
            raise ValueError("line %d is no message: %r" % (line_num, line))
        clock, text = match.groups()
        self.clock_message_dict.setdefault(float(clock), []).append(text)
        self.count_msg += 1

    def read(self, lines, directory, recurse, depth=0):
        """Add a whole log; what is no row of it is left out.

        recurse: the logs that it names, too, from where it says or from
        directory, where its own file is.
        """
        in_rows = False
        for line_num, line in enumerate(lines, 1):
            line = line.rstrip("\r\n")
            if line.startswith(("HDR:", "HEDR:")):
                self.header_columns = line.split()
                in_rows = True
            elif in_rows:
                self._read_row(line_num, line, directory, recurse, depth)
            elif line != "SOF":
                self.intro_message_lines.append(line)

    def _read_row(self, line_num, line, directory, recurse, depth):
        try:
            self.add(line_num, line)
        except (ValueError, KeyError) as error:
            logger.warning("cannot read this row: %s", error)
        named = recurse and RE_COMPILE_LOG_FILE_PUSH.match(line)
        if not named or depth >= _NESTING_MAX:
            return
        columns = self.header_columns
        path = _find_inner(named.group(1), directory)
        try:
            self.read(log_lines(path), os.path.dirname(path), recurse,
                      depth + 1)
        except OSError as error:
            logger.error("cannot open %r: %s", path, error.strerror)
        self.header_columns = columns


def _find_inner(path, directory):
    """Logs are carried away together: it may be beside the outer one."""
    if os.path.exists(path):
        return path
    return os.path.join(directory, os.path.basename(path))


def log_lines(path):
    """The lines of a log; a compact one as pmt-analyse --text prints it."""
    with open(path, "rb") as file:
        compact = file.read(4) == b"\x93pmt"
    if not compact:
        with open(path, encoding="utf-8", errors="surrogateescape",
                  newline="\n") as file:
            yield from file
        return
    with subprocess.Popen([find_program("pmt-analyse"), "--text", "--", path],
                          stdout=subprocess.PIPE, encoding="utf-8",
                          errors="surrogateescape") as process:
        yield from process.stdout
