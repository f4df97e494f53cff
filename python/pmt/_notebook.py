# SPDX-License-Identifier: MIT
"""The magics of IPython: what does a cell do to memory, who holds what?"""
import ast
import html
import os
import re
import subprocess
import sys
import tempfile

from IPython.core.error import UsageError
from IPython.core.magic import Magics, cell_magic, line_magic, magics_class
from IPython.core.magic_arguments import (
    argument,
    magic_arguments,
    parse_argstring,
)
from IPython.display import display

from . import _pmt
from ._programs import find_program
from .boot.pmtboot.holders import Holders

# What IPython keeps, by paths of pmt.holders(): results, under all their names,
# and what the last exception was raised with.  The cell's own are still ours.
_KEPT = tuple((re.compile(path), name) for path, name in (
    (r"\b__main__\.(_{1,3})(?!\w)", r"\1, a last result,"),
    (r"\b__main__\.(?:Out|_oh)\{\*\}", r"Out[*]"),
    # _1, _2, ... are the only names there that no source has.
    (r"\b__main__\.\*", r"Out[*]"),
    (r"\b__main__\._(\d+)(?!\w)", r"Out[\1]"),
    (r"\b_traced\(\) \S+ local result\b", "Out[] of this cell"),
    (r"\b_traced\(\) \S+ local error\b\S*", "the traceback of this cell"),
    (r"\bsys\.last_(?:exc|value|traceback)\b[^ ]*", "the last traceback"),
))


def _named(text):
    for path, name in _KEPT:
        text = path.sub(name, text)
    return text


class Report:
    """The first screen of a log, as notebooks and terminals show it."""

    def __init__(self, text, cells):
        # Their files have such names as ipykernel_4711/760951950.py.
        for path, number in cells.items():
            text = text.replace("/".join(path.split("/")[-2:]),
                                "In[%s]" % number)
        self.text = text

    def __repr__(self):
        return self.text

    def _repr_html_(self):
        lines = []
        for line in html.escape(self.text).split("\n"):
            if line.startswith("Verdict: ") or line.endswith("  (growing)"):
                line = "<b>%s</b>" % line
            lines.append(line)
        return ('<pre style="line-height: 1.2; white-space: pre">%s</pre>'
                % "\n".join(lines))


class _Session:
    """A tracer whose messages call what IPython keeps by its names."""

    def __init__(self, tracing):
        self.tracing = tracing

    def __getattr__(self, name):
        return getattr(self.tracing, name)

    def write_message_to_log(self, message):
        self.tracing.write_message_to_log(_named(message))


def _cells(shell):
    """The number of the cell by the file that its code has."""
    return getattr(shell.compile, "_filename_map", {})


def _parse(shell, cell):
    """Code of the cell, and of its last line if that has a value to show."""
    # Lines count from that of the magic, as an editor shows them.
    source = "\n" + shell.transform_cell(cell)
    tree = shell.transform_ast(shell.compile.ast_parse(source))
    # IPython counts on before or after it runs the magic, by version.
    number = max(_cells(shell).values(), default=shell.execution_count)
    name = shell.compile.cache(source, number, raw_code=cell)
    value = None
    if (tree.body and isinstance(tree.body[-1], ast.Expr)
            and not source.rstrip().endswith(";")):
        value = shell.compile(ast.Expression(tree.body.pop().value), name,
                              "eval")
    return shell.compile(tree, name, "exec"), value


def _tracer(mode, path):
    if mode == "r":
        return _pmt.ReferenceTracing(
            filepath=path, memory=True, include_builtins=True,
            columns=("Size", "Own"), type_names="qualified")
    make = _pmt.Profile if mode == "p" else _pmt.Trace
    return make(filepath=path, memory=True, columns=("Own",), stack=True,
                threads="all")


def _traced(shell, mode, path, code, value):
    """The value, and what the cell raised, to be shown after the trace."""
    result = error = None
    with _tracer(mode, path) as tracing:
        try:
            exec(code, shell.user_ns)
            if value is not None:
                result = eval(value, shell.user_ns)
        except Exception as raised:
            error = raised
        if mode == "r":
            Holders(_pmt).tell(_Session(tracing))
    return result, error


@magics_class
class PmtMagics(Magics):

    @magic_arguments()
    @argument("-r", dest="mode", action="store_const", const="r",
              help="objects that stay, and who holds them; Python 3.13 and "
                   "later, where it is the default.")
    @argument("-p", dest="mode", action="store_const", const="p",
              help="calls that change RSS; the default elsewhere.")
    @argument("-t", dest="mode", action="store_const", const="t",
              help="lines that change RSS.")
    @argument("-a", dest="mode", action="store_const", const="a",
              help="not for a cell: start the kernel by 'pmt-run -a'.")
    @argument("--top", type=int, default=5, metavar="N",
              help="rows of each table [5].")
    @argument("-o", dest="output", metavar="FILE", help="keep the log there.")
    @cell_magic
    def pmt(self, line, cell):
        """Trace the cell and show the first screen of what pmt-analyse says.

        The cell runs as it would without; awaiting outside of a function
        cannot be traced.
        """
        arguments = parse_argstring(self.pmt, line)
        if arguments.mode == "a":
            raise UsageError("%%pmt -a: blocks are logged from the start of a "
                             "program only: start the kernel by 'pmt-run -a'")
        mode = arguments.mode or (
            "r" if sys.version_info >= (3, 13) else "p")
        with tempfile.TemporaryDirectory(prefix="pmt-") as directory:
            path = arguments.output or os.path.join(directory, "cell.pmt")
            try:
                code, value = _parse(self.shell, cell)
            except SyntaxError:
                self.shell.showsyntaxerror()
                return None
            result, error = _traced(self.shell, mode, path, code, value)
            if error is not None:
                self.shell.showtraceback(
                    (type(error), error, error.__traceback__))
            display(self.report(path, arguments))
        return result

    @line_magic
    def pmt_holders(self, line):
        """%pmt_holders EXPRESSION: who holds the objects of this type, or
        these objects?  As pmt.holders(), by the names of a notebook.
        """
        holders = _pmt.holders(self.shell.ev(line))
        display(Report("\n".join(
            "%8d  %s" % (holder.count, _named(holder.path))
            for holder in holders) or "nobody", {}))

    def report(self, path, arguments):
        # What CPython itself does not tell would be said below each cell.
        text = subprocess.run(
            [find_program("pmt-analyse"), "--brief", "--top=%d"
             % arguments.top, "--log-level=critical", "--", path],
            stdout=subprocess.PIPE, check=True).stdout
        text = text.decode("utf-8", "replace").rstrip("\n")
        if arguments.output is None:
            # The file is gone when this is read.
            text = text.partition("\n")[2]
        # Paths begin with a screen of calls that are the kernel's.
        text = text.partition("\n\nBy call path")[0]
        return Report(text, _cells(self.shell))
