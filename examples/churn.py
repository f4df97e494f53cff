#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Many objects, none kept: what a tracer costs, and that it reports no leak.

    pmt-run -r examples/churn.py
"""
import sys


class Point:
    """Lives for one turn of the loop."""

    __slots__ = ("x", "y")

    def __init__(self, x, y):
        self.x = x
        self.y = y


class Node:
    """Refers to itself: only the garbage collector can end it."""

    def __init__(self):
        self.itself = self


def main():
    turns = int(sys.argv[1]) if len(sys.argv) > 1 else 100000
    total = 0
    for turn in range(turns):
        total += Point(turn, 1).y
        if turn % 100 == 0:
            Node()
    print("%d points and %d nodes came and went" % (
        total, (turns + 99) // 100))


if __name__ == "__main__":
    main()
