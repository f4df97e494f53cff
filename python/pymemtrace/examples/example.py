# SPDX-License-Identifier: MIT
"""A program that grows line by line and frees all at once."""
import sys


def main(count=8):
    kept = []
    for number in range(count):
        kept.append(bytearray(1 << 20))
        print("%d MiB" % (number + 1))
    kept.clear()
    return 0


if __name__ == "__main__":
    sys.exit(main())
