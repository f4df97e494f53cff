# SPDX-License-Identifier: MIT
"""How large are the logs?

The same work is traced by pmt, by pymemtrace and by memray, after a run that
is not traced; each of them works in a process of its own.  Sizes are exact and
do not depend on what else the machine does.

    PYTHONPATH=build/python python3.13 bench/logsize.py [--pymemtrace SITE]
        [--memray SITE] [--work NAME]... [--directory DIR]

SITE is a directory with that package for this Python; see bench/pymemtrace and
"pip install --target SITE memray".  Prints Markdown.
"""
import argparse
import ast
import gzip
import json
import os
import platform
import shutil
import sys
import tempfile

import reference_work
from worker import Worker


def ast_round_trip():
    """ast.parse() and unparse() of modules of the standard library."""
    for text, _ in reference_work.stdlib_sources()[:25]:
        ast.unparse(ast.parse(text))


WORK = {"ast": ast_round_trip}
WORK.update((name, reference_work.WORK[name])
            for name in ("compile", "json", "difflib"))
IN_PYTHON = ("ast", "difflib")      # the others are all but one call of C


# What runs a work under a tracer and returns the events that it logged.

def pmt_reference(work, path):
    import pmt
    with pmt.ReferenceTracing(filepath=path, include_builtins=True,
                              gc_collect_on_exit=-1) as tracer:
        work()
    return tracer.count_new() + tracer.count_del()


def pmt_profiler(kind, work, path):
    import pmt
    with getattr(pmt, kind)(0, filepath=path) as tracer:
        work()
    return tracer.event_count()


def count_lines(path, *tags):
    with open(path, "rb") as log:
        return sum(line.startswith(tags) for line in log)


def pymemtrace_reference(work, path):
    from pymemtrace import cPyMemTrace
    with cPyMemTrace.ReferenceTracing(filepath=path, include_builtins=True,
                                      gc_collect_on_exit=-1):
        work()
    return count_lines(path, b"NEW:", b"DEL:")


def pymemtrace_profiler(kind, work, path):
    from pymemtrace import cPyMemTrace
    with getattr(cPyMemTrace, kind)(0, filepath=path):
        work()
    return count_lines(path, b"FRST:", b"NEXT:", b"PREV:", b"LAST:")


def memray(work, path, compress=True, **options):
    """As memray run does it, which compresses the file at its end."""
    from memray import FileDestination, FileReader, Tracker
    with Tracker(destination=FileDestination(path, compress_on_exit=compress),
                 **options):
        work()
    reader = FileReader(path)
    events = reader.metadata.total_allocations
    if options.get("track_object_lifetimes"):
        events += sum(1 for _ in reader.get_object_lifetime_events())
    return events


def pmt_writers(run):
    return {"compact": (run, "pmt.pmt"), "text": (run, "pmt.log")}


def profilers(kind):
    writers = pmt_writers(lambda *work: pmt_profiler(kind, *work))
    writers["pymemtrace"] = (
        lambda *work: pymemtrace_profiler(kind, *work), "pymemtrace.log")
    return writers


def memray_writer(**options):
    return lambda *work: memray(*work, **options), "memray.bin"


REFERENCE = "ReferenceTracing, builtins too"
WRITERS = {
    REFERENCE: dict(
        pmt_writers(pmt_reference),
        pymemtrace=(pymemtrace_reference, "pymemtrace.log"),
        memray=memray_writer(),
        **{"memray --trace-python-allocators":
               memray_writer(trace_python_allocators=True),
           "memray --trace-python-allocators --no-compress":
               memray_writer(trace_python_allocators=True, compress=False)}),
    "Profile, every event": profilers("Profile"),
    "Trace, every event": profilers("Trace"),
}
if sys.version_info >= (3, 13, 3):
    WRITERS[REFERENCE].update({
        "memray, track_object_lifetimes":
            memray_writer(track_object_lifetimes=True),
        "memray, track_object_lifetimes, not compressed":
            memray_writer(track_object_lifetimes=True, compress=False)})

COMPRESSED = ("compact", "text")    # by gzip too


def gzip_size(path):
    """What gzip -6 makes of a file."""
    packed = path + ".gz"
    with open(path, "rb") as log, gzip.open(packed, "wb", 6) as out:
        shutil.copyfileobj(log, out)
    return os.path.getsize(packed)


def serve(writer, tracer):
    """Run each work whose name is read; tell its log's size."""
    trace, path = WRITERS[tracer][writer]
    for line in sys.stdin:
        work = WORK[line.strip()]
        work()
        answer = {"events": trace(work, path), "size": os.path.getsize(path)}
        if writer in COMPRESSED:
            answer["gzip"] = gzip_size(path)
        os.unlink(path)
        print(json.dumps(answer), flush=True)


def measure(tracer, sites, names, directory):
    """{writer: {work: what its worker told}}"""
    results = {}
    for writer in WRITERS[tracer]:
        package = writer.replace(",", " ").split()[0]
        if package in sites and sites[package] is None:
            continue
        worker = Worker(__file__, writer, sites.get(package), directory,
                        tracer)
        for name in names:
            worker.run(name)
        worker.stop()
        results[writer] = worker.best
    return results


def print_row(title, cells):
    print("| %s | %s |" % (title, " | ".join(cells)), flush=True)


def sizes(results, compact, key="size"):
    """Megabytes, bytes an event, and times the compact log."""
    return ["%.3g / %.3g / %.3g" % (
        told[key] / 1e6, told[key] / max(told["events"], 1),
        told[key] / compact[name]["size"]) for name, told in results.items()]


def print_table(tracer, results):
    compact = results["compact"]
    shown = [0] * len(compact)
    print("\n### %s\n" % tracer)
    print_row("MB / bytes an event / times compact", compact)
    print_row("---", ["---:"] * len(compact))
    for writer, told in results.items():
        events = [each["events"] for each in told.values()]
        # No two runs make the very same objects.
        if any(abs(a - b) > a / 1000 for a, b in zip(events, shown)):
            print_row(writer + ": events", [format(n, ",") for n in events])
            shown = events
        print_row(writer, sizes(told, compact))
        if writer in COMPRESSED:
            print_row(writer + ", gzip -6", sizes(told, compact, "gzip"))


def main():
    if sys.argv[1:2] == ["--serve"]:
        return serve(*sys.argv[2:4])
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--pymemtrace", metavar="SITE")
    parser.add_argument("--memray", metavar="SITE")
    parser.add_argument("--directory", help="where the logs go for a while")
    parser.add_argument("--work", action="append", choices=list(WORK))
    args = parser.parse_args()
    sites = {"pymemtrace": args.pymemtrace, "memray": args.memray}
    print("CPython %s, Linux %s, %s" % (
        platform.python_version(), platform.release(), platform.machine()))
    with tempfile.TemporaryDirectory(dir=args.directory) as directory:
        for tracer in WRITERS:
            names = args.work or (
                list(WORK) if tracer == REFERENCE else IN_PYTHON)
            print_table(tracer, measure(tracer, sites, names, directory))


if __name__ == "__main__":
    main()
