# SPDX-License-Identifier: MIT
"""What do Profile and Trace cost?

Runs the same work untraced, under listeners that do nothing, under pmt and
under pymemtrace, each in a process of its own, round and round, and compares
the least CPU time of each: other load on the machine only ever adds.  Every
traced run follows an untraced one in its process.

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
import subprocess
import sys
import sysconfig
import tempfile
import time

import profiler_work

HERE = os.path.dirname(os.path.abspath(__file__))

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
    "pymemtrace": lambda kind: pymemtrace_tracer(kind, -1),
    "pymemtrace, every event": lambda kind: pymemtrace_tracer(kind, 0),
}


def cpu_time(work):
    """CPU nanoseconds of this process that work takes."""
    start = time.process_time_ns()
    work()
    return time.process_time_ns() - start


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


class Worker:
    """A process that runs one variant, and the best of what it told."""

    def __init__(self, variant, kind, site, directory):
        env = dict(os.environ, PYTHONHASHSEED="0")
        paths = [os.path.abspath(path) for path in sys.path if path]
        if variant.startswith("pymemtrace"):
            # Before ours, which has a package of that name too.
            paths.insert(0, os.path.abspath(site))
        env["PYTHONPATH"] = os.pathsep.join(paths + [directory])
        self.best = {}
        self.process = subprocess.Popen(
            [sys.executable, os.path.abspath(__file__), "--serve", variant,
             kind], env=env, cwd=directory, stdin=subprocess.PIPE,
            stdout=subprocess.PIPE, text=True)

    def run(self, name):
        self.process.stdin.write(name + "\n")
        self.process.stdin.flush()
        line = self.process.stdout.readline()
        if not line:
            sys.exit("bench/profiler.py: a worker died of status %d"
                     % self.process.wait())
        best = self.best.setdefault(name, {})
        for key, value in json.loads(line).items():
            best[key] = min(value, best.get(key, value))

    def stop(self):
        self.process.stdin.close()
        self.process.wait()


def build_noop(directory):
    """Compile noop_profile.c for this interpreter into the directory."""
    subprocess.run(
        [os.environ.get("CC", "cc"), "-O2", "-shared", "-fPIC",
         "-isystem", sysconfig.get_path("include"),
         os.path.join(HERE, "noop_profile.c"), "-o",
         os.path.join(directory, "noop_profile" + sysconfig.get_config_var(
             "EXT_SUFFIX"))], check=True)


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
        build_noop(directory)
        for kind in args.kind or EVENTS:
            workers = {}
            for variant in variants:
                if "ring" in variant and not has_ring(directory):
                    continue
                workers[variant] = Worker(variant, kind, args.pymemtrace,
                                          directory)
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
