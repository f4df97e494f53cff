# SPDX-License-Identifier: MIT
"""Twenty tasks of pymemtrace's documents, by pymemtrace and by pmt.

Each task is the same program, which imports pymemtrace: once the true one,
once pmt's names for it.  It runs in a process of its own, in turns, and its
least time counts, since other load only ever adds.

    python3.13 bench/dropin.py --pymemtrace SITE --build BUILD

SITE is a directory with pymemtrace and its psutil and colorama; BUILD is that
of pmt.  Prints Markdown.
"""
import argparse
import os
import platform
import subprocess
import sys
import tempfile

WORK = """
class Point:
    def __init__(self, x):
        self.x = x

def make(x):
    return Point([x])

def work():
    kept = []
    for x in range(1000):
        kept.append(make(x))
        if len(kept) > 100:
            kept.clear()
    return [make(x) for x in range(2000)]
"""

BLOCK = """
from pymemtrace import cPyMemTrace
import time
%s
work()
start = time.process_time()
with %%s:
    work()
print(time.process_time() - start)
""" % WORK

CALLS = """
import time
%s
def call():
    %s
call()
start = time.process_time()
for _ in range(%d):
    call()
print((time.process_time() - start) / %d)
%s
"""


def calls(setup, statement, count, end=""):
    return CALLS % (setup, statement, count, count, end)


NESTED = "cPyMemTrace.Profile(), cPyMemTrace.Profile()"
REFERENCE = "cPyMemTrace.ReferenceTracing(%s)"
FROM = "from pymemtrace import cPyMemTrace, cMemLeak, trace_malloc, " \
       "debug_malloc_stats\n"

#: name, program that prints seconds
TASKS = [
    ("Profile()", BLOCK % "cPyMemTrace.Profile()"),
    ("Profile(0), every event", BLOCK % "cPyMemTrace.Profile(0)"),
    ("Trace()", BLOCK % "cPyMemTrace.Trace()"),
    ("Trace(0), every event", BLOCK % "cPyMemTrace.Trace(0)"),
    ("a Profile in a Profile", BLOCK % NESTED),
    ("ReferenceTracingSimple()", BLOCK % "cPyMemTrace."
     "ReferenceTracingSimple()"),
    ("ReferenceTracing()", BLOCK % (REFERENCE % "")),
    ("... include_builtins=True", BLOCK % (REFERENCE %
                                           "include_builtins=True")),
    ("... include_tp_names that match nothing", BLOCK % (
        REFERENCE % "include_tp_names=['Nothing']")),
    ("... exclude_tp_names=['Point']", BLOCK % (
        REFERENCE % "exclude_tp_names=['Point']")),
    ("... gc_collect_on_exit=-1", BLOCK % (
        REFERENCE % "gc_collect_on_exit=-1")),
    ("ReferenceTracing() of `return 1`", calls(
        FROM + "def one(): return 1",
        "with cPyMemTrace.ReferenceTracing(filepath='log', "
        "gc_collect_on_exit=-1): one()", 200)),
    ("Profile() of `return 1`", calls(
        FROM + "def one(): return 1",
        "with cPyMemTrace.Profile(filepath='log'): one()", 200)),
    ("rss()", calls(FROM, "cPyMemTrace.rss()", 100000)),
    ("rss_peak()", calls(FROM, "cPyMemTrace.rss_peak()", 100000)),
    ("live_object_counts(), of 100 types", calls(
        FROM + "tracing = cPyMemTrace.ReferenceTracing(filepath='log')\n"
        "tracing.__enter__()\n"
        "kept = [type('T%d' % n, (), {})() for n in range(100)]",
        "tracing.live_object_counts()", 1000,
        "tracing.__exit__(None, None, None)")),
    ("CMalloc(1024) and free", calls(FROM, "cMemLeak.CMalloc(1024)", 100000)),
    ("TraceMalloc('lineno') of 1 MiB", calls(
        FROM, "with trace_malloc.TraceMalloc('lineno'): b' ' * (1 << 20)",
        20)),
    ("DiffSysDebugMallocStats(), with diff()", calls(
        FROM, "with debug_malloc_stats.DiffSysDebugMallocStats() as d: "
        "' ' * 99\n    d.diff()", 20)),
]

