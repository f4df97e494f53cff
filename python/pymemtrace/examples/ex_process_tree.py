# SPDX-License-Identifier: MIT
"""A family of processes that grow, for process_tree to watch."""
import multiprocessing
import os
import sys
import time


def grow(size, seconds):
    """Hold so many MiB for so long."""
    block = bytearray(size << 20)
    time.sleep(seconds)
    return len(block)


def main(count=4, seconds=10.0):
    print("python3 -m pymemtrace.process_tree -p %d" % os.getpid(),
          flush=True)
    children = [multiprocessing.Process(target=grow, args=(16 << number,
                                                           seconds))
                for number in range(count)]
    for child in children:
        child.start()
    for child in children:
        child.join()
    return 0


if __name__ == "__main__":
    sys.exit(main(seconds=float((sys.argv[1:] or ["10"])[0])))
