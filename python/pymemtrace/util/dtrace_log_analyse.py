# SPDX-License-Identifier: MIT
"""What the output of a D script says of malloc and free: pmt-analyse does it.

    python -m pymemtrace.util.dtrace_log_analyse LOG

prints the figures that pymemtrace's module of this name has.
"""
import argparse
import json
import subprocess
import sys
import time

from pmt._programs import find_program

# What pmt-analyse calls them.
_FIGURES = (
    ("malloc count outstanding", "left_blocks"),
    ("Total bytes outstanding", "left_bytes"),
    ("Max bytes outstanding", "peak_bytes"),
    ("Total bytes malloc'd", "allocated_bytes"),
    ("Total bytes free'd", "freed_bytes"),
    ("Maximum malloc", "largest_bytes"),
    ("Max allocations", "peak_blocks"),
    ("Count mallocs", "mallocs"),
    ("Count frees non-null", "frees"),
    ("Count frees null", "null_frees"),
)


def analyse(path):
    """The report of pmt-analyse --json on this output, as a dict."""
    done = subprocess.run([find_program("pmt-analyse"), "--json", "--", path],
                          stdout=subprocess.PIPE, check=True)
    report = json.loads(done.stdout.decode("utf-8"))[0]
    if report["kind"] != "mallocs":
        raise ValueError("'%s' is no output of a D script" % path)
    return report


def main():
    parser = argparse.ArgumentParser(prog="dtrace_log_analyse.py",
                                     description=__doc__.split("\n")[0])
    parser.add_argument("path_in", help="the output")
    parser.add_argument("-l", "--log_level", type=int, default=20,
                        help="taken, and of no effect")
    started = time.perf_counter()
    try:
        report = analyse(parser.parse_args().path_in)
    except (OSError, subprocess.CalledProcessError, ValueError) as error:
        print("dtrace_log_analyse.py: %s" % error, file=sys.stderr)
        return 1
    print("DTraceMallocs:")
    for text, key in _FIGURES:
        print("{:>24}: {:12,d}".format(text, report[key]))
    print("Total lines: %d Failed parse lines: %d Failed malloc: %d "
          "Failed free: %d" % (report["read_lines"], report["failed_lines"],
                               report["unseen_frees"],
                               report["unknown_frees"]))
    print("Process time: %.3f (s)" % (time.perf_counter() - started))
    return 0


if __name__ == "__main__":
    sys.exit(main())
