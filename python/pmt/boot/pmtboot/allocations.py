# SPDX-License-Identifier: MIT
"""The job of -a, whose library was there before the interpreter."""
from .board import Unfit, sentence
from .job import Job
from .settings import load_extension


class NotPreloaded(Exception):
    """The program can run, but nothing will be noted."""


class Session:
    """The library that pmt-run preloaded, as a session.

    It writes its log by itself and tells pmt-run of it; here it learns when
    the program begins and ends.
    """

    BEGIN, END, SUMMARY = 1, 2, 3

    def __init__(self, package):
        self.begin_aside = self.end_aside = lambda: None
        try:
            extension = load_extension(package)
            self.mark = extension._allocation_mark
            self.begin_aside = extension._aside_begin
            self.end_aside = extension._aside_end
        except Unfit:
            # An interpreter that it does not know has no extension either.
            from ctypes import PyDLL
            function = getattr(PyDLL(None), "pmt_alloc_mark", None)
            self.mark = lambda mark: function and not function(mark)

    def __enter__(self):
        # If it is there and notes nothing, it has told why.
        if self.begin() is None:
            raise NotPreloaded("the library for -a was not loaded")

    def begin(self):
        """Forget what was allocated up to here."""
        return self.mark(self.BEGIN)

    def end(self):
        self.mark(self.END)

    def __exit__(self, *_):
        """It has ended before."""

    def write_summary(self):
        self.mark(self.SUMMARY)

    def log_file_path(self):
        """None: it is on the board already."""


class Allocations(Job):

    def make_session(self, package, settings):
        return Session(package)

    def begin(self):
        try:
            Job.begin(self)
        except NotPreloaded as error:
            self.board.append("shown", "")
            self.board.append("incomplete", sentence(error))

    def begun(self):
        self.session.begin_aside()
        self.session.begin()

    def ended(self):
        self.session.end_aside()
        self.session.end()
