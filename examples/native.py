#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""A library in C forgets what it allocates: no Python object tells of it.

    pmt-run -p --trigger 1M examples/native.py
    pmt-run -r examples/native.py

Stands for any extension module that leaks.
"""
import ctypes
import sys

libc = ctypes.CDLL(None)
libc.strdup.argtypes = [ctypes.c_char_p]
libc.strdup.restype = ctypes.c_void_p

TEXT = b"x" * 100000


class Picture:
    """What the library makes of a text."""

    def __init__(self, text):
        self.pixels = libc.strdup(text)  # the library never frees it


def main():
    pictures = int(sys.argv[1]) if len(sys.argv) > 1 else 500
    for _ in range(pictures):
        Picture(TEXT)
    print("%d pictures drawn" % pictures)


if __name__ == "__main__":
    main()
