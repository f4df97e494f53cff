#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""A cache that fills: it grows to its bound, and then no more.

    pmt-run -r examples/cache.py
    pmt-analyse --brief *_O_*.pmt

The argument is how many requests there are.
"""
import functools
import sys


class Page:
    """What a request asks for."""

    def __init__(self, number):
        self.text = "page %d\n" % number * 500


@functools.lru_cache(maxsize=2000)
def render(number):
    return Page(number)


def main():
    requests = int(sys.argv[1]) if len(sys.argv) > 1 else 10000
    for number in range(requests):
        render(number)
    print("%d requests, %d pages in the cache" % (
        requests, render.cache_info().currsize))


if __name__ == "__main__":
    main()
