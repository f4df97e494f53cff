# SPDX-License-Identifier: MIT
"""Allocate by every door, each in a function of its own."""
import ctypes
import sys

library = ctypes.CDLL(sys.argv[1])
libc = ctypes.CDLL(None)
libc.malloc.restype = ctypes.c_void_p
kept = []
doors = [getattr(library, "by_" + name) for name in (
    "malloc calloc realloc reallocarray alignment strdup mmap mremap "
    "thread").split()]


def f_malloc():
    doors[0]()


def f_calloc():
    doors[1]()


def f_realloc():
    doors[2]()


def f_reallocarray():
    doors[3]()


def f_alignment():
    doors[4]()


def f_strdup():
    doors[5]()


def f_mmap():
    doors[6]()


def f_mremap():
    doors[7]()


def f_thread():
    doors[8]()


def f_pointer(malloc=libc.malloc):
    for _ in range(10):
        malloc(20011)


def f_bytearray():
    for _ in range(20):
        kept.append(bytearray(30000))


def f_bytes():
    kept.extend(bytes(40000) for _ in range(20))


def f_small():
    kept.extend(object() for _ in range(50000))


for function in (f_malloc, f_calloc, f_realloc, f_reallocarray, f_alignment,
                 f_strdup, f_mmap, f_mremap, f_thread, f_pointer,
                 f_bytearray, f_bytes, f_small):
    function()
