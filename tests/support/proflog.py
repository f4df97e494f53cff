# SPDX-License-Identifier: MIT
"""Logs of Profile and Trace, as the tests read them."""
import collections
import functools
import re
import sys

import pmt._pmt

# The engines that this interpreter has; each test of events runs on all.
ENGINES = (["monitoring", "legacy"] if sys.version_info >= (3, 12)
           else ["legacy"])

KINDS = {"profile": pmt._pmt.Profile, "trace": pmt._pmt.Trace}

Row = collections.namedtuple(
    "Row", "tag event d_event clock what file line function rss d_rss thread"
    " own stack")

ROW = re.compile(
    r"(?P<tag>FRST|NEXT|PREV|LAST): (?P<event>\d+) +\+(?P<d_event>\d+) +"
    r"(?P<clock>\d+\.\d{6}) +(?P<what>[A-Z_]+) +(?P<file>\S+) +"
    r"(?P<line>-?\d+) (?P<function>\S+) +(?P<rss>\d+) +(?P<d_rss>-?\d+)"
    r"(?: +(?P<thread>\d+))?(?: (?P<own>[^ \d]\S*))?(?: (?P<stack>\S+))?$")
NOTE = re.compile(
    r"(?:MSG|ERR):  (?P<event>\d+) +\+(?P<d_event>\d+) +(?P<clock>\d+\.\d{6}) +"
    r"# (?P<text>.*)$")


def on_each(test):
    """Run a test for Profile and for Trace, on each engine."""
    @functools.wraps(test)
    def run(self):
        for kind in KINDS:
            for engine in ENGINES:
                with self.subTest(kind=kind, engine=engine):
                    test(self, kind, engine)
    return run


class Log:
    """A log that is whole: every line is a row that the format allows."""

    def __init__(self, path):
        with open(path, encoding="utf-8", errors="surrogateescape",
                  newline="\n") as file:
            text = file.read()
        self.path = path
        self.text = text
        lines = text.split("\n")
        if lines[-2:] != ["EOF", ""]:
            raise AssertionError("no EOF at the end of " + text[-300:])
        start = lines.index("SOF")
        self.message = lines[:start]
        self.header = lines[start + 1]
        self.notes, self.rows, self.order = [], [], []
        for line in lines[start + 2:-2]:
            note = NOTE.match(line)
            if note:
                self.notes.append(note.group("text"))
                self.order.append(note.group("text"))
                continue
            match = ROW.match(line)
            if not match and not re.match("[A-Z]{3,4}:|[SE]OF$", line):
                # A line of the message above it, or one all by itself.
                if self.order and isinstance(self.order[-1], str):
                    line = "\n".join((self.order.pop(), line))
                    self.notes.pop()
                self.notes.append(line)
                self.order.append(line)
                continue
            if not match:
                raise AssertionError("not a row: %r" % line)
            fields = match.groupdict()
            row = Row(fields["tag"], int(fields["event"]),
                      int(fields["d_event"]), float(fields["clock"]),
                      fields["what"], fields["file"], int(fields["line"]),
                      fields["function"], int(fields["rss"]),
                      int(fields["d_rss"]),
                      fields["thread"] and int(fields["thread"]),
                      fields["own"], fields["stack"])
            self.rows.append(row)
            self.order.append(row)

    def tagged(self, tag):
        return [row for row in self.rows if row.tag == tag]

    def events(self, *functions, what=None):
        """(what, function, line) of the NEXT rows, in order."""
        return [(row.what, row.function, row.line)
                for row in self.tagged("NEXT")
                if (not functions or row.function in functions)
                and (what is None or row.what in what)]

    def functions(self):
        return {row.function for row in self.rows}
