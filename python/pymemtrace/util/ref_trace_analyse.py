# SPDX-License-Identifier: MIT
"""What a log of ReferenceTracing says: the command pmt-analyse.

Its options are those of python -m pymemtrace.util.ref_trace_analyse.
"""
import os
import subprocess
import sys

if __name__ == "__main__" and not __package__:
    # Run as a file: the packages are two directories up.
    sys.path[0] = os.path.dirname(os.path.dirname(os.path.dirname(
        os.path.abspath(__file__))))

from pmt._programs import find_program  # noqa: E402

_HEADER = ("SOF\nHDR: %12s %16s %16s %-32s %-80s %4s %-40s %16s %16s\n" % (
    "Clock", "Address", "LiveCnt", "Type", "File", "Line", "Function", "RSS",
    "dRSS"))


class LogFileResult:
    """Rows of a log, and what pmt-analyse makes of them."""

    def __init__(self, include_untracked):
        self.include_untracked = include_untracked
        self._options = []
        self._path = None
        self._text = [_HEADER]

    def _add(self, line_num, line):
        self._text.append(line.rstrip("\n") + "\n")

    add_new = add_del = add_msg = add_err = _add

    def long_str_list(self, show_full_path, include_historical):
        """The analysis, as lines."""
        command = [find_program("pmt-analyse")] + self._options
        for wanted, option in ((show_full_path, "--full-path"),
                               (include_historical, "--include-historical"),
                               (self.include_untracked,
                                "--include-untracked")):
            if wanted:
                command.append(option)
        text = None if self._path else "".join(self._text + ["EOF\n"])
        process = subprocess.run(
            command + ["--", self._path or "-"], input=text,
            stdin=subprocess.DEVNULL if text is None else None,
            stdout=subprocess.PIPE, check=True, encoding="utf-8",
            errors="surrogateescape")
        return process.stdout.splitlines()


def process_file_path(file_path, include_untracked, recurse_files):
    """The result for the log of this name."""
    result = LogFileResult(include_untracked)
    result._path = os.path.abspath(file_path)
    if recurse_files:
        result._options.append("--recurse-files")
    with open(file_path):
        return result


def process_file(file, include_untracked, recurse_files):
    """The result for an open log, of which the rest is read."""
    result = LogFileResult(include_untracked)
    result._text = file.readlines()
    if result._text and result._text[-1] == "EOF\n":
        del result._text[-1]
    if recurse_files:
        result._options.append("--recurse-files")
    return result


def main():
    """Become pmt-analyse."""
    words = ["--help" if word == "-h" else word for word in sys.argv[1:]]
    os.execv(find_program("pmt-analyse"), ["pmt-analyse"] + words)


if __name__ == "__main__":
    main()
