#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Grow in steps, then shrink: known sizes at known lines.

    pmt-process -- python3 examples/grow.py
    pmt-run -p examples/grow.py
    pmt-run -t examples/grow.py

The arguments are the number of steps and the seconds to rest after each.
"""
import sys
import time

STEP = 16 << 20


def grow(blocks):
    """Add one step of memory, every page of it written."""
    blocks.append(bytearray(b"x") * STEP)


def shrink(blocks):
    """Give one step back to the system."""
    blocks.pop()


def main():
    steps = int(sys.argv[1]) if len(sys.argv) > 1 else 4
    pause = float(sys.argv[2]) if len(sys.argv) > 2 else 0
    blocks = []
    for act in (grow, shrink):
        for _ in range(steps):
            act(blocks)
            time.sleep(pause)


if __name__ == "__main__":
    main()
