# SPDX-License-Identifier: MIT
"""What files of strangers cost: as much as their size, whatever they hold."""
import re
import shutil
import struct
import unittest

import pmttest
from test_analyse_hostile import COMPACT_HEADER, LOG
from test_analyse_reference import HEADER, ROW


def deep_profile(size):
    """Calls within calls."""
    lines = ["SOF", "HEDR: Event dEvent Clock What File line Function RSS "
             "dRSS"]
    for n in range(size // 60):
        lines.append("NEXT: %d +1 0.1 CALL a.py 1 f %d 4096" % (
            n, 4096 * (n + 1)))
    return "\n".join(lines + ["EOF", ""]).encode()


def many_names(size):
    rows = [ROW % ("NEW:", 0.5, hex(16 * n + 16), 1, "T%d" % n, "f%d" % n, n,
                   "g%d" % n, 4096, 0) for n in range(size // 250)]
    return "\n".join(["SOF", HEADER] + rows + ["EOF", ""]).encode()


def false_blocks(size):
    """Each claims most of what follows."""
    mark = b"PMTB" + struct.pack("<IQII", size // 2, 1, 0, 0)
    return COMPACT_HEADER + mark * (size // 24)


def varint(number):
    out = bytearray()
    while number > 127:
        out.append(number & 127 | 128)
        number >>= 7
    return bytes(out) + bytes([number])


def zigzag(number):
    return varint(2 * number if number >= 0 else -2 * number - 1)


def named(text):
    return varint(len(text)) + text


# Records of logs of allocations, as alloclog.h has them.
def more(kind, *fields):
    return bytes([7 | kind << 3]) + b"".join(fields)


BEGIN = more(3, varint(1))
MAP, SAME_NODE, UNMAP, NODE = 2, 2 | 8, 3, 4


def allocations(size, records):
    """A program with one function, then RECORDS(i) up to SIZE bytes."""
    out = COMPACT_HEADER[:9] + b"A" + bytes(6) + bytes(
        [6]) + varint(1) + named(b"f.py") + named(b"f") + bytes(
        [5]) + varint(1) + varint(1)
    out += bytes([NODE]) + varint(0) + varint(1) + BEGIN
    parts, length, i = [out], len(out), 0
    while length < size:
        parts.append(records(i))
        length += len(parts[-1])
        i += 1
    return b"".join(parts)


def block(node):
    return b"\0" + varint(2 * node + 1) + varint(9) + varint(48)


def stacks(size):
    """Each block one call deeper than the one before."""
    return allocations(size, lambda i: bytes([NODE]) + varint(1) + varint(1)
                       + block(i + 2))


def maps(size):
    """Each below the one before."""
    return allocations(size, lambda i: bytes([SAME_NODE if i else MAP]) + (
        b"" if i else varint(3)) + zigzag(-2 if i else 1 << 40) + varint(4096))


def holes(size):
    """One map, from which pages go one by one."""
    def record(i):
        if i == 0:
            return (bytes([MAP]) + varint(3) + zigzag(1) + varint(1 << 45)
                    + bytes([UNMAP]) + zigzag(1 << 32) + varint(4096))
        return bytes([UNMAP]) + zigzag(-2) + varint(4096)
    return allocations(size, record)


def mallocs(size):
    """As malloc-flow prints them, each of a line of its own."""
    return b"dtrace:::BEGIN\n" + b"".join(
        b" 1 f%d.py:%d -> g malloc(9) pntr 0x%x @%d\n" % (
            i, i, 16 * i + 16, size - i) for i in range(size // 40))


# None of them is a log to its end, and none may cost more than its size.
SHAPES = {
    "deep": deep_profile,
    "names": many_names,
    "blocks": false_blocks,
    "one line": lambda size: LOG.encode() + b"x" * size,
    "blanks": lambda size: LOG.encode() + b"NEW: " + b" " * size + b"\n",
    "lines": lambda size: LOG.encode() + b"\n" * size,
    "headers": lambda size: LOG.encode() + (
        "SOF\n%s\n" % HEADER).encode() * (size // 250),
    "message": lambda size: b"MSG: 0.1 # " + b"a\n" * (size // 2),
    "opening": lambda size: b"SOF\n" * (size // 4),
    "stacks": stacks,
    "maps": maps,
    "holes": holes,
    "mallocs": mallocs,
}


@pmttest.not_sanitized
@unittest.skipIf(shutil.which("valgrind") is None, "no valgrind")
class Costs(pmttest.TestCase):
    """Twice the input costs twice the instructions, and not four times."""

    def instructions(self, shape, size, options):
        path = self.path("log")
        with open(path, "wb") as file:
            file.write(SHAPES[shape](size))
        process = pmttest.run_program(
            ["valgrind", "--tool=callgrind", "--callgrind-out-file=/dev/null",
             shutil.which("pmt-analyse")] + options + [path], text=False,
            timeout=400)
        return int(re.search(rb"Collected : (\d+)", process.stderr)[1])

    def test_shapes(self):
        options = {"deep": ["--json", "--folded"],
                   "names": ["--json", "--merge"],
                   "stacks": ["--json", "--folded"],
                   "mallocs": ["--json"]}
        # Past what is bounded by a number, as the depth of paths is.
        sizes = {"blocks-b": 60000, "deep--json": 60000,
                 "deep--folded": 60000, "stacks--json": 4000}
        nothing = {}
        for shape in SHAPES:
            for option in options.get(shape, ["-b"]):
                if option not in nothing:
                    nothing[option] = self.instructions(shape, 250, [option])
                size = sizes.get(shape + option, 20000)
                with self.subTest(shape + option):
                    small, big = (
                        self.instructions(shape, n, [option]) - nothing[option]
                        for n in (size, 2 * size))
                    self.assertLess(big / small, 2.8)


if __name__ == "__main__":
    pmttest.main()
