# SPDX-License-Identifier: MIT
"""What a log of ReferenceTracing says: the command pmt-analyse.

Its options are those of python -m pymemtrace.util.ref_trace_analyse, and its
functions give the rows of a log as data.
"""
import argparse
import os
import subprocess
import sys
import time

if __name__ == "__main__" and not __package__:
    # Run as a file: the packages are two directories up.
    sys.path[0] = os.path.dirname(os.path.dirname(os.path.dirname(
        os.path.abspath(__file__))))

from pmt._programs import find_program  # noqa: E402
from pymemtrace.util import _rows  # noqa: E402
from pymemtrace.util._rows import (  # noqa: E402, F401
    RE_COMPILE_LOG_FILE_MSG, RE_COMPILE_LOG_FILE_POP,
    RE_COMPILE_LOG_FILE_PUSH, ObjectData)

_LISTS = ("Untracked Objects [", "Live Objects [")


class LogFileResult:
    """A log, as data and as pmt-analyse reports it.

    LogFileResult(include_untracked), or since 0.6.1 LogFileResult(
    log_file_id, include_untracked).  The data are the attributes of
    _rows.Rows; a log is read for them when the first one is asked for.
    """

    def __init__(self, *args, **kwargs):
        given = dict(zip(("log_file_id", "include_untracked")[-len(args):],
                         args), **kwargs)
        self.include_untracked = given["include_untracked"]
        self.log_file_id = given.get("log_file_id", "")
        self._recurse = False
        self._path = None
        self._lines = []

    def __getattr__(self, name):
        if name.startswith("_") and name != "_data":
            raise AttributeError(name)
        if name != "_data":
            return getattr(self._data, name)
        self._data = _rows.Rows()
        directory = os.path.dirname(self._path or "")
        self._data.read(self._text(), directory, self._recurse)
        return self._data

    def _text(self):
        return self._lines if self._path is None else _rows.log_lines(
            self._path)

    def _parse_line(self, line_num, line):
        return self._data.parse(line_num, line)

    def _create_object(self, line_num, line_dict):
        return self._data.make(line_num, line_dict)

    def _add(self, line_num, line):
        """Add a row."""
        self._data.add(line_num, line)
        if self._path is not None:
            self._path, self._lines = None, list(self._text())
        if not self._lines:
            self._lines = ["SOF\n", _rows.HEADER]
        self._lines.append(line.rstrip("\n") + "\n")

    add_new = add_del = add_msg = add_err = _add

    def long_str_list(self, show_full_path, include_historical):
        """The lists of pmt-analyse, as lines; its messages are on stderr."""
        command = []
        for wanted, option in ((show_full_path, "--full-path"),
                               (include_historical, "--include-historical"),
                               (self._recurse, "--recurse-files"),
                               (self.include_untracked,
                                "--include-untracked")):
            if wanted:
                command.append(option)
        # What a torn log holds is told, and status 1 is that it is torn.
        return _lists(self._analyse(command).stdout.splitlines())

    def _analyse(self, options, stdout=subprocess.PIPE):
        text = None if self._path else "".join(self._lines)
        return subprocess.run(
            [find_program("pmt-analyse")] + options +
            ["--", self._path or "-"], input=text, stdout=stdout,
            stdin=subprocess.DEVNULL if text is None else None,
            encoding="utf-8", errors="surrogateescape")


def _lists(lines):
    """The opening message and the lists, without what pmt sums up."""
    begin = next((number for number, line in enumerate(lines)
                  if line.startswith(_LISTS)), 0)
    # After the message stand who wrote the log, in some lines, and the sums.
    end = max((number for number, line in enumerate(lines[:begin])
               if line.startswith("Rows: ")), default=1)
    for number in range(max(1, end - 6), end):
        if lines[number].startswith("Tracer: pmt "):
            end = number
            break
    return lines[1:end] + lines[begin:]


def process_file_path(file_path, include_untracked, recurse_files):
    """The result for the log of this name."""
    result = LogFileResult(file_path, include_untracked)
    result._path = os.path.abspath(file_path)
    result._recurse = recurse_files
    with open(file_path, "rb"):
        return result


