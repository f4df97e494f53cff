# SPDX-License-Identifier: MIT
"""What does it cost to ask who holds an object?

Makes heaps of so many objects, an instance, a list and an int in turn, and
asks on each: gc.collect(), pmt.holders() of one object and of all instances,
pmt.heap_snapshot() and how long the program stands still for it, objgraph and
guppy3 where they are installed; then pmt-analyse of the file.  The least of
some rounds counts.  "copied" is what a program that goes on and touches all
its objects while a snapshot is written has twice (Private_Dirty).

    python3 bench/heap.py [--objects N,N] [--rounds N] [--directory DIR]

Prints Markdown.  10000000 objects take some minutes.
"""
import argparse
import ctypes
import gc
import os
import platform
import re
import resource
import subprocess
import sys
import tempfile
import time

import pmt


class Node:
    pass


class One:
    pass


def make_heap(count):
    kept = []
    gc.disable()
    for i in range(count // 3):
        node = Node()
        node.items = [i + 1000]
        kept.append(node)
    gc.enable()
    return kept


def least(rounds, work):
    """Milliseconds that work takes, or None if it cannot be done."""
    best = float("inf")
    for _ in range(rounds):
        start = time.perf_counter()
        try:
            work()
        except ImportError:
            return None
        best = min(best, time.perf_counter() - start)
    return best * 1000


def private_dirty():
    with open("/proc/self/smaps_rollup") as file:
        return int(re.search(r"Private_Dirty: +(\d+)", file.read())[1]) << 10


def copied(kept, path):
    """Bytes of its own that a busy program gets while a child works."""
    pmt.heap_snapshot(path, wait=False)
    begin = private_dirty()
    for node in kept:
        node.items.append(None)
        node.items.pop()
    after = private_dirty()
    pmt.heap_snapshot(path)
    return after - begin


def fork_alone(rounds):
    """Milliseconds of a fork without handlers, least of some; None: no such."""
    libc = ctypes.PyDLL(None)
    best = float("inf")
    for _ in range(rounds if hasattr(libc, "_Fork") else 0):
        start = time.perf_counter()
        pid = libc._Fork()
        if pid == 0:
            libc._exit(0)
        best = min(best, time.perf_counter() - start)
        os.waitpid(pid, 0)
    return None if best == float("inf") else best * 1000


def back_references(one):
    import objgraph
    objgraph.find_backref_chain(one, objgraph.is_proper_module)


def guppy_heap():
    import guppy
    guppy.hpy().heap()


def analyse(path):
    """Milliseconds and bytes of RSS of pmt-analyse."""
    start = time.perf_counter()
    subprocess.run(["pmt-analyse", path], check=True,
                   stdout=subprocess.DEVNULL)
    return ((time.perf_counter() - start) * 1000,
            resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss << 10)


def measure(count, rounds, directory):
    path = os.path.join(directory, "bench.pmtheap")
    kept = make_heap(count)
    one = One()
    kept[0].one = one
    rows = [
        ("gc.collect()", least(rounds, gc.collect)),
        ("holders() of one object", least(rounds, lambda: pmt.holders([one]))),
        ("holders() of a third", least(rounds, lambda: pmt.holders(Node))),
        ("heap_snapshot()", least(rounds, lambda: pmt.heap_snapshot(path))),
    ]

    def begin():
        pmt.heap_snapshot(path, wait=False)
    stands = []
    for _ in range(rounds):
        stands.append(least(1, begin))
        pmt.heap_snapshot(path)
    rows.append(("of it the program stands still", min(stands)))
    rows.append(("a fork alone", fork_alone(rounds)))
    rows.append(("objgraph, one chain", least(
        1, lambda: back_references(one))))
    rows.append(("guppy3, heap()", least(1, guppy_heap)))
    took, memory = analyse(path)
    rows.append(("pmt-analyse of the file", took))
    return rows, (os.path.getsize(path), copied(kept, path), memory)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--objects", default="100000,1000000")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--directory")
    args = parser.parse_args()
    counts = [int(count) for count in args.objects.split(",")]
    print("CPython %s, Linux %s; milliseconds" % (
        platform.python_version(), platform.release()))
    print("\n| objects | " + " | ".join("%d" % n for n in counts) + " |")
    print("| --- |" + " --: |" * len(counts), flush=True)
    with tempfile.TemporaryDirectory(dir=args.directory) as directory:
        columns = []
        for count in counts:
            columns.append(measure(count, args.rounds, directory))
            gc.collect()
    for i, (name, _) in enumerate(columns[0][0]):
        cells = [rows[i][1] for rows, _ in columns]
        print("| %s | " % name + " | ".join(
            "not installed" if cell is None else "%.1f" % cell
            for cell in cells) + " |")
    for i, (name, per) in enumerate((
            ("bytes of file an object", True), ("MiB copied", False),
            ("MiB of pmt-analyse", False))):
        print("| %s | " % name + " | ".join(
            "%.1f" % (sizes[i] / (count if per else 1 << 20))
            for count, (_, sizes) in zip(counts, columns)) + " |")


if __name__ == "__main__":
    sys.exit(main())
