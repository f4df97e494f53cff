# SPDX-License-Identifier: MIT
"""One process, logged at intervals: see pmt.process."""
import logging
import os
import re
import sys

if __name__ == "__main__" and not __package__:
    # Run as a file: the packages are a directory up.
    sys.path[0] = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))

from pmt import process as _process  # noqa: E402
from pmt.process import *  # noqa: E402, F401, F403
from pmt.process import DATETIME_NOW_FORMAT, LOGGER_PREFIX  # noqa: E402, F401

KEY_TIMESTAMP = "timestamp"
KEY_ELAPSED_TIME = "elapsed_time"
KEY_LABEL = "label"
KEY_PROCESS_ID = "pid"

#: A line of a log with a record: what stands before it, and its JSON.
RE_LOG_LINE = re.compile(r"^.+?%s(-START|-STOP)?\s*(.+)$" % LOGGER_PREFIX)

#: A program for gnuplot: GNUPLOT_PLT.format(name=, extension=, labels=).
GNUPLOT_PLT = """\
set terminal {extension} size 1000,700
set output "{name}.{extension}"
set title "Memory and CPU use of {name}"
set xlabel "Seconds since the process began"
set ylabel "RSS (MiB)"
set y2label "Page faults (10,000/s), CPU (%)"
set ytics nomirror
set y2tics
set grid
{labels}
plot "{name}.dat" using 1:($2 / 1048576) title "RSS" with lines, \\
     "" using 1:($3 / 10000) axes x1y2 title "Page faults" with lines, \\
     "" using 1:5 axes x1y2 title "Mean CPU" with lines, \\
     "" using 1:6 axes x1y2 title "CPU" with lines
"""


def __getattr__(name):
    if name != "PSUTIL_PROCESS_AS_DICT_KEYS":
        raise AttributeError(name)
    import psutil
    return sorted(psutil.Process().as_dict())


class ProcessLoggingThread(_process.ProcessLoggingThread):
    """pmt.process.ProcessLoggingThread with pymemtrace's order of arguments.

    Its first positional argument is group; an interval there is taken too.
    """

    def __init__(self, group=None, target=None, name=None, daemon=None,
                 interval=1.0, log_level=logging.INFO, pid=-1):
        if isinstance(group, (int, float)):
            group, interval = None, group
        super().__init__(interval, log_level, pid, group=group, target=target,
                         name=name or "ProcMon",
                         daemon=True if daemon is None else daemon)


def main():
    """The command line of pmt.process, and what pymemtrace says at its end."""
    status = _process.main()
    if status == 130:
        print("KeyboardInterrupt!")
        status = 0
    if status == 0:
        print("Bye, bye!")
    return status


if __name__ == "__main__":
    sys.exit(main())