# Rows of many places, as a tracer makes them.
LOG = """
rows = ["SOF", "HDR: " + " ".join("Clock Address LiveCnt Type File Line "
        "Function RSS dRSS".split())]
for n in range(140000):
    rows.append("%s: %12.6f 0x%x %16d %-32s %-80s %4d %-40s %16d %16d" % (
        "NEW" if n % 2 == 0 else "DEL", n / 1e6, 4096 + (n // 2 % 5000) * 64,
        1, "Type%d" % (n // 2 % 50), "/srv/app/m%d.py" % (n // 2 % 50),
        n // 2 % 900, "f%d" % (n // 2 % 90), 10 << 20, 0))
print("\\n".join(rows + ["EOF"]))
"""


def cpu_seconds(command, **kwargs):
    """User and system time of a command and its children."""
    before = os.times()
    subprocess.run(command, stdout=subprocess.DEVNULL,
                   stderr=subprocess.DEVNULL, **kwargs)
    after = os.times()
    return (after.children_user + after.children_system -
            before.children_user - before.children_system)


def run_task(program, environment, directory):
    process = subprocess.run(
        [sys.executable, "-c", program], env=environment, cwd=directory,
        stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
        universal_newlines=True)
    lines = process.stdout.split()
    return float(lines[-1]) if process.returncode == 0 else None


def watch(environment, directory):
    """30 samples of process_tree; the program itself has no end."""
    with subprocess.Popen([sys.executable, "-c", "import time\n"
                           "time.sleep(1.5)"]) as process:
        return cpu_seconds([
            "timeout", "-s", "INT", "1.5", sys.executable, "-m",
            "pymemtrace.process_tree", "-a", "-i", "0.05", "-p",
            str(process.pid)], env=environment, cwd=directory)


def least(measure, environments, rounds):
    """The least of each package, measured in turns; None: it failed."""
    seen = [[] for _ in environments]
    for _ in range(rounds):
        for values, environment in zip(seen, environments):
            values.append(measure(environment))
    return [min((value for value in values if value is not None),
                default=None) for values in seen]


def shown(seconds):
    if seconds is None:
        return "fails"
    for unit, size in (("s", 1), ("ms", 1e-3), ("us", 1e-6)):
        if seconds >= size:
            break
    return "%.3g %s" % (seconds / size, unit)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--pymemtrace", required=True)
    parser.add_argument("--build", required=True)
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args()
    build = os.path.abspath(options.build)
    # Both are run compiled, as installed packages are: the first round does.
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    site = os.path.abspath(options.pymemtrace)
    environments = [
        dict(os.environ, PYTHONPATH=site),
        dict(os.environ, PYTHONPATH=os.pathsep.join((
            os.path.join(build, "python"), site)),
            PATH=os.path.join(build, "src") + ":" + os.environ["PATH"])]
    print("Python %s, %s, the least of %d runs.\n" % (
        platform.python_version(), platform.machine(), options.rounds))
    print("| task | pymemtrace | pmt |\n| --- | ---: | ---: |")
    with tempfile.TemporaryDirectory() as directory:
        for environment in environments:
            environment["PYTHONPYCACHEPREFIX"] = directory
        log = os.path.join(directory, "a.log")
        with open(log, "w") as file:
            subprocess.run([sys.executable, "-c", LOG], stdout=file)
        tasks = [(name, lambda env, program=program: run_task(
            program, env, directory)) for name, program in TASKS]
        tasks.append((
            "ref_trace_analyse of a log of %d MB" % (
                os.path.getsize(log) // 1000000),
            lambda env: cpu_seconds(
                [sys.executable, "-m", "pymemtrace.util.ref_trace_analyse",
                 log], env=env, cwd=directory)))
        tasks.append(("process_tree -a, 30 samples, CPU time",
                      lambda env: watch(env, directory)))
        for name, measure in tasks:
            theirs, ours = least(measure, environments, options.rounds)
            behind = None not in (theirs, ours) and ours > theirs
            print("| %s | %s | %s%s |" % (name, shown(theirs), shown(ours),
                                          " (behind)" * behind), flush=True)


if __name__ == "__main__":
    main()
