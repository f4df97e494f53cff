# SPDX-License-Identifier: MIT
"""Read the records that pmt.process and pmt-process write into logs."""
import datetime
import json
import os
import re
import subprocess
import sys
import warnings

from pmt._programs import find_program

LOGGER_PREFIX = "ProcessLoggingThread-JSON"
LOGGER_PREFIX_START = LOGGER_PREFIX + "-START"
LOGGER_PREFIX_STOP = LOGGER_PREFIX + "-STOP"
DATETIME_NOW_FORMAT = "%Y-%m-%d %H:%M:%S.%f"

# A record stands behind the prefix, or alone on its line.
_RECORD = re.compile(r"^(?:.*?%s(?:-START|-STOP)?)?\s*(\{.*)$" % LOGGER_PREFIX)
_KEYS = {"timestamp", "memory_info", "cpu_times", "elapsed_time", "pid"}


def parse_timestamp(text):
    """The datetime that a record's timestamp says."""
    return datetime.datetime.strptime(text, DATETIME_NOW_FORMAT)


def _parse(text):
    """The record in text, None when it is no record.  ValueError: broken."""
    record, _ = json.JSONDecoder().raw_decode(text)
    if not isinstance(record, dict) or not _KEYS <= record.keys():
        return None
    record["timestamp"] = parse_timestamp(record["timestamp"])
    return record


def extract_json(istream):
    """The records in an open log, a list of dicts.

    Each timestamp is made a datetime.  Other lines are ignored; a record that
    is broken is left out, and a warning says how many and where the first is.
    """
    records, broken = [], []
    for number, line in enumerate(istream, 1):
        match = _RECORD.match(line)
        if match is None:
            continue
        try:
            record = _parse(match.group(1))
        except (TypeError, ValueError):
            broken.append(number)
        else:
            if record is not None:
                records.append(record)
    if broken:
        warnings.warn("%d broken process records, the first in line %d" % (
            len(broken), broken[0]), stacklevel=2)
    return records


def extract_labels_from_json(json_data):
    """Those of the records that carry a label."""
    return [record for record in json_data if "label" in record]


_HEADER = ["%-12s" % "#t(s)", "%12s" % "RSS", "%12s" % "PageFaults/s",
           "%12s" % "User", "%12s" % "Mean_CPU%", "%12s" % "Inst_CPU%",
           "%-26s" % "Timestamp", "%6s" % "PID", "Label"]


def _faults(record):
    """Page faults so far; None where psutil counts none."""
    if "page_faults" in record:
        return sum(record["page_faults"].values())
    return record["memory_info"].get("pfaults")


def _cpu(record):
    times = record["cpu_times"]
    return times["user"] + times.get("system", 0.0)


def _rate(now, before, elapsed):
    """Change per second, None when it cannot be known."""
    if now is None or before is None or elapsed <= 0:
        return None
    return (now - before) / elapsed


def _cell(value, form):
    return "%12s" % ("-" if value is None else form.format(value))


def _row(record, before):
    """The nine columns of a record, given the one before or None."""
    age = record["elapsed_time"]
    elapsed = age - before["elapsed_time"] if before else 0
    faults = _rate(_faults(record), _faults(before) if before else None,
                   elapsed)
    use = _rate(_cpu(record), _cpu(before) if before else None, elapsed)
    return ["%-12.1f" % age,
            "%12d" % record["memory_info"]["rss"],
            _cell(faults, "{:.1f}"),
            "%12.1f" % record["cpu_times"]["user"],
            _cell(_rate(_cpu(record), 0, age), "{:.1%}"),
            _cell(use, "{:.1%}"),
            "%-26s" % record["timestamp"].strftime("%Y-%m-%dT%H:%M:%S.%f"),
            "%6d" % record["pid"],
            "# " + record["label"] if "label" in record else ""]


def extract_json_as_table(json_data):
    """Records as rows of text, and their ranges, each by process id.

    Returns ({pid: rows}, {pid: t min}, {pid: t max}, {pid: RSS min},
    {pid: RSS max}).  The first row is the header; columns are time, RSS, page
    faults a second, user time, mean and instantaneous CPU use (user and
    system), timestamp, pid, label.  What is not known is "-".
    """
    table, before, times, sizes = {}, {}, {}, {}
    for record in json_data:
        if record.get("gone"):
            continue    # the numbers of the record before, once more
        pid = record["pid"]
        table.setdefault(pid, [_HEADER[:]]).append(
            _row(record, before.get(pid)))
        if pid not in before or (record["elapsed_time"] !=
                                 before[pid]["elapsed_time"]):
            before[pid] = record
        times.setdefault(pid, []).append(record["elapsed_time"])
        sizes.setdefault(pid, []).append(record["memory_info"]["rss"])
    return (table,
            {pid: min(values) for pid, values in times.items()},
            {pid: max(values) for pid, values in times.items()},
            {pid: min(values) for pid, values in sizes.items()},
            {pid: max(values) for pid, values in sizes.items()})


def _no_option(path):
    """The path so that no program takes it for an option."""
    return os.path.join(os.curdir, os.fspath(path))


def write_log_to_stdout(log_path):
    """Print the summary tables of a log, as pmt-process LOG does.

    Raises subprocess.CalledProcessError when it cannot; messages are on
    standard error.
    """
    sys.stdout.write(subprocess.run(
        [find_program("pmt-process"), _no_option(log_path)],
        stdout=subprocess.PIPE, check=True, encoding="utf-8",
        errors="backslashreplace").stdout)


def invoke_gnuplot(log_path, gnuplot_dir):
    """Plot a log into a directory, as pmt-process LOG DIRECTORY does.

    Returns an exit status; messages are on standard error.
    """
    return subprocess.call([find_program("pmt-process"), _no_option(log_path),
                            _no_option(gnuplot_dir)])
