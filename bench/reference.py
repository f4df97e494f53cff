# SPDX-License-Identifier: MIT
"""What does it cost to trace references?

Runs the same work untraced, under a tracer that does nothing, under pmt and
under pymemtrace, and compares the least CPU time of each; see bench/worker.py.
pymemtrace, where noise matters less, takes part in one round of four.  Every
traced run follows an untraced one in its process, so that the ratios are
ratios within one run.

    PYTHONPATH=build/python python3.13 bench/reference.py [--rounds N]
        [--pymemtrace SITE] [--work NAME]... [--directory DIR]

SITE is a directory with pymemtrace built for this Python; see
bench/pymemtrace.  Prints Markdown.
"""
import argparse
import contextlib
import json
import platform
import sys
import tempfile

import reference_work
from worker import Worker, build_extension, cpu_time


@contextlib.contextmanager
def no_op_tracer():
    """The tracer of noop.c."""
    import noop
    noop.start()
    yield None
    noop.stop()


def pmt_simple():
    import pmt
    return pmt.ReferenceTracingSimple()


def pmt_tracer(filepath="pmt.log", **options):
    import pmt
    return pmt.ReferenceTracing(filepath=filepath, gc_collect_on_exit=-1,
                                **options)


def pymemtrace_tracer(**options):
    from pymemtrace import cPyMemTrace
    return cPyMemTrace.ReferenceTracing(filepath="pymemtrace.log",
                                        gc_collect_on_exit=-1, **options)


BUILTINS = "pmt.ReferenceTracing, builtins"
VARIANTS = {
    "no-op tracer": no_op_tracer,
    "pmt.ReferenceTracingSimple": pmt_simple,
    "pmt.ReferenceTracing": pmt_tracer,
    BUILTINS: lambda: pmt_tracer(include_builtins=True),
    BUILTINS + ", 3 columns":
        lambda: pmt_tracer(include_builtins=True,
                           columns=("Thread", "Wall", "Size")),
    BUILTINS + ", compact log":
        lambda: pmt_tracer("pmt.pmt", include_builtins=True),
    BUILTINS + ", compact log, Size":
        lambda: pmt_tracer("pmt.pmt", include_builtins=True,
                           columns=["Size"]),
    BUILTINS + ", compact log, Own":
        lambda: pmt_tracer("pmt.pmt", include_builtins=True, columns=["Own"]),
    BUILTINS + ", compact log, Own and Stack":
        lambda: pmt_tracer("pmt.pmt", include_builtins=True, stack=True),
    BUILTINS + ", compact log, memory=True":
        lambda: pmt_tracer("pmt.pmt", include_builtins=True, memory=True),
    BUILTINS + ", summary":
        lambda: pmt_tracer("pmt.txt", include_builtins=True,
                           format="summary"),
    BUILTINS + ", 1 in 1000, summary":
        lambda: pmt_tracer("pmt.txt", include_builtins=True,
                           columns=["Size", "Own"], format="summary",
                           sample=1000),
    "pymemtrace": pymemtrace_tracer,
    "pymemtrace, builtins":
        lambda: pymemtrace_tracer(include_builtins=True),
}


def count_rows(tracer, variant):
    """Rows that the tracer wrote, or what one without a log counted."""
    if not variant.startswith("pymemtrace"):
        return tracer.count_new() + tracer.count_del()
    with open("pymemtrace.log", "rb") as log:
        return sum(line.startswith((b"NEW:", b"DEL:")) for line in log)


def serve(variant):
    """For each name of work read, run it untraced and traced; tell times."""
    rows = {}
    for line in sys.stdin:
        work = reference_work.WORK[line.strip()]
        answer = {"untraced": cpu_time(work)}
        with VARIANTS[variant]() as tracer:
            answer["traced"] = cpu_time(work)
        if line not in rows:
            rows[line] = 0 if tracer is None else count_rows(tracer, variant)
        print(json.dumps(dict(answer, rows=rows[line])), flush=True)


def print_table(name, workers):
    """Ratio to untraced, ns an event, ns a row; the floor subtracted too."""
    bests = {variant: worker.best[name] for variant, worker in workers.items()}
    untraced = min(best["untraced"] for best in bests.values())
    events = bests[BUILTINS]["rows"]
    print("\n%s\n\nUntraced %.1f ms; %s objects made or destroyed.\n" % (
        reference_work.WORK[name].__doc__, untraced / 1e6,
        format(events, ",")))
    print("| %-42s | ratio | ns an event | rows | ns a row |" % "tracer")
    print("| --- | ---: | ---: | ---: | ---: |")
    for variant, best in bests.items():
        tax = best["traced"] - best["untraced"]
        rows = best["rows"]
        print("| %-42s | %.2f | %.1f | %s | %s |" % (
            variant, best["traced"] / best["untraced"], tax / events,
            format(rows, ",") if rows else "",
            "%.1f" % (tax / rows) if rows else ""), flush=True)


def parse_arguments():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument("--pymemtrace", metavar="SITE")
    parser.add_argument("--directory", help="where the logs go for a while")
    parser.add_argument("--work", action="append",
                        choices=list(reference_work.WORK))
    parser.add_argument("--variant", action="append", default=[],
                        help="only this tracer (%s is always in)" % BUILTINS)
    parser.add_argument("--serve", help=argparse.SUPPRESS)
    return parser.parse_args()


def main():
    arguments = parse_arguments()
    if arguments.serve:
        serve(arguments.serve)
        return
    with tempfile.TemporaryDirectory(dir=arguments.directory) as directory:
        build_extension("noop", directory)
        workers = {
            variant: Worker(__file__, variant, arguments.pymemtrace, directory)
            for variant in VARIANTS
            if (arguments.pymemtrace or not variant.startswith("pymemtrace"))
            and (not arguments.variant
                 or variant in arguments.variant + [BUILTINS])}
        print("CPython %s, Linux %s, %s" % (
            platform.python_version(), platform.release(),
            platform.machine()))
        for name in arguments.work or reference_work.WORK:
            for n in range(arguments.rounds):
                for variant, worker in workers.items():
                    if n % 4 == 0 or not variant.startswith("pymemtrace"):
                        worker.run(name)
            print_table(name, workers)
        for worker in workers.values():
            worker.stop()


if __name__ == "__main__":
    main()
