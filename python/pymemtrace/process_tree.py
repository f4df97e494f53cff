# SPDX-License-Identifier: MIT
"""python -m pymemtrace.process_tree: the command pmt-tree."""
import os
import sys

from pmt._programs import find_program


def arguments(given):
    """The arguments of pmt-tree: it has no log level, and must have a pid."""
    kept, pid = [], None
    given = list(given)
    while given:
        word = given.pop(0)
        if word in ("-l", "--log_level"):
            del given[:1]
        elif word in ("-p", "--pid"):
            pid = given.pop(0) if given else None
        elif word.startswith(("-l", "--log_level=")):
            pass
        elif word.startswith(("-p", "--pid=")):
            pid = word.replace("--pid=", "-p")[2:]
        else:
            kept.append(word)
    if {"-h", "--help"}.intersection(kept):
        return ["--help"]
    if pid is None or pid.startswith("-"):
        # Which the program is, too.
        pid = str(os.getpid())
    return kept + ["--pid=" + pid]


def main():
    """Become pmt-tree."""
    os.execv(find_program("pmt-tree"), ["pmt-tree"] + arguments(sys.argv[1:]))


if __name__ == "__main__":
    main()
