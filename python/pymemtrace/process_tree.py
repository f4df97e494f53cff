# SPDX-License-Identifier: MIT
"""python -m pymemtrace.process_tree: the command pmt-tree --classic.

As a library, which needs psutil: ProcessTree, WriteSummaryConfig, log_process.
"""
import argparse
import os
import sys

if __name__ == "__main__" and not __package__:
    # Run as a file: the packages are a directory up.
    sys.path[0] = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))

from pmt._programs import find_program  # noqa: E402

_FLAGS = (("u", "uss", "memory that only this process has"),
          ("g", "page-faults", "page faults"),
          ("c", "cpu-times", "user and system time"),
          ("x", "context-switches", "context switches"),
          ("t", "threads", "number of threads"),
          ("s", "status", "whether it runs or sleeps"),
          ("f", "open-files", "open files"),
          ("n", "net-connections", "internet sockets"),
          (None, "cmdline", "command line"),
          ("a", "all", "the same as -cfgstn"),
          ("1", "omit-first", "do not show the first sample"))

_LIBRARY = ("ColumnWidthFormat", "ProcessTree", "WriteSummaryColumn",
            "WriteSummaryConfig", "log_process")


def __getattr__(name):
    if name not in _LIBRARY:
        raise AttributeError(name)
    from pymemtrace import _tree
    return getattr(_tree, name)


def _parser():
    parser = argparse.ArgumentParser(
        prog="process_tree.py", description="Show a process and all its "
        "descendants at intervals.  Other options are those of pmt-tree(1).")
    parser.add_argument("-i", "--interval", type=float, default=1.0,
                        help="seconds between samples [%(default)s]")
    parser.add_argument("-p", "--pid", type=int, default=-1,
                        help="the process, -1 is this one [%(default)s]")
    parser.add_argument("-l", "--log_level", type=int, default=20,
                        help="does nothing here [%(default)s]")
    parser.add_argument("--sep", default="",
                        help="put this between values, not blanks")
    parser.add_argument("--json", default="", help="write JSON there, too")
    for letter, word, text in _FLAGS:
        parser.add_argument(*(["-" + letter] if letter else []), "--" + word,
                            action="store_true", help=text)
    return parser


def arguments(given):
    """The arguments of pmt-tree that do what these do: argparse's rules."""
    options, others = _parser().parse_known_args(given)
    # Which the program is, too.
    pid = os.getpid() if options.pid < 1 else options.pid
    made = ["--classic", "--pid=%d" % pid,
            "--interval=%s" % max(0.001, options.interval)]
    made += ["--%s=%s" % (name, getattr(options, name))
             for name in ("sep", "json") if getattr(options, name)]
    made += ["--" + word for _, word, _ in _FLAGS
             if getattr(options, word.replace("-", "_"))]
    return made + others


def main():
    """Become pmt-tree."""
    os.execv(find_program("pmt-tree"), ["pmt-tree"] + arguments(sys.argv[1:]))


if __name__ == "__main__":
    main()
