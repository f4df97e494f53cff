# SPDX-License-Identifier: MIT
"""How long does a program stand still when pmt-run attaches, and is it safe?

    PYTHONPATH=build/python PATH=$PWD/build/src:$PATH \\
        python3 bench/attach.py [--cycles 1000] [PYTHON]...

For each PYTHON: cycles of pmt-run --pid with -p, -t and, from 3.13 on, -r, on
a program of three busy threads, which must answer each time and end as if
nothing had been.  Then, with one thread, its longest pause at an attachment,
beside the longest in as long a time without one, and how much CPU time a turn
of it takes before, while and after it is watched.  Prints Markdown.
"""
import argparse
import mmap
import os
import struct
import subprocess
import sys
import tempfile
import time

TURNS = 40
STOP, DONE, LONGEST, CPU = range(4)     # numbers that the program shares

PROGRAM = """
import mmap, sys, threading, time
with open(sys.argv[1], "r+b") as file:
    cells = memoryview(mmap.mmap(file.fileno(), 4096)).cast("Q")

class Thing:
    pass

def make(number):
    thing = Thing()
    thing.number = number
    return thing

def turn():
    return [make(number) for number in range(20)]

def spin():
    while not cells[0]:
        turn()

threads = [threading.Thread(target=spin) for _ in range(int(sys.argv[2]))]
for thread in threads:
    thread.start()
before = time.perf_counter_ns()
while not cells[0]:
    kept = turn()
    now = time.perf_counter_ns()
    if now - before > cells[2]:
        cells[2] = now - before
    before = now
    cells[1] += 1
    cells[3] = time.process_time_ns()
for thread in threads:
    thread.join()
print(sorted(name for name in sys.modules if name.startswith("pmtboot")),
      sys.getprofile(), sys.gettrace())
"""


class Program:
    """One that runs, and what it says of itself."""

    def __init__(self, python, threads, directory):
        path = os.path.join(directory, "cells")
        with open(path, "wb") as file:
            file.write(bytes(4096))
        self.file = open(path, "r+b")
        self.map = mmap.mmap(self.file.fileno(), 4096)
        self.process = subprocess.Popen(
            [python, "-c", PROGRAM, path, str(threads)],
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
            universal_newlines=True)
        while self.read(DONE) == 0:
            time.sleep(0.01)

    def read(self, cell):
        return struct.unpack_from("Q", self.map, 8 * cell)[0]

    def write(self, cell, value):
        struct.pack_into("Q", self.map, 8 * cell, value)

    def longest(self, during):
        """Nanoseconds of the longest turn meanwhile."""
        self.write(LONGEST, 0)
        during()
        return self.read(LONGEST)

    def cost(self, during):
        """CPU nanoseconds of a turn meanwhile."""
        done, cpu = self.read(DONE), self.read(CPU)
        during()
        return (self.read(CPU) - cpu) / (self.read(DONE) - done)

    def end(self):
        """Has it ended as if nothing had been?"""
        self.write(STOP, 1)
        told = self.process.communicate()[0]
        self.map.close()
        self.file.close()
        return self.process.returncode == 0 and told == "[] None None\n"


def attach(program, tracer, seconds, directory):
    """Returns whether it answered, and its log can be read."""
    log = os.path.join(directory, "log.pmt")
    run = subprocess.run(
        ["pmt-run", "--pid", str(program.process.pid), "-q", "-o", log, "-d",
         str(seconds)] + tracer, stderr=subprocess.PIPE,
        universal_newlines=True)
    if run.returncode != 0:
        print(run.stderr, file=sys.stderr)
        return False
    read = subprocess.run(["pmt-analyse", "--brief", log],
                          stdout=subprocess.PIPE, universal_newlines=True)
    os.remove(log)
    return read.returncode == 0 and "Tracer: pmt" in read.stdout


def version_of(python):
    return tuple(map(int, subprocess.check_output(
        [python, "-c", "import sys; print(*sys.version_info[:3])"]).split()))


def tracers_of(version):
    return [["-p"], ["-t"]] + ([["-r"]] if version >= (3, 13) else [])


def cycle(python, version, cycles, directory):
    """How many of them were answered; did the program end well?"""
    program = Program(python, 2, directory)
    tracers = tracers_of(version)
    answered = sum(attach(program, tracers[number % len(tracers)], 0.01,
                          directory) for number in range(cycles))
    return answered, program.end()


def measure(python, version, directory):
    """Pauses in milliseconds, and costs beside those of one never watched.

    The least of many: other load on the machine only ever adds.
    """
    program = Program(python, 0, directory)

    def once():
        attach(program, ["-p"], 0.01, directory)
    first = program.longest(once)
    pauses, quiet, after = [], [], []
    watched = {" ".join(tracer): [] for tracer in
               [["-p"]] + ([["-r", "--sample"]] if version >= (3, 13)
                           else [])}
    for _ in range(TURNS):
        begun = time.monotonic()
        pauses.append(program.longest(once))
        took = time.monotonic() - begun
        quiet.append(program.longest(lambda: time.sleep(took)))
    for _ in range(TURNS // 4):
        for name, costs in watched.items():
            costs.append(program.cost(lambda: attach(
                program, name.split(), 1, directory)))
        after.append(program.cost(lambda: time.sleep(0.3)))
    program.end()
    never = Program(python, 0, directory)
    fresh = min(never.cost(lambda: time.sleep(0.3))
                for _ in range(TURNS // 4))
    never.end()
    return (first / 1e6, min(pauses) / 1e6, min(quiet) / 1e6,
            min(after) / fresh,
            {name: min(costs) / fresh for name, costs in watched.items()})


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--cycles", type=int, default=1000)
    parser.add_argument("pythons", nargs="*", default=[sys.executable],
                        metavar="PYTHON")
    arguments = parser.parse_args()
    print("| CPython | answered | ended well | pause, ms: first | least | "
          "without | cost after | -p | -r --sample |")
    print("| --- " + "| --: " * 8 + "|")
    for python in arguments.pythons:
        version = version_of(python)
        with tempfile.TemporaryDirectory() as directory:
            answered, well = cycle(python, version, arguments.cycles,
                                   directory)
            first, pause, quiet, after, watched = measure(python, version,
                                                          directory)
        print("| %d.%d.%d | %d of %d | %s | %.1f | %.1f | %.1f | %.2f | %.2f "
              "| %s |" % (version + (
                  answered, arguments.cycles, "yes" if well else "NO", first,
                  pause, quiet, after, watched["-p"],
                  "%.2f" % watched["-r --sample"]
                  if "-r --sample" in watched else "")), flush=True)


if __name__ == "__main__":
    main()
