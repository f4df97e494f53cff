# SPDX-License-Identifier: MIT
"""What does pmt-run -a cost, beside memray, tracemalloc and nothing?

    python3 bench/native.py [--memray DIRECTORY] [--rounds N]

Prints nanoseconds a pair of malloc and free at three depths of the Python
stack, and with 4,096 live blocks; the CPU time of code that only calls and of
code that makes objects, as ratios; that of an empty program, in milliseconds;
bytes of log a record.
Each is the minimum of some rounds, and the rounds take turns, so that all were
measured in the same minutes.
"""
import argparse
import os
import resource
import shlex
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))

PAIRS = """
import ctypes, sys
sys.setrecursionlimit(10000)
library = ctypes.PyDLL(sys.argv[1])
library.pairs.restype = library.ring.restype = ctypes.c_double
def at(depth, call):
    return at(depth - 1, call) if depth > 1 else call()
pairs = lambda: library.pairs(20000, 100, 20)
print(at(1, pairs), at(20, pairs), at(100, pairs),
      at(20, lambda: library.ring(20000, 20)))
"""

CALLS = """
import time
def fib(n):
    return n if n < 2 else fib(n - 1) + fib(n - 2)
start = time.process_time()
fib(26); list(map(len, [()] * 1000000))
print(time.process_time() - start)
"""

OBJECTS = """
import time, json, ast
text = json.dumps([{"name": "n%d" % i, "at": [i, i / 3]} for i in range(3000)])
source = "def f(a, b):\\n    return [a + b * c for c in range(10)]\\n" * 300
start = time.process_time()
for _ in range(10):
    json.loads(text); ast.parse(source)
print(time.process_time() - start)
"""

RECORDS = "kept = [bytearray(600 + i % 400) for i in range(200000)]; del kept"


def output(command, env=None):
    return subprocess.run(command, env=dict(os.environ, **(env or {})),
                          stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
                          check=True, text=True).stdout.split()


def cpu_of_children():
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


class Tool:

    def __init__(self, name, prefix, env=None):
        self.name, self.prefix, self.env = name, prefix, env
        self.best = {}

    def take(self, name, values):
        before = self.best.get(name, [float("inf")] * len(values))
        self.best[name] = [min(pair) for pair in zip(before, values)]

    def measure(self, directory, library):
        for name, code, more in (("pairs", PAIRS, [library]),
                                 ("calls", CALLS, []),
                                 ("objects", OBJECTS, [])):
            script = os.path.join(directory, name + ".py")
            with open(script, "w", encoding="utf-8") as file:
                file.write(code)
            self.take(name, [float(word) for word in output(
                self.prefix + [script] + more, self.env)])
        script = os.path.join(directory, "start.py")
        open(script, "w", encoding="utf-8").close()
        times = []
        for _ in range(5):
            before = cpu_of_children()
            output(self.prefix + [script], self.env)
            times.append(cpu_of_children() - before)
        self.take("start", [1000 * min(times)])


def tools(arguments, directory):
    python = sys.executable
    log = os.path.join(directory, "log")
    run = ["pmt-run", "-q", "-a", "--python", python, "-o", log]
    yield Tool("untraced", [python])
    yield Tool("pmt-run -a", run)
    yield Tool("  --sample", run + ["--sample"])
    yield Tool("  --summary", run + ["--summary"])
    yield Tool("  --objects", run + ["--objects"])
    yield Tool("  --native", run + ["--native"])
    yield Tool("tracemalloc, 1 frame", [python, "-X", "tracemalloc=1"])
    if arguments.memray:
        memray = [python, "-m", "memray", "run", "-q", "-f", "-o", log]
        env = {"PYTHONPATH": arguments.memray}
        yield Tool("memray", memray, env)
        yield Tool("memray, native",
                   memray[:4] + ["--native"] + memray[4:], env)
        yield Tool("memray, objects",
                   memray[:4] + ["--trace-python-allocators"] + memray[4:],
                   env)


def show(everything):
    plain = everything[0].best
    print("%-22s %6s %6s %6s %6s  %7s %7s %8s" % (
        "", "at 1", "at 20", "at 100", "ring", "calls", "objects", "start"))
    for tool in everything:
        best = tool.best
        print("%-22s %6.1f %6.1f %6.1f %6.1f  %6.2fx %6.2fx %5.1f ms" % (
            (tool.name,) + tuple(best["pairs"]) + (
                best["calls"][0] / plain["calls"][0],
                best["objects"][0] / plain["objects"][0],
                best["start"][0])))


def bytes_a_record(directory):
    log = os.path.join(directory, "records.pmt")
    output(["pmt-run", "-q", "-a", "--python", sys.executable, "-o", log,
            "-c", RECORDS])
    # A block, and its end.
    return os.path.getsize(log) / 400000


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--memray")
    parser.add_argument("--rounds", type=int, default=3)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as directory:
        library = os.path.join(directory, "native.so")
        subprocess.run(shlex.split(os.environ.get("CC", "cc")) + [
            "-O2", "-shared", "-fPIC", "-o", library,
            os.path.join(HERE, "native.c")], check=True)
        everything = list(tools(arguments, directory))
        for _ in range(arguments.rounds):
            for tool in everything:
                tool.measure(directory, library)
        show(everything)
        print("log: %.2f bytes a record" % bytes_a_record(directory))


if __name__ == "__main__":
    main()
