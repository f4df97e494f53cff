# SPDX-License-Identifier: MIT
"""What pmt-run asked for, from its begin to its end."""
import os
import sys

from .board import Unfit, sentence
from .settings import seconds


class Job(object):
    """A session not yet entered, and what is to be written beside its log."""

    FIRST_PYTHON = 3, 8
    holders = None
    over = finished = False

    def __init__(self, board, package, settings):
        self.board = board
        board.write("oldest", self.FIRST_PYTHON[1])
        if sys.version_info < self.FIRST_PYTHON:
            raise Unfit("%s tracing needs Python %d.%d or newer" % (
                (os.fsdecode(settings["tracer"][-1]),) + self.FIRST_PYTHON))
        self.session = self.make_session(package, settings)
        self.summaries = self.snapshots = None
        if "summary" in settings:
            from .summaries import Summaries
            self.summaries = Summaries(board, self.session, self.holders,
                                       seconds(settings, "summary"))
        if "heap-snapshot" in settings:
            from .snapshots import Snapshots
            self.snapshots = Snapshots(package, settings)

    def enter(self):
        """Start tracing; returns the path of the log, or None."""
        # Made here, as what is made later would be in the log.
        self.no_error = None, None, None
        self.last, self.very_last = self.end_parts, self.finish_parts
        self.leave = self.session.__exit__
        # What our log lacks is not for the program to say: pmt-run does.
        self.raised = ("error", None, RuntimeWarning, None, 0)
        self.session.__enter__()
        if self.holders:
            self.holders.note(False)
        # No write(), whose stat_result would be the first object of the log.
        path = self.session.log_file_path()
        if path is None:
            self.board.append("shown", "")
        else:
            self.board.append("summary" if self.summaries else "log",
                              os.fsencode(path))
        return path

    def begin(self):
        """The same for a program that starts; and see to its end."""
        import atexit
        board, session = self.board, self.session
        finish, end = self.finish, self.end
        self.note_forks()
        self.note_end(atexit.register, end, finish)
        path = self.enter()
        if board.follows:
            board.append("followed", os.getppid())
        if self.summaries:
            self.summaries.begin()
        # After __enter__(): it must run before the extension's own handler.
        atexit.register(finish)
        atexit.register(end)
        self.begun()
        if self.snapshots:
            self.snapshots.begin(board, session, path)

    def attach(self):
        """The same for a program that runs already; attached.py ends it."""
        path = self.enter()
        if self.snapshots:
            self.snapshots.prepare(self.board, self.session, path)

    def is_busy(self):
        """Is something under way without which detach() would wait?"""
        return False

    def detach(self):
        if self.snapshots:
            self.snapshots.write(True)
        self.finish()

    def end(self):
        """The program has ended; what it has atexit comes next."""
        if not self.over:
            self.over = True
            self.attempt(self.last)

    def end_parts(self):
        if self.summaries and self.summaries.begun:
            self.summaries.end()
        self.ended()
        if self.snapshots and self.snapshots.begun:
            self.snapshots.end()

    def finish(self):
        """The process ends: once, unless by a signal or another program."""
        if not self.finished:
            self.finished = True
            # An interrupt of what waits must not cost what is known.
            try:
                try:
                    self.end()
                finally:
                    self.attempt(self.very_last)
            finally:
                self.report()

    def finish_parts(self):
        self.ending()
        self.leave(*self.no_error)

    def attempt(self, action):
        """What goes wrong is for pmt-run to tell."""
        filters = sys.modules.get("warnings",
                                  sys.modules["_warnings"]).filters
        filters.insert(0, self.raised)
        try:
            action()
        except Exception as error:
            self.board.write("incomplete", sentence(error))
        finally:
            filters.remove(self.raised)

    def note_end(self, register, end, finish):
        extension = sys.modules.get("pmt._pmt")
        if extension is not None:
            extension._note_end(register, end)
            extension._note_leave(finish)
            # To show an error imports modules, which is not the program's.
            if not sys.flags.interactive and not sys.flags.inspect:
                extension._note_uncaught(sys.__excepthook__, end)

    def note_forks(self):
        """Have each child tell the board, at best without an event."""
        extension = sys.modules.get("pmt._pmt")
        if extension is not None:
            extension._note_forks(self.board.descriptor)
            note_starts(extension)
        else:
            os.register_at_fork(
                after_in_child=lambda: self.board.write("forked", ""))

    def begun(self):
        """The program's first line is next."""

    def ended(self):
        """What is to be looked at before the functions of atexit."""

    def ending(self):
        """What is to be written while the session is entered."""

    def report(self):
        """Write the outcome on the board."""

    def report_limit(self):
        if self.session.rows_left_out():
            self.board.write("left-out", self.session.rows_left_out())


def note_starts(extension):
    """Have each start of a program be told; nothing stays imported."""
    there = "_posixsubprocess" in sys.modules
    import _posixsubprocess
    if not there:
        del sys.modules["_posixsubprocess"]
    extension._note_starts(sys.modules["posix"], _posixsubprocess)


def unseen(session, work, *arguments):
    """What we make meanwhile is not the program's; what it made stays.

    A log of objects goes on to tell of other threads: what they destroyed
    unseen would be alive for ever, and in the way of what comes after it.
    """
    import gc
    ignore = getattr(session, "_ignore_thread", None)
    if ignore:
        ignored = ignore(True)
    else:
        session.suspend()
    collects = gc.isenabled()
    gc.disable()
    try:
        return work(*arguments)
    finally:
        if ignore:
            ignore(ignored)
        else:
            session.resume()
        if collects:
            gc.enable()
