# SPDX-License-Identifier: MIT
"""What the output of a D script says of malloc and free: pmt-analyse does it.

    python -m pymemtrace.util.dtrace_log_analyse LOG

prints the figures that pymemtrace's module of this name has.
"""
import argparse
import json
import re
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


# Process, file, line and function of a line, then what happened there.
_PLACE = r"\s*(\d+)\s+([^\s:]\S*?)?:(\d+)\s+->\s+(?:(\S.*?) )?"
RE_MALLOC = re.compile(_PLACE + r"malloc\((\d+)\) pntr (0x[0-9a-f]+)\s*$")
RE_FREE = re.compile(_PLACE + r"free\((0x[0-9a-f]+)\)\s*$")


class DTraceMallocs(dict):
    """Blocks outstanding: address -> (bytes, file, line, function)."""

    def __init__(self):
        super().__init__()
        self.count_mallocs = 0
        self.count_frees_non_null = 0
        self.count_frees_null = 0

    def malloc(self, match):
        _, file, line, function, size, address = match.groups()
        self[int(address, 16)] = int(size), file, int(line), function
        self.count_mallocs += 1

    def free(self, match):
        address = int(match.group(5), 16)
        self.pop(address, None)
        if address == 0:
            self.count_frees_null += 1
        else:
            self.count_frees_non_null += 1


def read_dtrace_log_file(file):
    """What the lines of an open file leave; other lines are skipped."""
    mallocs = DTraceMallocs()
    for line in file:
        match = RE_MALLOC.match(line)
        if match is not None:
            mallocs.malloc(match)
            continue
        match = RE_FREE.match(line)
        if match is not None:
            mallocs.free(match)
    return mallocs


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
