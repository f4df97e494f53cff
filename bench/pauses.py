# SPDX-License-Identifier: MIT
"""How long is a program kept from its work when pmt looks into it?

    PYTHONPATH=build/python PATH=$PWD/build/src:$PATH \\
        python3 bench/pauses.py [--objects 1000000] [--rounds 5] [PYTHON]...

The program has so many objects and does the same small work again and again.
CPU time of its main thread between two of these, which other load on the
machine does not lengthen much, is a pause if it is more than a millisecond.
Prints the least of the longest ones of each round, as Markdown.
"""
import argparse
import os
import subprocess
import sys
import tempfile
import time

PROGRAM = """
import os, sys, time
class Row:
    def __init__(self, number):
        self.number = number
        self.text = str(number)
rows = [Row(number) for number in range(int(sys.argv[1]) // 3)]
longest, stop = 0, sys.argv[2]
before = time.thread_time_ns()
for turn in range(10 ** 12):
    sum(len(row.text) for row in rows[:200])
    now = time.thread_time_ns()
    longest = max(longest, now - before)
    before = now
    if turn == 1000:
        print("ready", flush=True)
    if turn % 100 == 0 and os.path.exists(stop):
        break
print(longest)
"""

LOOKS = [
    ["--heap-snapshot"],
    ["-p", "-d", "0.3"],
    ["-r", "-d", "0.3"],
    ["-r", "-d", "0.3", "--gc-collect=-1"],
]


def longest_pause(python, objects, look, directory):
    """Milliseconds, while the program is looked at once."""
    stop = os.path.join(directory, "stop")
    program = subprocess.Popen([python, "-c", PROGRAM, str(objects), stop],
                               stdout=subprocess.PIPE,
                               universal_newlines=True)
    program.stdout.readline()
    if look:
        subprocess.run(["pmt-run", "--pid", str(program.pid), "-q", "-o",
                        os.path.join(directory, "log")] + look, check=True)
    else:
        time.sleep(0.5)
    with open(stop, "w"):
        pass
    told = program.communicate()[0]
    os.remove(stop)
    return int(told) / 1e6


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--objects", type=int, default=1000000)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("pythons", nargs="*", default=[sys.executable],
                        metavar="PYTHON")
    arguments = parser.parse_args()
    print("| CPython | nothing | %s |" % " | ".join(
        "`%s`" % " ".join(look) for look in LOOKS))
    print("| --- " + "| --: " * (len(LOOKS) + 1) + "|")
    for python in arguments.pythons:
        version = subprocess.check_output(
            [python, "-c", "import sys; print(*sys.version_info[:3])"],
            universal_newlines=True).split()
        cells = []
        for look in [[]] + LOOKS:
            if "-r" in look and int(version[1]) < 13:
                cells.append("")
                continue
            with tempfile.TemporaryDirectory() as directory:
                cells.append("%.1f" % min(
                    longest_pause(python, arguments.objects, look, directory)
                    for _ in range(arguments.rounds)))
        print("| %s | %s |" % (".".join(version), " | ".join(cells)),
              flush=True)


if __name__ == "__main__":
    main()
