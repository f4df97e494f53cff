# SPDX-License-Identifier: MIT
"""What a block changes in Python's pools and free lists."""
import sys

from pymemtrace import debug_malloc_stats


def main():
    kept = []
    for size in (8, 64, 1024):
        with debug_malloc_stats.DiffSysDebugMallocStats() as stats:
            kept += [" " * size + str(number) for number in range(100)]
        print("100 strings of %d characters" % size)
        print(stats.diff())
    return 0


if __name__ == "__main__":
    sys.exit(main())
