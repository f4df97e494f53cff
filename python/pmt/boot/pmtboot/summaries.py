# SPDX-License-Identifier: MIT
"""Summaries on SIGUSR1, and who holds what in those of every so often."""
import os

from .board import sentence
from .job import unseen

# How often to look whether the child that looks for holders is done, and to
# begin another one at most.
SECONDS = 0.05
AT_MOST = 1.0


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


class Summaries(object):
    """A report waits for its holders, the program does not.

    All is done by CPython's own handlers, between two instructions of the main
    thread: SIGUSR1 asks for a report, unless the program takes that signal; a
    timer looks whether it can be written.
    """

    def __init__(self, board, session, holders, seconds):
        from _signal import SIGRTMAX, SIGUSR1
        self.board, self.session, self.holders = board, session, holders
        self.often = max(seconds, AT_MOST) if seconds else 0
        self.pid = os.getpid()
        self.asked = self.looking = self.begun = False
        self.timer, self.times = SIGRTMAX - 1, False
        # Made here: the log has what is made once tracing has begun.
        self.handlers = {SIGUSR1: self.ask, self.timer: self.look}

    def begin(self):
        from _signal import SIG_DFL, SIGUSR1, getsignal, signal
        self.begun = True
        signal(SIGUSR1, self.handlers[SIGUSR1])
        self.times = bool(self.holders) and getsignal(self.timer) == SIG_DFL
        if self.times:
            signal(self.timer, self.handlers[self.timer])
            self.holders.start_timer(self.timer, self.often)

    def ask(self, number, frame):
        self.asked = True
        if self.times and os.getpid() == self.pid:
            self.look(number, frame)
        else:
            self.write()

    def look(self, number, frame):
        """Begin to look, or look on, and go on as it stands."""
        try:
            if not self.looking:
                self.looking = unseen(self.session, self.holders.begin,
                                      self.session)
                if self.looking:
                    self.holders.start_timer(self.timer, SECONDS)
            elif self.holders.wait(False):
                self.looking = False
                self.holders.start_timer(self.timer, self.often)
                unseen(self.session, self.holders.write_found, self.session)
        except RuntimeError:
            # An inner block traces, or none does: the report has no holders.
            self.looking = False
            self.holders.take()
        if self.asked and not self.looking:
            self.write()

    def write(self):
        self.asked = False
        try:
            self.session.write_summary()
            keep_report(self.session.log_file_path())
        except OSError as error:
            self.board.write("incomplete", sentence(error))
        except RuntimeError:
            pass  # Tracing has ended; the report is there.

    def end(self):
        """What was asked for is written; the last report is another."""
        from _signal import SIG_IGN, getsignal, signal
        if self.asked:
            self.holders.wait(True)
            self.look(0, None)
        if self.times and os.getpid() == self.pid:
            self.holders.start_timer(self.timer, 0)
        for number, handler in self.handlers.items():
            if getsignal(number) == handler:
                signal(number, SIG_IGN)
