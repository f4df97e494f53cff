# SPDX-License-Identifier: MIT
"""How fast are logs read, compact ones and text?

    PYTHONPATH=build/python PATH=build/src:$PATH python3.13 bench/reading.py
        [--program bench/reading] [--times N] [--rounds N] [--directory DIR]

Traces real work (bench/reference_work.py) into compact logs, has pmt-analyse
make text of them, and reads each: its lines with wc, its rows alone, its rows
and the books on them, and all of pmt-analyse -b.  They take turns, and the
least CPU time of each counts, user and system: other load on the machine only
ever adds.  Prints Markdown.
"""
import argparse
import os
import platform
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))

WORK = """
import sys
sys.path.insert(0, %r)
import reference_work
for _ in range(%d):
    for work in reference_work.WORK.values():
        work()
"""


def make_log(path, times, options):
    """Trace the work; return the paths of a compact log and its text."""
    subprocess.run(["pmt-run", "-q", "-o", path] + options
                   + ["-c", WORK % (HERE, times)], check=True)
    text = path[:-4] + ".log"
    with open(text, "wb") as file:
        subprocess.run(["pmt-analyse", "--text", path], stdout=file,
                       check=True)
    return [path, text]


def cpu_seconds(argv):
    """CPU seconds of one run, and the first word that it prints."""
    process = subprocess.Popen(argv, stdout=subprocess.PIPE)
    word = (process.stdout.read().split() or [b""])[0]
    process.stdout.close()
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = status
    if status != 0:
        sys.exit("%s: wait status %d" % (argv[0], status))
    return usage.ru_utime + usage.ru_stime, word


def measure(path, program, rounds):
    """Print a row of the table for each way to read the log."""
    ways = [("`wc -l`", ["wc", "-l", path]),
            ("rows", [program, "rows", path]),
            ("rows and books", [program, "books", path]),
            ("`pmt-analyse -b`", ["pmt-analyse", "-b", path])]
    best = {}
    for _ in range(rounds):
        for name, argv in ways:
            seconds, word = cpu_seconds(argv)
            best[name] = min(seconds, best.get(name, seconds))
            if name == "rows":
                rows = int(word)
    size = os.path.getsize(path)
    for name, _ in ways:
        print("| %s, %.1f M rows, %.0f MB | %s | %.0f | %.1f | %.2f |" % (
            os.path.basename(path), rows / 1e6, size / 1e6, name,
            best[name] * 1e9 / rows, rows / best[name] / 1e6,
            size / best[name] / 1e9), flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--program", default="bench/reading")
    parser.add_argument("--times", type=int, default=3)
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--directory", default=None)
    args = parser.parse_args()

    print("CPython %s, Linux %s, %d cores\n" % (
        platform.python_version(), platform.release(), os.cpu_count()))
    print("| log | | ns a row | M rows/s | GB/s |")
    print("| --- | --- | --: | --: | --: |")
    with tempfile.TemporaryDirectory(dir=args.directory) as directory:
        for name, options in (
                ("references.pmt", ["-r", "--builtins"]),
                ("profile.pmt", ["-p", "--trigger", "0"])):
            for path in make_log(os.path.join(directory, name), args.times,
                                 options):
                # Compact ones take so little time that more runs are cheap.
                measure(path, os.path.abspath(args.program),
                        args.rounds * (3 if path.endswith(".pmt") else 1))


if __name__ == "__main__":
    main()
