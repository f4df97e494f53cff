#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Fragmentation: nearly all objects are gone, nearly all memory is kept.

    pmt-run -p --trigger 1M examples/holes.py

Many small results are made; one in a hundred is kept, and holds up the arena
in which it lies.  At the end the program says what Python's allocator has.
"""
import sys

import pmt
from pmt.debug_malloc_stats import SysDebugMallocStats


def work(count):
    """Results, of which the caller wants only some."""
    return [("result %d" % number).encode() for number in range(count)]


def main():
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 500000
    before = pmt.rss()
    kept = work(count)[::100]
    print("%d results kept, %d MiB more resident" % (
        len(kept), (pmt.rss() - before) >> 20))
    classes = SysDebugMallocStats().malloc_stats
    print("pymalloc: %d MiB in use, %d MiB free in its pools" % (
        sum(each.allocated_bytes for each in classes) >> 20,
        sum(each.available_bytes for each in classes) >> 20))
    return kept


if __name__ == "__main__":
    KEPT = main()
