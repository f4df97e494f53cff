# SPDX-License-Identifier: MIT
"""What a block adds to Python's memory, and on which lines: TraceMalloc."""
import logging
import sys

from pymemtrace import trace_malloc


@trace_malloc.trace_malloc_log(logging.INFO)
def make(count):
    """count strings of a MiB."""
    return [" " * (1 << 20) for _ in range(count)]


def main():
    logging.basicConfig(level=logging.INFO, stream=sys.stdout)
    make(8)
    for granularity in ("filename", "lineno", "traceback"):
        with trace_malloc.TraceMalloc(granularity) as traced:
            kept = make(4)
        print("%s: %d strings, %d bytes" % (granularity, len(kept),
                                            traced.diff))
        for statistic in traced.net_statistics()[:3]:
            print("  %s" % statistic)
    return 0


if __name__ == "__main__":
    sys.exit(main())
