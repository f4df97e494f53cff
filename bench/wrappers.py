# SPDX-License-Identifier: MIT
"""What do TraceMalloc and DiffSysDebugMallocStats cost around a small block?

Each variant runs in a process of its own, one after the other and round and
round, and the least time of a call counts: other load only ever adds.

    PYTHONPATH=build/python python3.13 bench/wrappers.py [--rounds N]
        [--pymemtrace SITE]

SITE is a directory with pymemtrace; see bench/pymemtrace.  Prints Markdown.
"""
import argparse
import json
import os
import platform
import subprocess
import sys
import time

SIZES = {"256 B": 256, "1 KiB": 1024, "1 MiB": 1 << 20}
SECONDS = 0.3       # of one variant at one size in one round


def bare():
    return lambda: None


def old_trace_malloc():
    from pymemtrace.trace_malloc import TraceMalloc
    return lambda: TraceMalloc("lineno")


def trace_malloc():
    from pmt.trace_malloc import TraceMalloc
    return lambda: TraceMalloc("lineno")


def trace_malloc_size():
    from pmt.trace_malloc import TraceMalloc
    return lambda: TraceMalloc(None)


def old_malloc_stats():
    from pymemtrace.debug_malloc_stats import DiffSysDebugMallocStats
    return DiffSysDebugMallocStats


def malloc_stats():
    from pmt.debug_malloc_stats import DiffSysDebugMallocStats
    return DiffSysDebugMallocStats


# Name, what makes the blocks, what must be read after each of them, strings
# in a block, is it pymemtrace's.
VARIANTS = {
    "tracemalloc": (
        ("bare block", bare, None, 16, False),
        ("pymemtrace `TraceMalloc`", old_trace_malloc, "diff", 16, True),
        ("`TraceMalloc(None)`, `.diff`", trace_malloc_size, "diff", 16,
         False),
        ("`TraceMalloc(\"lineno\")`, `.diff`", trace_malloc, "diff", 16,
         False),
        ("`TraceMalloc(\"lineno\")`, `.statistics`", trace_malloc,
         "statistics", 16, False),
    ),
    "debug malloc stats": (
        ("bare block", bare, None, 8, False),
        ("pymemtrace `DiffSysDebugMallocStats`", old_malloc_stats, None, 8,
         True),
        ("`DiffSysDebugMallocStats`", malloc_stats, None, 8, False),
        ("`DiffSysDebugMallocStats`, `.diff()`", malloc_stats, "diff", 8,
         False),
    ),
}


def measure(make, read, count, size):
    """The least time of one call, in microseconds."""
    def work(strings):
        for _ in range(count):
            strings.append(" " * size)

    def call():
        block = make()
        if block is None:
            work([])
            return
        with block:
            work([])
        if read:
            value = getattr(block, read)
            if callable(value):
                value()
    best, end = float("inf"), time.perf_counter() + SECONDS
    while time.perf_counter() < end:
        start = time.perf_counter()
        call()
        best = min(best, time.perf_counter() - start)
    return best * 1e6


def child(table, index, live):
    """Measure one variant; with live blocks that tracemalloc knows of."""
    _, factory, read, count, _ = VARIANTS[table][index]
    make = factory()
    if live:
        import tracemalloc
        if table == "tracemalloc" and index:
            tracemalloc.start()
        kept = [bytes(100) for _ in range(live)]    # noqa: F841
    json.dump({name: measure(make, read, count, size)
               for name, size in SIZES.items()}, sys.stdout)


def run_child(table, index, live, site):
    path = [entry for entry in os.environ.get("PYTHONPATH", "").split(":")]
    old = VARIANTS[table][index][4]
    environment = dict(os.environ, PYTHONPATH=":".join(
        [site] + path if old else path))
    with open(os.devnull, "w") as null:
        return json.loads(subprocess.run(
            [sys.executable, __file__, "--child", table, str(index),
             str(live)], stdout=subprocess.PIPE, stderr=null, check=True,
            env=environment).stdout)


def figure(value):
    """About three digits: 1.11, 66.9, 2,580,000."""
    if value < 100:
        return "%.3g" % value
    return format(int(float("%.3g" % value)), ",d")


def report(table, live, rounds, site):
    variants = [index for index, variant in enumerate(VARIANTS[table])
                if site or not variant[4]]
    best = {}
    for _ in range(rounds):
        for index in variants:
            for size, value in run_child(table, index, live, site).items():
                key = index, size
                best[key] = min(best.get(key, value), value)
    print("\n%s, %s\n" % (table, "%s live blocks" % format(live, ",d")
                          if live else "a fresh interpreter"))
    print("| µs a block (times the bare block) | %s |" % " | ".join(SIZES))
    print("| --- |" + " ---: |" * len(SIZES))
    for index in variants:
        cells = []
        for size in SIZES:
            value = best[index, size]
            ratio = value / best[0, size]
            cells.append(figure(value) if index == 0 else
                         "%s (%s×)" % (figure(value), figure(ratio)))
        print("| %s | %s |" % (VARIANTS[table][index][0], " | ".join(cells)))


def main():
    if sys.argv[1:2] == ["--child"]:
        child(sys.argv[2], int(sys.argv[3]), int(sys.argv[4]))
        return
    parser = argparse.ArgumentParser()
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--pymemtrace", metavar="SITE")
    options = parser.parse_args()
    site = options.pymemtrace and os.path.abspath(options.pymemtrace)
    print("CPython %s, Linux %s, least of %d rounds" % (
        platform.python_version(), platform.release(), options.rounds))
    for table in VARIANTS:
        for live in (0, 200000):
            report(table, live, options.rounds, site)


if __name__ == "__main__":
    main()
