# SPDX-License-Identifier: MIT
"""Summaries on SIGUSR1."""
import os

from .board import sentence


def keep_report(path):
    """Give it a second name, for the next report takes its place."""
    number = 1
    while os.path.isfile(path):
        try:
            os.link(path, "%s.%d" % (path, number))
        except FileExistsError:
            number += 1
        else:
            break


def write_on_signal(board, session):
    """SIGUSR1 writes the summary, unless the program takes that signal.

    Through CPython's own handler: the report is written between two
    instructions of the main thread, and a wait that was interrupted goes on.
    """
    from _signal import SIGUSR1, signal

    def write(number, frame):
        try:
            session.write_summary()
            keep_report(session.log_file_path())
        except OSError as error:
            board.write("incomplete", sentence(error))
        except RuntimeError:
            pass  # Tracing has ended; the report is there.

    signal(SIGUSR1, write)
