# SPDX-License-Identifier: MIT
"""python -m pmt.top FILE...: compare snapshots."""
import argparse
import contextlib
import os
import resource
import signal
import sys

from pmt.snapshot import Snapshot
from pmt.top import DisplayTop
from pmt.top._text import printable

PROGRAM = "pmt.top"


def parse(arguments):
    parser = argparse.ArgumentParser(
        prog=PROGRAM, description="Show which files held most memory in each "
        "SNAPSHOT, and what changed from the one before.")
    parser.add_argument("snapshots", metavar="SNAPSHOT", nargs="+",
                        help="a file that TakeSnapshot, Snapshot.write(), "
                        "tracemalloc.Snapshot.dump() or pytracemalloc wrote")
    parser.add_argument("-l", "--line-number", action="store_true",
                        help="by file and line, not by file")
    parser.add_argument("-n", "--number", type=int, default=10, metavar="N",
                        help="show the N biggest (default: 10)")
    parser.add_argument("--first", action="store_true",
                        help="compare with the first snapshot")
    parser.add_argument("--include", metavar="MATCH", action="append",
                        default=[], help="only files that match; may be "
                        "given again")
    parser.add_argument("--exclude", metavar="MATCH", action="append",
                        default=[], help="no files that match; may be given "
                        "again")
    parser.add_argument("-P", "--filename-parts", type=int, default=3, metavar="N",
                        help="show the last N parts of names (default: 3)")
    parser.add_argument("-S", "--hide-size", action="store_true")
    parser.add_argument("-C", "--hide-count", action="store_true")
    parser.add_argument("-A", "--hide-average", action="store_true")
    color = parser.add_mutually_exclusive_group()
    color.add_argument("--color", action="store_true", default=None,
                       help="use colors, not only on a terminal")
    color.add_argument("--no-color", action="store_false", dest="color",
                       help="use no colors")
    parser.add_argument("-v", "--verbose", action="store_true",
                        help="say which interpreter reads them")
    options = parser.parse_args(arguments)
    if options.number < 1:
        parser.error("argument -n/--number: must be at least 1")
    if options.filename_parts < 1:
        parser.error("argument --filename-parts: must be at least 1")
    if options.hide_size and options.hide_count and options.hide_average:
        parser.error("nothing is left to show")
    return options


def display(options):
    top = DisplayTop(options.number)
    top.compare_with_previous = not options.first
    top.filename_parts = options.filename_parts
    top.show_lineno = options.line_number
    top.show_size = not options.hide_size
    top.show_count = not options.hide_count
    top.show_average = not options.hide_average
    if options.color is not None:
        top.color = options.color
    for number, filename in enumerate(options.snapshots):
        snapshot = Snapshot.load(filename)
        if options.include:
            snapshot.filter_filenames(options.include, True)
        if options.exclude:
            snapshot.filter_filenames(options.exclude, False)
        if number:
            print()
        top.display_snapshot(snapshot, filename)


def limit_memory(filenames):
    """To what snapshots of these sizes can need, whoever made them."""
    sizes = 0
    for filename in filenames:
        with contextlib.suppress(OSError):
            sizes += os.stat(filename).st_size
    with contextlib.suppress(OSError, ValueError, OverflowError):
        with open("/proc/self/statm", encoding="ascii") as file:
            used = int(file.read().split()[0]) * resource.getpagesize()
        hard = resource.getrlimit(resource.RLIMIT_AS)[1]
        resource.setrlimit(resource.RLIMIT_AS, (
            used + (256 << 20) + 256 * sizes, hard))


def main(arguments=None):
    options = parse(arguments)
    if options.verbose:
        print("%s: interpreter: %s" % (PROGRAM, sys.executable),
              file=sys.stderr)
    # As other programs do: a reader that went away ends the output.
    signal.signal(signal.SIGPIPE, signal.SIG_DFL)
    if hasattr(sys.stdout, "reconfigure"):
        sys.stdout.reconfigure(errors="backslashreplace")
    limit_memory(options.snapshots)
    try:
        display(options)
    except MemoryError:
        return fail("the snapshots take more memory than their size explains")
    except ValueError as error:
        return fail(error)
    except OSError as error:
        if error.filename is None:
            # What is still buffered would fail again, and aloud, at exit.
            os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
            return fail("cannot write: %s" % error.strerror)
        return fail("cannot open '%s': %s" % (os.fsdecode(error.filename),
                                              error.strerror))
    except KeyboardInterrupt:
        return 130
    return 0


def fail(message):
    print("%s: %s" % (PROGRAM, printable(str(message))), file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(main())
