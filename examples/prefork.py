#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""A server that loads a table and forks workers, which look at all of it.

    pmt-tree -u -i 0.5 -- python3 examples/prefork.py

To look at a Python object is to count its references, in the object itself: a
page that parent and worker shared becomes the worker's own.  The argument is
for how many seconds the workers stay.
"""
import os
import sys
import time


class Row:
    """A row of the table."""

    def __init__(self, number):
        self.name = "row %d" % number


def load():
    return [Row(number) for number in range(200000)]


def worker(table, seconds):
    """Look at one fifth more of the table at each step."""
    step = len(table) // 5
    for start in range(0, len(table), step):
        names = [row.name for row in table[start:start + step]]
        del names
        time.sleep(seconds / 5)


def main():
    seconds = float(sys.argv[1]) if len(sys.argv) > 1 else 2.0
    table = load()
    workers = []
    for _ in range(3):
        pid = os.fork()
        if pid == 0:
            worker(table, seconds)
            os._exit(0)
        workers.append(pid)
    for pid in workers:
        os.waitpid(pid, 0)


if __name__ == "__main__":
    main()
