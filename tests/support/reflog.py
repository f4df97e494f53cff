# SPDX-License-Identifier: MIT
"""Read a reference log, strictly, for the tests of those who write one.

Not with pmt's own reader: what both got wrong would look right.
"""
import collections
import os
import re
import struct

TITLES = ["Clock", "Address", "LiveCnt", "Type", "File", "Line", "Function",
          "RSS", "dRSS"]

TAGS = ("NEW:", "DEL:", "MSG:", "ERR:")

Row = collections.namedtuple("Row", "tag clock address live type file line "
                             "function rss d_rss more")
Note = collections.namedtuple("Note", "tag clock text")


def unescape(word):
    """Undo \\ooo, whose value is a byte of UTF-8; a lone backslash is ''."""
    if word == "\\":
        return ""
    raw = re.sub(rb"\\([0-3][0-7][0-7])",
                 lambda match: bytes([int(match[1], 8)]),
                 word.encode("utf-8", "surrogateescape"))
    return raw.decode("utf-8", "surrogateescape")


def read_whole(path):
    """A log's bytes; those of a dead writer are partly in its tail file."""
    with open(path, "rb") as file:
        data = file.read()
    if not os.path.exists(path + ".tail"):
        return data
    with open(path + ".tail", "rb") as file:
        tail = file.read()
    magic, start, used = struct.unpack("=8sQQ", tail[:24])
    assert magic == b"pmttail\1", magic
    assert len(data) >= start and len(tail) >= 4096 + used, (start, used)
    return data[:start] + tail[4096:4096 + used]


class Log:
    """opening: text before SOF; titles; rows; notes (MSG, ERR); ended."""

    def __init__(self, path):
        self.text = read_whole(path).decode("utf-8", "surrogateescape")
        self.opening, sof, body = ("\n" + self.text).partition("\nSOF\n")
        assert sof, "no SOF in %r" % self.text[:1000]
        self.opening = self.opening[1:]
        lines = body.split("\n")
        self.ended = lines[-2:] == ["EOF", ""]
        # What comes behind the last newline was cut off by a death.
        lines = lines[:-2] if self.ended else lines[:-1]
        assert lines[0].startswith("HDR:"), lines[0]
        self.titles = lines[0].split()[1:]
        assert self.titles[:len(TITLES)] == TITLES, lines[0]
        self.rows, self.notes = [], []
        in_note = False
        for line in lines[1:]:
            # What begins with no tag is a line of the message above it.
            if in_note and line[:4] not in TAGS:
                self.notes[-1] = self.notes[-1]._replace(
                    text=self.notes[-1].text + "\n" + unescape(line))
                continue
            self.parse(line)
            in_note = line[:4] in TAGS[2:]

    def parse(self, line):
        tag = line[:4]
        if tag in ("MSG:", "ERR:"):
            match = re.fullmatch(r"(?:MSG|ERR): +(\d+\.\d{6}) # (.*)", line)
            assert match, line
            self.notes.append(Note(tag[:3], float(match[1]),
                                   unescape(match[2])))
            return
        words = line[4:].split(" ")
        words = [word for word in words if word]
        assert tag in ("NEW:", "DEL:"), line
        assert len(words) == len(self.titles), line
        clock, address, live, type_, file, number, function, rss, d_rss = (
            words[:len(TITLES)])
        assert re.fullmatch(r"\d+\.\d{6}", clock), line
        assert re.fullmatch(r"0x[0-9a-f]+", address), line
        self.rows.append(Row(
            tag[:3], float(clock), int(address, 16), int(live),
            unescape(type_), unescape(file), int(number), unescape(function),
            int(rss), int(d_rss),
            dict(zip(self.titles[len(TITLES):], words[len(TITLES):]))))

    def of(self, type_, tag=None):
        """The rows of one type."""
        return [row for row in self.rows
                if row.type == type_ and tag in (None, row.tag)]

    def count(self, type_):
        """How many (created, destroyed, alive at the end) of one type."""
        created = self.of(type_, "NEW")
        destroyed = self.of(type_, "DEL")
        return len(created), len(destroyed), len(self.alive(type_))

    def alive(self, type_):
        """The NEW rows that no DEL row follows; no address is made twice."""
        alive = {}
        for row in self.of(type_):
            if row.tag == "NEW":
                assert row.address not in alive, "made twice: %r" % (row,)
                alive[row.address] = row
            else:
                alive.pop(row.address, None)
        return list(alive.values())

    def messages(self):
        """Those of the program, and the first, the tracer's own."""
        return [note.text for note in self.notes if note.tag == "MSG"
                and not note.text.startswith("Memory at ")]
