# SPDX-License-Identifier: MIT
"""Is a sample right, and how much memory does it take, after a long run?

    PYTHONPATH=build/python PATH=$PWD/build/src:$PATH \\
        python3.13 bench/sample_long.py [--minutes 60] [--sample N]

A program that works half of the time knows how many of its objects are alive,
and keeps their number, but for one class that leaks.  It runs by itself, under
pmt-run -r --sample --summary and under pmt-run -a --sample --summary, at the
same time.  What the reports say is compared with what it knows; so is RSS
beyond the leak, which nothing but the tracer may let grow.
"""
import argparse
import json
import os
import random
import re
import resource
import subprocess
import sys
import tempfile
import time

import reference_work

KINDS = 20
EACH = 1000             # KindK has K times so many
PAYLOAD = 600           # bytes, of malloc's
REPLACED = 500          # of those, in each turn
LEAKED = 5
PAGE = resource.getpagesize()
living, leaks = [], []  # to the end of the program


class Kind:
    """Its subclasses are what lives."""

    __slots__ = ("payload",)

    def __init__(self):
        self.payload = bytes(PAYLOAD)


class Leak:
    """Its objects are never let go."""

    __slots__ = ("number",)

    def __init__(self, number):
        self.number = number


def make(kind):
    """The one place where they come from."""
    return kind()


def rss():
    """Resident bytes, of the kernel."""
    with open("/proc/self/statm", "rb") as statm:
        return int(statm.read().split()[1]) * PAGE


def churn():
    """What makes most of the events, and leaves nothing."""
    reference_work.churn_classes()
    reference_work.churn_builtins()
    reference_work.json_round_trip()
    reference_work.diff()


def count_events():
    """Objects that churn() makes or destroys."""
    import pmt
    with pmt.ReferenceTracingSimple() as tracer:
        churn()
    return tracer.count_new() + tracer.count_del()


def work(minutes):
    """The program: a line of JSON each minute."""
    lot = random.Random(1)
    kinds = [type("Kind%02d" % number, (Kind,), {"__slots__": ()})
             for number in range(1, KINDS + 1)]
    living.extend(make(kind) for number, kind in enumerate(kinds, 1)
                  for _ in range(number * EACH))
    turns, events = 0, count_events()
    start = told = time.monotonic()
    while told - start < minutes * 60:
        begun = time.monotonic()
        churn()
        for place in lot.sample(range(len(living)), REPLACED):
            living[place] = make(type(living[place]))
        leaks.extend(Leak(len(leaks) + n) for n in range(LEAKED))
        turns += 1
        now = time.monotonic()
        if now - told >= 60 or now - start >= minutes * 60:
            told = now
            print(json.dumps({
                "seconds": now - start, "events": turns * events, "rss": rss(),
                "cpu": time.process_time(), "leaks": len(leaks),
                "leaked": sum(map(sys.getsizeof, leaks)) +
                          sum(map(sys.getsizeof, range(len(leaks)))) +
                          sys.getsizeof(leaks)}), flush=True)
        time.sleep(now - begun)


def numbers_of_summary(path):
    """{type: (alive, error)} of a report of -r."""
    with open(path) as file:
        found = re.findall(r"^ +([\d,]+) +\S+ \S+  \S+  (\S+)(?:  \(growing\))?"
                           r"  \+- ([\d,]+)$", file.read(), re.MULTILINE)
    return {name.rpartition(".")[2]:
            (int(alive.replace(",", "")), int(error.replace(",", "")))
            for alive, name, error in found}


def compare_objects(path, leaks):
    told = numbers_of_summary(path)
    truth = {"Kind%02d" % number: number * EACH
             for number in range(1, KINDS + 1)}
    truth["Leak"] = leaks
    inside = 0
    for name, (guess, error) in told.items():
        if name in truth:
            inside += abs(guess - truth[name]) <= error
            print("| %s | %d | %d +- %d |" % (name, truth[name], guess, error))
    print("\n%d of %d within their bounds" % (
        inside, len(truth.keys() & told.keys())))


def compare_blocks(path):
    told = json.loads(subprocess.run(
        ["pmt-analyse", "--json", "--group-by=line", path], check=True,
        stdout=subprocess.PIPE).stdout)[0]
    held = sum(line["left"] for line in told["own_lines"]
               if line["function"] == "Kind.__init__")
    truth = KINDS * (KINDS + 1) // 2 * EACH * (PAYLOAD + 33)
    print("\n-a: payloads hold %.1f MB, of %.1f MB" % (held / 1e6,
                                                       truth / 1e6))


def run(minutes, sample, directory):
    report = os.path.join(directory, "objects.txt")
    blocks = os.path.join(directory, "blocks.pmt")
    python = ["--python", sys.executable]
    program = [os.path.abspath(__file__), "--work", "--minutes", str(minutes)]
    commands = {
        "untraced": [sys.executable] + program,
        "-r": ["pmt-run", "-q", "-r", "--sample=%d" % sample, "--summary=60",
               "-o", report] + python + program,
        "-a": ["pmt-run", "-q", "-a", "--sample", "--summary=60", "-o",
               blocks] + python + program,
    }
    running = {name: subprocess.Popen(command, stdout=subprocess.PIPE,
                                      universal_newlines=True)
               for name, command in commands.items()}
    lines = {name: [json.loads(line)
                    for line in process.communicate()[0].splitlines()]
             for name, process in running.items()}
    print("| | events | CPU ns an event | RSS at first, MB | growth beyond the "
          "leak, MB: first half | second half | status |")
    print("| --- | --: | --: | --: | --: | --: | --: |")
    for name, told in lines.items():
        beyond = [line["rss"] - line["leaked"] for line in told]
        middle = len(told) // 2
        print("| %s | %.2e | %.1f | %.1f | %+.2f | %+.2f | %d |" % (
            name, told[-1]["events"],
            told[-1]["cpu"] / told[-1]["events"] * 1e9, told[0]["rss"] / 1e6,
            (beyond[middle] - beyond[0]) / 1e6,
            (beyond[-1] - beyond[middle]) / 1e6,
            running[name].returncode))
    print("\n| objects | alive | the report |\n| --- | --: | --: |")
    compare_objects(report, lines["-r"][-1]["leaks"])
    compare_blocks(blocks)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--minutes", type=float, default=60)
    parser.add_argument("--sample", type=int, default=1000)
    parser.add_argument("--work", action="store_true", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.work:
        work(arguments.minutes)
        return
    with tempfile.TemporaryDirectory() as directory:
        run(arguments.minutes, arguments.sample, directory)


if __name__ == "__main__":
    main()
