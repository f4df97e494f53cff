# SPDX-License-Identifier: MIT
"""Heap snapshots: at the end, on SIGUSR2 and every so often."""
import os
import sys
import time

from .board import Unfit, sentence
from .job import unseen
from .settings import load_extension, seconds


class Snapshots:
    """The heap, in a file: at the end, on SIGUSR2 and every so often."""

    # Seconds that a program which goes on afterwards does not wait.
    PATIENCE = 5
    since = None

    def __init__(self, package, settings):
        from _signal import SIGRTMAX, SIGUSR2
        extension = load_extension(package)
        if not isinstance(extension.Holder, type):
            raise Unfit("the heap is walked on CPython 3.8 to 3.15")
        self.write_file = extension.heap_snapshot
        self.start_timer = extension._heap_timer
        self.seconds = seconds(settings, "heap-snapshot")
        self.output = os.fsdecode(settings.get("output", [b"."])[-1])
        self.asked, self.timer = SIGUSR2, SIGRTMAX
        self.count = 0
        self.begun = False

    def prepare(self, board, session, log):
        self.board, self.session, self.pid = board, session, os.getpid()
        self.base = self.beside(log)

    def begin(self, board, session, log):
        """Take the signals that nobody has, and see to the end."""
        from _signal import SIG_DFL, SIG_IGN, SIG_UNBLOCK
        from _signal import getsignal, pthread_sigmask, signal
        self.prepare(board, session, log)
        self.begun = True
        self.handler = self.write_now
        for number in self.asked, self.timer:
            if getsignal(number) in (SIG_DFL, SIG_IGN) and (
                    number == self.asked or self.seconds):
                signal(number, self.handler)
                if number == self.timer:
                    self.start_timer(number, self.seconds)
        # It may have come while the interpreter started.
        pthread_sigmask(SIG_UNBLOCK, [self.asked])

    def beside(self, log):
        """What our files' names begin with."""
        if log is not None:
            return os.path.abspath(os.path.splitext(log)[0])
        path = os.path.abspath(self.output)
        if os.path.isdir(path):
            from time import gmtime, strftime
            return "%s/%s_%d_H_PY%s" % (
                path, strftime("%Y%m%d_%H%M%S", gmtime()), os.getpid(),
                sys.version.split()[0])
        base, kind = os.path.splitext(path)
        return base if kind in (".pmtheap", ".pmt") else path

    def write_now(self, number, frame):
        self.write(False)

    def write(self, wait):
        path = self.base
        if os.getpid() != self.pid:
            path += ".%d" % os.getpid()
        if self.count > 0:
            path += "-%d" % (self.count + 1)
        path += ".pmtheap"
        try:
            self.write_unseen(path, wait)
        except Exception as error:
            self.board.write("no-snapshot", sentence(error))
        else:
            self.count += 1
            self.board.write("snapshot", os.fsencode(path))

    def is_writing(self):
        """Would wait() do that?  After a while it may."""
        try:
            self.write_file(None, False)
        except BlockingIOError:
            now = time.monotonic()
            if self.since is None:
                self.since = now
            return now - self.since < self.PATIENCE
        except OSError as error:
            self.board.write("no-snapshot", sentence(error))
        return False

    def wait(self):
        """Wait for the one that is being written."""
        try:
            self.write_file(None)
        except OSError as error:
            self.board.write("no-snapshot", sentence(error))

    def write_unseen(self, path, wait):
        try:
            unseen(self.session, self.write_file, path, wait)
            return
        except (AttributeError, RuntimeError):
            # Nobody traces objects, or a block of the program's own does.
            pass
        # Not above, where an exception would be in the heap.
        self.write_file(path, wait)

    def end(self):
        from _signal import SIG_IGN, getsignal, signal
        if os.getpid() != self.pid:
            return
        self.start_timer(self.timer, 0)
        for number in self.asked, self.timer:
            if getsignal(number) is self.handler:
                signal(number, SIG_IGN)
            elif number == self.asked:
                self.board.write("signal-taken", "")
        self.write(True)
