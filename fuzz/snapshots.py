#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Whatever a snapshot or a pickle holds, it is read, or refused by ValueError.

    python3 fuzz/snapshots.py [OPTION OF LIBFUZZER]... [CORPUS]

needs atheris.  Nothing in a pickle is run, and none takes more memory than
its size explains.
"""
import os
import resource
import sys

import atheris

with atheris.instrument_imports(include=["pmt"]):
    from pmt.snapshot import Snapshot

# What reading needs beside the interpreter and libFuzzer, for 4 KiB.
MEMORY = 256 << 20

EXPECTED = {"open", "pickle.find_class", "object.__getattr__"}
reading = False


def refuse_to_act(event, _arguments):
    if reading and event not in EXPECTED:
        os.abort()


def try_one(data):
    global reading
    file = os.memfd_create("snapshot")
    try:
        os.write(file, data)
        path = "/proc/self/fd/%d" % file
        reading = True
        try:
            snapshot = Snapshot.load(path)
        except ValueError:
            return
        finally:
            reading = False
        for name, lines in snapshot.stats.items():
            assert type(name) is str
            for line, (size, count) in lines.items():
                assert all(type(number) is int
                           for number in (line, size, count))
    finally:
        os.close(file)


def main():
    atheris.Setup(sys.argv, try_one)
    with open("/proc/self/statm", encoding="ascii") as file:
        used = int(file.read().split()[0]) * resource.getpagesize()
    resource.setrlimit(resource.RLIMIT_AS, (used + MEMORY, -1))
    sys.addaudithook(refuse_to_act)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
