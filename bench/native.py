# SPDX-License-Identifier: MIT
"""What does pmt-run -a cost, beside heaptrack, memray, Fil and tracemalloc?

    python3 bench/native.py [--rounds N] [--only NAME]

memray and Fil (filprofiler) are taken from the Python that runs this, heaptrack
from PATH; those that are missing are named.  The columns are

    at 1, 20, 100   nanoseconds a pair of malloc and free of 100 bytes, in a
                    loop of C so many Python functions deep
    ring            the same of many sizes among 4,096 live blocks
    2 thr.          CPU time a pair of two threads without the GIL
    object          nanoseconds that an object takes which lives shortly
    calls           CPU time of code that only calls, by that untraced
    work            the same of code that parses JSON and Python
    start           CPU time of an empty program, in milliseconds
    RSS             of the empty program, in MiB
    record          bytes of the log for each block, and for each free, of a
                    program that allocates by malloc only

Each is the minimum of some rounds, and the rounds take turns, so that all were
measured in the same minutes.
"""
import argparse
import glob
import importlib.util
import os
import resource
import shlex
import shutil
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))

SCRIPTS = {
    "pairs": """
import ctypes, sys
sys.setrecursionlimit(10000)
library = ctypes.PyDLL(sys.argv[1])
library.pairs.restype = library.ring.restype = ctypes.c_double
def at(depth, call):
    return at(depth - 1, call) if depth > 1 else call()
pairs = lambda: library.pairs(20000, 100, 20)
print(at(1, pairs), at(20, pairs), at(100, pairs),
      at(20, lambda: library.ring(20000, 20)))
""",
    "threads": """
import ctypes, sys, threading, time
library = ctypes.CDLL(sys.argv[1])
def run():
    library.pairs(20000, 100, 20)
threads = [threading.Thread(target=run) for _ in range(2)]
start = time.process_time()
for thread in threads: thread.start()
for thread in threads: thread.join()
print((time.process_time() - start) * 1e9 / (2 * 20 * 20000))
""",
    "object": """
import itertools, time
def run(n):
    for _ in itertools.repeat(None, n): object()
best = 1e9
for _ in range(20):
    start = time.process_time()
    run(50000)
    best = min(best, time.process_time() - start)
print(best * 1e9 / 50000)
""",
    "calls": """
import time
def fib(n):
    return n if n < 2 else fib(n - 1) + fib(n - 2)
start = time.process_time()
fib(26); list(map(len, [()] * 1000000))
print(time.process_time() - start)
""",
    "work": """
import time, json, ast
text = json.dumps([{"name": "n%d" % i, "at": [i, i / 3]} for i in range(3000)])
source = "def f(a, b):\\n    return [a + b * c for c in range(10)]\\n" * 300
start = time.process_time()
for _ in range(10):
    json.loads(text); ast.parse(source)
print(time.process_time() - start)
""",
    "empty": """
print(int(open("/proc/self/statm").read().split()[1]) / 256)
""",
    "records": """
kept = [bytearray(600 + i % 400) for i in range(200000)]; del kept
""",
}

COLUMNS = [("at 1", 7, "%.1f"), ("at 20", 7, "%.1f"), ("at 100", 7, "%.1f"),
           ("ring", 7, "%.1f"), ("2 thr.", 7, "%.1f"), ("object", 7, "%.1f"),
           ("calls", 6, "%.2f"), ("work", 6, "%.2f"), ("start", 7, "%.1f"),
           ("RSS", 6, "%.1f"), ("record", 7, "%.2f")]


def cpu_of_children():
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


