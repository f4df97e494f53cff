# SPDX-License-Identifier: MIT
"""Does tracing references grow the process that it traces?

    PYTHONPATH=build/python python3.13 bench/reference_long.py

Ten million objects are made or destroyed while a compact log is written, and
as many with a text log (to /dev/null).  The work keeps 64 objects and no more,
so whatever RSS gains after the first moments is the tracer's.
"""
import os
import resource
import tempfile

import pmt
import reference_work

EVENTS = 10000000
PAGE = resource.getpagesize()


def rss():
    """Resident bytes, of the kernel."""
    with open("/proc/self/statm", "rb") as statm:
        return int(statm.read().split()[1]) * PAGE


def work(tracer, until):
    """Churn objects until the tracer has seen so many events."""
    while tracer.count_new() + tracer.count_del() < until:
        reference_work.churn_classes()
        reference_work.churn_builtins()


def run(path):
    """Trace into path, print what RSS did."""
    before = rss()
    tracer = pmt.ReferenceTracing(filepath=path, include_builtins=True)
    with tracer:
        work(tracer, EVENTS // 20)
        early = rss()
        work(tracer, EVENTS)
        late = rss()
    after = rss()
    print("%-22s %d events: RSS %+d KiB up to event %d, then %+d KiB, "
          "after the block %+d KiB" % (
              os.path.basename(path), tracer.count_new() + tracer.count_del(),
              (early - before) >> 10, EVENTS // 20, (late - early) >> 10,
              (after - before) >> 10), flush=True)


def main():
    reference_work.churn_classes()
    reference_work.churn_builtins()
    with tempfile.TemporaryDirectory() as directory:
        run(os.path.join(directory, "log.pmt"))
    run("/dev/null")


if __name__ == "__main__":
    main()
