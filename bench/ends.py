# SPDX-License-Identifier: MIT
"""What does a run cost before its program's first line, and after the last?

Runs a program that makes so many objects (an instance, a list and an int in
turn; none: `pass`), plainly and under pmt-run, by turns, and takes the time
from before the process is started to the first line, and from the last line to
the end of the process; and the CPU time of all.  The least of some rounds
counts.

    python3 bench/ends.py [--pmt-run FILE ...] [--python FILE ...]
            [--objects N,N] [--rounds N] [--options "-a --objects"]

Several files are compared with each other, as of builds before and after a
change.  Prints Markdown: milliseconds, of pmt-run more than without.
"""
import argparse
import os
import resource
import subprocess
import sys
import tempfile
import time

PROGRAM = """\
import os, sys, time
first = time.monotonic_ns()
class Node: pass
kept = []
for i in range(int(sys.argv[1]) // 3):
    node = Node()
    node.items = [i + 1000]
    kept.append(node)
os.write(int(sys.argv[2]), b"%d %d" % (first, time.monotonic_ns()))
"""


def cpu_time():
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return int((usage.ru_utime + usage.ru_stime) * 1e9)


def measure(command, directory):
    """Nanoseconds before the first line and after the last, and of CPUs."""
    used = cpu_time()
    reading, writing = os.pipe()
    before = time.monotonic_ns()
    subprocess.run(command + [str(writing)], cwd=directory, check=True,
                   pass_fds=[writing], stdout=subprocess.DEVNULL,
                   stderr=subprocess.DEVNULL)
    after = time.monotonic_ns()
    os.close(writing)
    with open(reading) as file:
        first, last = map(int, file.read().split())
    return first - before, after - last, cpu_time() - used


def least(pairs):
    return [min(values) for values in zip(*pairs)]


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--pmt-run", nargs="+", default=["pmt-run"])
    parser.add_argument("--python", nargs="+", default=[sys.executable])
    parser.add_argument("--objects", default="0,1000000")
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument("--options", default="")
    arguments = parser.parse_args()
    print("| Python | objects | pmt-run | start | end | CPU |")
    print("| --- | --: | --- | --: | --: | --: |")
    with tempfile.TemporaryDirectory() as directory:
        program = os.path.join(directory, "program.py")
        with open(program, "w") as file:
            file.write(PROGRAM)
        for python in arguments.python:
            for objects in arguments.objects.split(","):
                compare(arguments, python, [program, objects], directory)


def compare(arguments, python, program, directory):
    commands = [[python]] + [
        [run] + arguments.options.split() + [python]
        for run in arguments.pmt_run]
    found = [[] for _ in commands]
    for _ in range(arguments.rounds):
        for command, pairs in zip(commands, found):
            pairs.append(measure(command + program, directory))
            for name in os.listdir(directory):
                if name != "program.py":
                    os.remove(os.path.join(directory, name))
    plain = least(found[0])
    print_row(python, program[1], "without", plain)
    for run, pairs in zip(arguments.pmt_run, found[1:]):
        print_row("", "", run, [time - without for time, without
                                in zip(least(pairs), plain)])


def print_row(python, objects, run, times):
    print("| %s | %s | %s | %s |" % (python, objects, run, " | ".join(
        "%.1f" % (time / 1e6) for time in times)))


main()