class Tool:

    def __init__(self, name, prefix, log=None):
        self.name, self.prefix, self.log = name, prefix, log
        self.best = {}

    def take(self, names, values):
        for name, value in zip(names, values):
            self.best[name] = min(value, self.best.get(name, float("inf")))

    def run(self, script, *args):
        """The numbers that it prints last."""
        lines = subprocess.run(
            self.prefix + [script, *args], stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL, check=True,
            text=True).stdout.splitlines()
        lines = [line for line in lines if line[:1].isdigit()]
        return [float(word) for word in lines[-1].split()] if lines else []

    def measure(self, directory, library):
        def path(name):
            return os.path.join(directory, name + ".py")
        self.take(["at 1", "at 20", "at 100", "ring"],
                  self.run(path("pairs"), library))
        self.take(["2 thr."], self.run(path("threads"), library))
        for name in ("object", "calls", "work"):
            self.take([name], self.run(path(name)))
        for _ in range(5):
            before = cpu_of_children()
            self.take(["RSS"], self.run(path("empty")))
            self.take(["start"], [1000 * (cpu_of_children() - before)])

    def measure_log(self, directory):
        """A block, and its end, are two records."""
        if self.log is not None:
            self.run(os.path.join(directory, "records.py"))
            self.best["record"] = sum(
                map(os.path.getsize, glob.glob(self.log + "*"))) / 400000


def tools(directory):
    python = sys.executable
    log = os.path.join(directory, "log")
    run = ["pmt-run", "-q", "-a", "--python", python, "-o", log]
    yield Tool("untraced", [python])
    yield Tool("pmt-run -a", run, log)
    for option in ("--sample", "--summary", "--objects", "--native"):
        yield Tool("  " + option, run + [option],
                   log if option == "--native" else None)
    yield Tool("tracemalloc, 1", [python, "-X", "tracemalloc=1"])
    yield Tool("tracemalloc, 25", [python, "-X", "tracemalloc=25"])
    if importlib.util.find_spec("memray"):
        memray = [python, "-m", "memray", "run", "-q", "-f", "-o", log]
        yield Tool("memray", memray, log)
        yield Tool("  --native", memray + ["--native"], log)
        yield Tool("  pymalloc too",
                   memray + ["--trace-python-allocators"])
    else:
        print("memray is missing")
    if importlib.util.find_spec("filprofiler"):
        yield Tool("Fil", [python, "-m", "filprofiler", "-o", log + ".fil",
                           "--no-browser", "run"])
    else:
        print("Fil is missing")
    if shutil.which("heaptrack"):
        # Its process that reads what it writes is not counted as the program.
        yield Tool("heaptrack", ["heaptrack", "-r", "-o", log, python],
                   log)
    else:
        print("heaptrack is missing")


def show(everything):
    plain = everything[0].best
    print("%-16s" % "" + "".join(
        "%*s" % (width, name) for name, width, _ in COLUMNS))
    for tool in everything:
        cells = []
        for name, width, form in COLUMNS:
            value = tool.best.get(name)
            if name in ("calls", "work"):
                value /= plain[name]
            cells.append("%*s" % (width, "" if value is None
                                  else form % value))
        print("%-16s" % tool.name + "".join(cells), flush=True)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--only", action="append", metavar="NAME",
                        help="besides untraced, tools of this name")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as directory:
        library = os.path.join(directory, "native.so")
        subprocess.run(shlex.split(os.environ.get("CC", "cc")) + [
            "-O2", "-shared", "-fPIC", "-o", library,
            os.path.join(HERE, "native.c")], check=True)
        for name, code in SCRIPTS.items():
            with open(os.path.join(directory, name + ".py"), "w",
                      encoding="utf-8") as file:
                file.write(code)
        everything = [tool for tool in tools(directory)
                      if not arguments.only or tool.name == "untraced" or
                      tool.name.strip() in arguments.only]
        for _ in range(arguments.rounds):
            for tool in everything:
                tool.measure(directory, library)
        for tool in everything:
            for old in glob.glob(os.path.join(directory, "log*")):
                shutil.rmtree(old) if os.path.isdir(old) else os.unlink(old)
            tool.measure_log(directory)
        show(everything)


if __name__ == "__main__":
    main()
