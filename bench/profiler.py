# SPDX-License-Identifier: MIT
"""What do Profile and Trace cost?

Runs the same work untraced, under listeners that do nothing, under pmt and
under pymemtrace, and compares the least CPU time of each; see bench/worker.py.
Every traced run follows an untraced one in its process.

    PYTHONPATH=build/python python3.13 bench/profiler.py [--rounds N]
        [--pymemtrace SITE] [--work NAME]... [--variant NAME]...

SITE is a directory with pymemtrace built for this Python; see
bench/pymemtrace.  Prints Markdown.
"""
import argparse
import contextlib
import json
import os
import platform
import sys
import tempfile

import profiler_work
from worker import Worker, build_extension, cpu_time

FEW_EVENTS = 1000

EVENTS = {
    "Profile": ["PY_START", "PY_RESUME", "PY_THROW", "PY_RETURN", "PY_YIELD",
                "PY_UNWIND", "CALL", "C_RETURN", "C_RAISE"],
    "Trace": ["PY_START", "PY_RESUME", "PY_THROW", "PY_RETURN", "PY_YIELD",
              "PY_UNWIND", "RAISE", "STOP_ITERATION", "LINE", "JUMP"],
}


@contextlib.contextmanager
def bare_monitoring(kind):
    """sys.monitoring with a C function that does nothing."""
    import noop_profile
    monitoring = sys.monitoring
    monitoring.use_tool_id(4, "noop")
    bits = 0
    for name in EVENTS[kind]:
        bit = getattr(monitoring.events, name)
        monitoring.register_callback(4, bit, noop_profile.listen)
        if not name.startswith("C_"):
            bits |= bit
    monitoring.set_events(4, bits)
    yield None
    monitoring.set_events(4, 0)
    monitoring.free_tool_id(4)


@contextlib.contextmanager
def bare_legacy(kind):
    """A profile or trace function that does nothing."""
    import noop_profile
    switch = getattr(noop_profile, "set_" + kind.lower())
    switch(True)
    yield None
    switch(False)


def pmt_tracer(kind, *args, **kwargs):
    import pmt
    return getattr(pmt, kind)(*args, filepath="pmt.log", **kwargs)


def pymemtrace_tracer(kind, trigger):
    from pymemtrace import cPyMemTrace
    return getattr(cPyMemTrace, kind)(trigger, filepath="pymemtrace.log")


VARIANTS = {
    "bare sys.monitoring": bare_monitoring,
    "bare PyEval_Set": bare_legacy,
    "pmt": lambda kind: pmt_tracer(kind, -1),
    "pmt, rss=ring": lambda kind: pmt_tracer(kind, -1, rss="ring"),
    "pmt, rss=every": lambda kind: pmt_tracer(kind, -1, rss="every"),
    "pmt, legacy engine": lambda kind: pmt_tracer(kind, -1, engine="legacy"),
    "pmt, all filtered out": lambda kind: pmt_tracer(
        kind, -1, include_files=["none"]),
    "pmt, every event": lambda kind: pmt_tracer(kind, 0),
    "pmt, every event, compact": lambda kind: pmt_tracer(
        kind, 0, format="compact"),
    "pmt, own lines and paths, compact": lambda kind: pmt_tracer(
        kind, -1, format="compact", stack=True),
    "pmt, every event, own lines, compact": lambda kind: pmt_tracer(
        kind, 0, format="compact", columns=["Own"]),
    "pmt, every event, paths, compact": lambda kind: pmt_tracer(
        kind, 0, format="compact", stack=True),
    "pymemtrace": lambda kind: pymemtrace_tracer(kind, -1),
    "pymemtrace, every event": lambda kind: pymemtrace_tracer(kind, 0),
}


def serve(variant, kind):
    """For each name of work read, run it untraced and traced; tell times."""
    for line in sys.stdin:
        work = profiler_work.WORK[line.strip()]
        answer = {"untraced": cpu_time(work)}
        with VARIANTS[variant](kind) as tracer:
            answer["traced"] = cpu_time(work)
        if hasattr(tracer, "event_count"):
            answer["events"] = tracer.event_count()
            answer["reads"] = tracer.statm_reads()
        print(json.dumps(answer), flush=True)


def print_table(kind, name, workers):
    """Ratio to untraced and ns an event: as measured, and above the floor."""
    best = {variant: worker.best[name]
            for variant, worker in workers.items() if name in worker.best}
    events = max(times.get("events", 0) for times in best.values())
    floor = min(times["traced"] - times["untraced"]
                for variant, times in best.items() if "bare" in variant)
    print("\n### %s: %s (%s events)\n" % (kind, name, format(events, ",")))
    print("| | times as long | ns an event | above the floor | "
          "reads of RSS |")
    print("| --- | ---: | ---: | ---: | ---: |")
    for variant, times in best.items():
        extra = times["traced"] - times["untraced"]
        row = ["%.2f" % (times["traced"] / times["untraced"]), "", "", ""]
        # Of few events in long work nothing can be said.
        if events > FEW_EVENTS:
            row[1] = "%.0f" % (extra / events)
            if "bare" not in variant:
                row[2] = "%.0f" % ((extra - floor) / events)
            if "reads" in times:
                row[3] = "%.1f %%" % (100 * times["reads"] / events)
        print("| %s | %s |" % (variant, " | ".join(row)))


def main():
    if sys.argv[1:2] == ["--serve"]:
        return serve(*sys.argv[2:4])
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--pymemtrace", metavar="SITE")
    parser.add_argument("--work", action="append",
                        choices=list(profiler_work.WORK))
    parser.add_argument("--variant", action="append", choices=list(VARIANTS))
    parser.add_argument("--kind", action="append", choices=list(EVENTS))
    args = parser.parse_args()
    variants = args.variant or [
        variant for variant in VARIANTS
        if args.pymemtrace or "pymemtrace" not in variant]
    print("Python %s, %s %s, least of %d rounds" % (
        platform.python_version(), platform.system(), platform.release(),
        args.rounds))
    with tempfile.TemporaryDirectory(prefix="pmt-bench-") as directory:
        build_extension("noop_profile", directory)
        for kind in args.kind or EVENTS:
            workers = {}
            for variant in variants:
                if "ring" in variant and not has_ring(directory):
                    continue
                workers[variant] = Worker(__file__, variant,
                                          args.pymemtrace, directory, kind)
            names = args.work or list(profiler_work.WORK)
            for _ in range(args.rounds):
                for name in names:
                    for worker in workers.values():
                        worker.run(name)
            for worker in workers.values():
                worker.stop()
            for name in names:
                print_table(kind, name, workers)


def has_ring(directory):
    """May this process watch its page faults?"""
    import pmt
    try:
        with pmt.Profile(filepath=os.path.join(directory, "try.log"),
                         rss="ring"):
            return True
    except OSError:
        return False


if __name__ == "__main__":
    main()
