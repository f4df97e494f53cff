# SPDX-License-Identifier: MIT
"""What does one short block cost, when it is entered again and again?

The block is a call of a function that returns 1, made anew each time as a
decorator makes it; pmt's logs go to /dev/null and to a directory in memory,
pymemtrace's where its names are generated.  The least time of a block counts:
other load only ever adds.

    PYTHONPATH=build/python python3.13 bench/shortblocks.py
        [--pymemtrace SITE] [--memory DIRECTORY]

SITE is a directory with pymemtrace; see bench/pymemtrace.  Prints Markdown.
"""
import argparse
import json
import os
import platform
import resource
import subprocess
import sys
import tempfile
import time

BLOCKS = 500


def one():
    return 1


def pmt_blocks(name, path, **kwargs):
    import pmt
    tracer = getattr(pmt, name)
    return lambda: tracer(filepath=path, **kwargs)


def old_blocks(name, **kwargs):
    from pymemtrace import cPyMemTrace
    tracer = getattr(cPyMemTrace, name)
    return lambda: tracer(**kwargs)


def measure(make):
    """Microseconds of the fastest block, page faults of all but the first."""
    with make():
        one()
    best, before = float("inf"), resource.getrusage(resource.RUSAGE_SELF)
    for _ in range(BLOCKS):
        start = time.perf_counter()
        with make():
            one()
        best = min(best, time.perf_counter() - start)
    after = resource.getrusage(resource.RUSAGE_SELF)
    return best * 1e6, (after.ru_minflt - before.ru_minflt) / BLOCKS


def variants(directory):
    """(tracer, log, what makes a block, its module)"""
    no_collection = {"gc_collect_on_exit": -1}
    for name, kwargs in (("ReferenceTracing", no_collection),
                         ("Profile", {}), ("Trace", {})):
        yield name, "pymemtrace", (old_blocks, [name], kwargs), "pymemtrace"
        for log, path, form in (
                ("/dev/null", "/dev/null", "text"),
                ("text, in memory", os.path.join(directory, "log"), "text"),
                ("compact, in memory", os.path.join(directory, "log.pmt"),
                 "compact")):
            yield (name, log, (pmt_blocks, [name, path],
                               dict(kwargs, format=form)), "pmt")


def child(index, directory):
    os.chdir(directory)
    factory, args, kwargs = list(variants(directory))[index][2]
    json.dump(measure(factory(*args, **kwargs)), sys.stdout)


def run_child(index, directory, module, site):
    path = os.environ.get("PYTHONPATH", "")
    if module == "pymemtrace":
        path = site
    process = subprocess.run(
        [sys.executable, os.path.abspath(__file__), "--child", str(index),
         directory], stdout=subprocess.PIPE, check=True,
        env=dict(os.environ, PYTHONPATH=path))
    return json.loads(process.stdout)


def main():
    if sys.argv[1:2] == ["--child"]:
        child(int(sys.argv[2]), sys.argv[3])
        return
    parser = argparse.ArgumentParser()
    parser.add_argument("--pymemtrace", metavar="SITE")
    parser.add_argument("--memory", metavar="DIRECTORY", default="/dev/shm")
    options = parser.parse_args()
    site = options.pymemtrace and os.path.abspath(options.pymemtrace)
    print("CPython %s, Linux %s\n" % (platform.python_version(),
                                      platform.release()))
    print("| tracer | log | µs a block | page faults |")
    print("| --- | --- | ---: | ---: |")
    with tempfile.TemporaryDirectory(dir=options.memory) as directory:
        for index, (name, log, _, module) in enumerate(variants(directory)):
            if module == "pymemtrace" and not site:
                continue
            print("| %s | %s | %.1f | %.2f |" % (
                (name, log) + tuple(run_child(index, directory, module,
                                              site))))


if __name__ == "__main__":
    main()
