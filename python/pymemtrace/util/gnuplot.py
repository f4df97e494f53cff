# SPDX-License-Identifier: MIT
"""gnuplot for programs that plot tables: its files, its options, itself."""
import logging
import os
import subprocess

logger = logging.getLogger(__name__)

#: Seconds that a plot may take.
TIMEOUT = 10

# Beginnings of a gnuplot program: fragments to be formatted.
PLOT = """\
set title "{title}"
set grid
set datafile separator whitespace
set datafile missing "NaN"
"""
X_LOG = """\
set logscale x
set xlabel "{label}"
"""
Y_LOG = """\
set logscale y
set ylabel "{label}"
"""
Y2_LOG = """\
set logscale y2
set y2label "{label}"
set y2tics
"""


def version():
    """What gnuplot says of its version, as bytes; b"" where there is none."""
    try:
        return subprocess.run(["gnuplot", "--version"],
                              stdout=subprocess.PIPE).stdout.strip()
    except OSError:
        return b""


def add_gnuplot_to_argument_parser(parser):
    """Give an argparse parser --gnuplot DIRECTORY.

    ValueError: gnuplot is not installed.
    """
    if not version():
        raise ValueError("--gnuplot needs gnuplot, which is not installed")
    parser.add_argument("--gnuplot", metavar="DIRECTORY",
                        help="plot into this directory")


def create_gnuplot_dat(table):
    """Rows of values as lines of padded columns; ValueError: uneven rows."""
    rows = [[str(value) for value in row] for row in table]
    if len({len(row) for row in rows}) > 1:
        raise ValueError("rows of a table must have as many columns each")
    widths = [2 + max(map(len, column)) for column in zip(*rows)]
    return "\n".join(" ".join(map(str.ljust, row, widths)) for row in rows)


def _run(commands, directory):
    """Returns gnuplot's exit status, or -1: it took too long."""
    try:
        return subprocess.run(["gnuplot"], input=commands.encode(),
                              cwd=directory, timeout=TIMEOUT).returncode
    except subprocess.TimeoutExpired:
        logger.error("gnuplot took more than %d seconds", TIMEOUT)
        return -1


def invoke_gnuplot(path, name, *args):
    """Write NAME.dat and NAME.plt into the directory path, and run gnuplot.

    invoke_gnuplot(path, name, table, plt), or since 0.6.1
    invoke_gnuplot(path, name, dat_prefix_lines, table, plt).  Returns the
    exit status.
    """
    table, plt = args[-2:]
    lines = list(args[0]) if len(args) > 2 else []
    os.makedirs(path, exist_ok=True)
    for ending, text in ((".dat", "\n".join(
            lines + [create_gnuplot_dat(table)])), (".plt", plt)):
        with open(os.path.join(path, name + ending), "w",
                  encoding="utf-8") as file:
            file.write(text)
    return _run(plt, path)


def write_test_file(path, typ):
    """Have gnuplot draw its own test as test.TYP; returns its status."""
    return _run('set terminal %s\nset output "test.%s"\ntest\n' % (typ, typ),
                path)
