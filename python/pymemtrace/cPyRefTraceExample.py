# SPDX-License-Identifier: MIT
"""Count objects from here to there: needs Python 3.13."""
import sys

if sys.version_info < (3, 13):
    raise ImportError("reference tracing needs Python 3.13 or newer, this is "
                      "%d.%d" % sys.version_info[:2])

from pmt._pmt import ReferenceTracingSimple as _Tracing

__all__ = ["RefTraceCount"]


class RefTraceCount:
    """Counts what is created and destroyed as long as it lives itself."""

    __slots__ = "_tracing",

    def __init__(self):
        self._tracing = _Tracing()
        self._tracing.__enter__()

    def count_new(self):
        """Objects created so far."""
        return self._tracing.count_new()

    def count_del(self):
        """Objects destroyed so far."""
        return self._tracing.count_del()

    def __del__(self):
        if hasattr(self, "_tracing"):
            self._tracing.__exit__(None, None, None)
