# SPDX-License-Identifier: MIT
"""How much memory a block added: see pmt.trace_malloc.

What differs here is the first argument's name, and that diff is a number where
nothing is known.
"""
import sys

from pmt import trace_malloc
from pmt.trace_malloc import (  # noqa: F401
    trace_malloc_log, trace_malloc_report)


class TraceMalloc(trace_malloc.TraceMalloc):
    """TraceMalloc(statistics_granularity="lineno")"""

    def __init__(self, statistics_granularity="lineno"):
        super().__init__(statistics_granularity)
        self.statistics_granularity = statistics_granularity

    @property
    def diff(self):
        """Bytes that the block added; -sys.maxsize - 1 if unknown."""
        diff = super().diff
        return -sys.maxsize - 1 if diff is None else diff