def process_file(file, *args, **kwargs):
    """The result for an open log, of which the rest is read.

    process_file(file, include_untracked, recurse_files), or since 0.6.1
    process_file(file, log_file_id, file_size, include_untracked,
    recurse_log_files).
    """
    names = ("log_file_id", "file_size", "include_untracked",
             "recurse_log_files")
    given = dict(zip(names if len(args) > 2 else names[2:], args), **kwargs)
    result = LogFileResult(given.get("log_file_id", ""),
                           given["include_untracked"])
    process_file_to_log_result(
        file, given.get("recurse_log_files", given.get("recurse_files")),
        result)
    return result


def process_file_to_log_result(file, *args):
    """Add an open log to a result: (file[, file_size], recurse, result)."""
    recurse, result = args[-2:]
    result._recurse = recurse
    result._path = None
    result._lines = result._lines + file.readlines()
    result.__dict__.pop("_data", None)


def _parser():
    parser = argparse.ArgumentParser(
        prog="ref_trace_analyse.py",
        description="Say what a log of ReferenceTracing says.  Other options "
        "are those of pmt-analyse(1).")
    parser.add_argument("log_path", help="the log")
    for word, text in (("full-path", "whole paths of source files"),
                       ("include-untracked", "also objects destroyed whose "
                        "creation is not in the log"),
                       ("include-historical", "also each object that was "
                        "created and destroyed"),
                       ("recurse-files", "also the inner logs it names")):
        parser.add_argument("--" + word, action="store_true", help=text)
    parser.add_argument("--gnuplot-path", metavar="DIRECTORY",
                        help="plot into it, too")
    parser.add_argument("--gnuplot-types", default="", metavar="TYPE,...",
                        help="types whose live objects are plotted")
    parser.add_argument("-l", "--log_level", type=int, default=20,
                        help="messages from this level on [%(default)s]")
    return parser


def arguments(given):
    """What pmt-analyse is to be told, and where to plot which types."""
    options, others = _parser().parse_known_args(given)
    made = ["--" + word for word in ("full-path", "include-untracked",
                                     "include-historical", "recurse-files")
            if getattr(options, word.replace("-", "_"))]
    # pmt-analyse has the levels that have names, 10 to 50.
    level = 10 * min(5, max(1, -(-options.log_level // 10)))
    made += ["--log-level=%d" % level] + others
    return made + ["--", options.log_path], options


def _run(arguments, **kwargs):
    """The exit status of pmt-analyse, which ^C ends as it does there."""
    with subprocess.Popen([find_program("pmt-analyse")] + arguments,
                          **kwargs) as process:
        try:
            status = process.wait()
        except KeyboardInterrupt:
            status = process.wait()
    return status if status >= 0 else 128 - status


def invoke_gnuplot(log_result, tp_names, gnuplot_dir):
    """Plot RSS and how many objects of these types lived when.

    Into gnuplot_dir, as the log's name and .png.  Returns an exit status.
    """
    os.makedirs(gnuplot_dir, exist_ok=True)
    picture = os.path.join(gnuplot_dir, os.path.basename(
        log_result.log_file_id or "log") + ".png")
    command = ["--plot=" + picture] + ["--type=" + name for name in tp_names]
    if log_result._recurse:
        command.append("--recurse-files")
    return log_result._analyse(command, stdout=None).returncode


def main():
    """Run pmt-analyse; its messages are on standard output, too."""
    started = time.perf_counter()
    command, options = arguments(sys.argv[1:])
    status = _run(command, stderr=subprocess.STDOUT)
    if status == 1 and os.access(options.log_path, os.R_OK):
        # Torn, or with lines that are no rows: no failure there.
        status = 0
    if status == 0 and options.gnuplot_path:
        status = invoke_gnuplot(
            process_file_path(options.log_path, False, options.recurse_files),
            [name.strip() for name in options.gnuplot_types.split(",")
             if name.strip()], options.gnuplot_path)
    if status == 0:
        print("Process time: %.3f (s)" % (time.perf_counter() - started))
    return status


if __name__ == "__main__":
    sys.exit(main())
