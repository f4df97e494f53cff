# SPDX-License-Identifier: MIT
"""What bench/profiler.py times: one function for each kind of load."""
from reference_work import WORK as REAL_WORK


def nothing():
    pass


def calls():
    """100,000 calls of a Python function."""
    for _ in range(100000):
        nothing()


def c_calls():
    """100,000 calls of a C function."""
    items = []
    for _ in range(100000):
        len(items)


def lines():
    """400,000 lines without a call."""
    a = 0
    for i in range(100000):
        a = i
        a += 1
        a -= 1


def blocks():
    """5 blocks of 64 MiB, filled and freed."""
    for _ in range(5):
        block = bytearray(b"x") * (64 << 20)
        del block


WORK = {
    "calls": calls,
    "C calls": c_calls,
    "lines": lines,
    "64 MiB blocks": blocks,
    "json": REAL_WORK["json"],
    "difflib": REAL_WORK["difflib"],
}
