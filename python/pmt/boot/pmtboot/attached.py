# SPDX-License-Identifier: MIT
"""Begin and end tracing in a program that runs already.

pmt-run has the main thread call these between two of its instructions: they
raise nothing, and leave nothing but the extension, and what they keep there.
"""
import atexit
import os
import sys

from . import leave, make_job
from .board import Board, Unfit, sentence


class Keeper:
    """What the extension keeps for us as _attached."""

    def __init__(self):
        self.job = None
        os.register_at_fork(after_in_child=self.note_fork)

    def note_fork(self):
        if self.job is not None:
            self.job.board.write("forked", "")

    def begin(self, job):
        job.attach()
        self.job = job
        atexit.register(job.finish)

    def look(self):
        """Called from outside, where there is no more to be done."""
        answer(self.job.board, self.job.look)

    def end(self):
        """Called from outside; nothing is imported, which would be traced."""
        if is_busy(self.job):
            self.job.board.write("again", "")
            self.job.board.write("answer", "")
            return
        job, self.job = self.job, None
        atexit.unregister(job.finish)
        answer(job.board, job.detach)
        os.close(job.board.descriptor)


def is_busy(job):
    """The program is not to wait; what fails here fails again."""
    try:
        return job.is_busy()
    except Exception:
        return False


def answer(board, action, *arguments):
    """Tell pmt-run what came of it, and nobody else.

    After that no function in Python is called: while the next pending call is
    queued, CPython 3.11 enters none in a pending call that is traced.
    """
    try:
        action(*arguments)
    except BaseException as error:
        board.write("unfit" if isinstance(error, Unfit) else "refused",
                    sentence(error) or type(error).__name__)
    leave()
    board.write("answer", "")


def make_and_begin(board, look):
    settings = board.settings()
    board.append("python", sys.version.split()[0])
    if sys.is_finalizing():
        raise RuntimeError("the program ends")
    keeper = getattr(sys.modules.get("pmt._pmt"), "_attached", None)
    if keeper is not None and keeper.job is not None:
        raise RuntimeError("another pmt-run is attached to it")
    job = make_job(board, settings)
    job.parts = leave()
    if keeper is None:
        keeper = sys.modules["pmt._pmt"]._attached = Keeper()
    keeper.begin(job)
    if look:
        job.look()


def begin(path, look):
    """LOOK at once: whoever sleeps long shall not be waited for twice."""
    board = Board(os.open(path, os.O_RDWR | os.O_APPEND | os.O_CLOEXEC))
    answer(board, make_and_begin, board, look)
