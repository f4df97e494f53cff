# SPDX-License-Identifier: MIT
"""Jobs that write no log."""
import os
import sys

from .job import Job
from .settings import seconds


class Top(Job):
    """pmt.top for a whole program; it writes to standard error."""

    def make_session(self, package, settings):
        # Here the package itself is needed; the program may find another.
        sys.path.insert(0, os.path.dirname(package))
        try:
            from pmt.top import ProgramTop
        finally:
            del sys.path[0]
        return ProgramTop(seconds(settings, "seconds"))


class NoSession(object):

    def __enter__(self):
        pass

    def __exit__(self, *_):
        pass

    def log_file_path(self):
        """None."""


class Nothing(Job):
    """Heap snapshots alone."""

    def make_session(self, package, settings):
        return NoSession()

    def look(self):
        """Apart from attach(), so that no two pauses are one."""
        self.snapshots.write(False)

    def is_busy(self):
        return self.snapshots.is_writing()

    def detach(self):
        self.snapshots.wait()
        self.finish()
