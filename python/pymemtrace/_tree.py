# SPDX-License-Identifier: MIT
"""What process_tree is as a library: a tree of psutil's processes."""
import dataclasses
import json
import sys
import time
import typing

import psutil


@dataclasses.dataclass
class ColumnWidthFormat:
    """How wide a column is, and the format of its values."""
    width: int
    format: str


@dataclasses.dataclass
class WriteSummaryColumn:
    """A column: getter(process) times mult_factor, and its change or None."""
    name: str
    getter: typing.Callable
    mult_factor: float
    units: str
    width_and_format: ColumnWidthFormat
    width_and_format_diff: typing.Optional[ColumnWidthFormat] = None

    def name_and_units(self):
        """The title."""
        return "%s(%s)" % (self.name, self.units) if self.units else self.name


@dataclasses.dataclass
class WriteSummaryConfig:
    """The columns, and where JSON goes unless the path is empty."""
    columns: typing.List[WriteSummaryColumn]
    json_file_path: str = ""


class _Row:
    """Values of one row, padded or separated."""

    def __init__(self, sep, ostream):
        self.sep, self.ostream, self.cells = sep, ostream, []

    def put(self, text, width, left=False):
        if not self.sep:
            text = text.ljust(width) if left else text.rjust(width)
        self.cells.append(text.strip() if self.sep else text)

    def value(self, value, column, form):
        """A value; text has no factor."""
        if not isinstance(value, str) and column.mult_factor != 1:
            value *= column.mult_factor
        self.put(format(value, form.format), form.width)

    def end(self):
        self.ostream.write((self.sep or " ").join(self.cells) + "\n")


def _change(value, before):
    if isinstance(value, str):
        return "" if value == before else value
    return value - (before or 0)


class ProcessTree:
    """A process, by pid or psutil.Process, and its children."""

    DEPTH_INDENT_PREFIX = "  "

    def __init__(self, proc):
        self.proc = psutil.Process(proc) if isinstance(proc, int) else proc
        self.children = []
        self.previous_values = {}

    def update_children(self):
        """Find the children of now; those known keep their values."""
        known = {child.proc: child for child in self.children}
        try:
            found = self.proc.children()
        except psutil.NoSuchProcess:
            found = []
        self.children = [known.get(proc) or ProcessTree(proc)
                         for proc in sorted(found, key=lambda p: p.pid)]
        for child in self.children:
            child.update_children()

    @staticmethod
    def write_header(write_summary_config, sep, ostream=sys.stdout):
        """Write the titles."""
        row = _Row(sep, ostream)
        row.put("Time(s)", 8, True)
        row.put("PID", 6)
        row.put("Name", 24, True)
        for column in write_summary_config.columns:
            row.put(column.name_and_units(), column.width_and_format.width)
            if column.width_and_format_diff is not None:
                row.put("d" + column.name_and_units(),
                        column.width_and_format_diff.width)
        row.end()

    def load_previous(self, write_summary_config):
        """Remember the values of now, for the changes to come."""
        try:
            for column in write_summary_config.columns:
                self.previous_values[column.name] = column.getter(self.proc)
        except psutil.Error:
            pass
        for child in self.children:
            child.load_previous(write_summary_config)

    def write_summary(self, depth, record_number, write_summary_config, sep,
                      ostream=sys.stdout):
        """Write a row for each process; JSON, too, at depth 0."""
        try:
            self._write_row(depth, write_summary_config.columns,
                            _Row(sep, ostream))
        except psutil.NoSuchProcess:
            return
        if write_summary_config.json_file_path and depth == 0:
            with open(write_summary_config.json_file_path, "a") as file:
                file.write(",\n" if record_number else "")
                json.dump(self._data(write_summary_config), file, indent=2)
        for child in self.children:
            child.write_summary(depth + 1, record_number,
                                write_summary_config, sep, ostream)

    def _write_row(self, depth, columns, row):
        row.put("" if depth else "%.1f" % self.get_exec_time(self.proc), 8)
        row.put("%s %5d" % (self.DEPTH_INDENT_PREFIX * depth, self.proc.pid),
                6)
        row.put('"%s"' % self.proc.name(), 24, True)
        try:
            for column in columns:
                value = column.getter(self.proc)
                row.value(value, column, column.width_and_format)
                if column.width_and_format_diff is not None:
                    before = self.previous_values.get(column.name)
                    row.value(_change(value, before), column,
                              column.width_and_format_diff)
                    self.previous_values[column.name] = value
        except psutil.AccessDenied:
            row.put("ACCESS DENIED", 0)
        row.end()

    def _data(self, config):
        data = {"process_time": self.get_exec_time(self.proc),
                "pid": self.proc.pid, "name": self.proc.name()}
        for column in config.columns:
            data[column.name] = column.getter(self.proc)
        data["children"] = []
        for child in self.children:
            try:
                data["children"].append(child._data(config))
            except psutil.Error:
                pass
        return data

    @staticmethod
    def get_exec_time(proc):
        """Seconds since the process began."""
        return time.time() - proc.create_time()

    @staticmethod
    def get_cpu_percent(proc):
        return proc.cpu_percent()

    @staticmethod
    def get_cpu_time_user(proc):
        return proc.cpu_times().user

    @staticmethod
    def get_cpu_time_system(proc):
        return proc.cpu_times().system

    @staticmethod
    def get_memory_rss(proc):
        return proc.memory_info().rss

    @staticmethod
    def get_memory_uss(proc):
        """Bytes, or -1 where access is denied."""
        try:
            return proc.memory_full_info().uss
        except psutil.AccessDenied:
            return -1

    @staticmethod
    def get_memory_page_faults(proc):
        """Minor and major faults."""
        with open("/proc/%d/stat" % proc.pid, "rb") as file:
            fields = file.read().rpartition(b")")[2].split()
        return int(fields[7]) + int(fields[9])

    @staticmethod
    def get_num_context_switches(proc):
        return sum(proc.num_ctx_switches())

    @staticmethod
    def get_num_threads(proc):
        return proc.num_threads()

    @staticmethod
    def get_status(proc):
        return proc.status()

    @staticmethod
    def get_num_open_files(proc):
        return len(proc.open_files())

    @staticmethod
    def get_num_net_connections(proc):
        return len(getattr(proc, "net_connections", proc.connections)())

    @staticmethod
    def get_cmdline(proc):
        return " ".join(proc.cmdline())


def log_process(pid, interval, omit_first, write_summary_config, sep,
                ostream=sys.stdout):
    """Write samples until the process ends or ^C: 0, or -1: there is none."""
    try:
        tree = ProcessTree(pid)
        command = tree.proc.cmdline()
    except psutil.NoSuchProcess:
        return -1
    print("CMD: " + " ".join('"%s"' % word if " " in word else word
                             for word in command))
    tree.write_header(write_summary_config, sep, ostream)
    path = write_summary_config.json_file_path
    if path:
        with open(path, "w") as file:
            file.write("[\n")
    record_number = 0
    try:
        while tree.proc.is_running():
            due = time.monotonic() + interval
            tree.update_children()
            if omit_first:
                tree.load_previous(write_summary_config)
                omit_first = False
            else:
                tree.write_summary(0, record_number, write_summary_config,
                                   sep, ostream)
                record_number += 1
            time.sleep(max(0, due - time.monotonic()))
        print("Parent process %d is not running." % pid)
    except KeyboardInterrupt:
        print("KeyboardInterrupt!")
    if path:
        with open(path, "a") as file:
            file.write("\n]\n")
    return 0
