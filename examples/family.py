#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""A process with children, one of which grows: what pmt-tree is to show.

    pmt-tree -u -i 0.5 -- python3 family.py

The parent makes a block of 20 MiB and forks two workers that share it.  The
first only waits; the second touches 5 MiB more every half second, and after
one second starts a helper of its own.  The workers end after three seconds.
"""
import mmap
import os
import sys
import time

MIB = 1 << 20


def touch(mib):
    """A block of memory that is resident, and nobody else's."""
    block = mmap.mmap(-1, mib * MIB, flags=mmap.MAP_PRIVATE)
    for offset in range(0, mib * MIB, mmap.PAGESIZE):
        block[offset] = 1
    return block


def grow(seconds):
    """Touch 5 MiB every half second."""
    blocks = []
    helper = None
    for step in range(int(2 * seconds)):
        blocks.append(touch(5))
        if step == 2:
            helper = fork(lambda: time.sleep(seconds - 1.5))
        time.sleep(0.5)
    if helper is not None:
        os.waitpid(helper, 0)


def fork(work):
    """Run work in a child; return its pid."""
    pid = os.fork()
    if pid == 0:
        work()
        os._exit(0)
    return pid


def main():
    seconds = float(sys.argv[1]) if len(sys.argv) > 1 else 3.0
    shared = touch(20)
    workers = [fork(lambda: time.sleep(seconds)), fork(lambda: grow(seconds))]
    for pid in workers:
        os.waitpid(pid, 0)
    del shared


if __name__ == "__main__":
    main()
